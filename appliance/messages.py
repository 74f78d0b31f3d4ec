"""What the command says, in Japanese or English by the locale."""

import os
from collections.abc import Mapping

from appliance.desk.errors import MadoguchiError

TEXTS: Mapping[str, tuple[str, str]] = {
    "starting": ("見本の町を 用意しています …", "Preparing a model town ..."),
    "keys": ("  町の鍵を 作っています（はじめの一回だけ）", "  making the town's keys (first time only)"),
    "town": ("  受信側と 役場の画面", "  receiver and office"),
    "desk": ("  窓口の箱と 仮の機器", "  desk and virtual hardware"),
    "ready": ("用意ができました。おわるときは Ctrl-C", "Ready. Ctrl-C ends everything."),
    "volunteer": (
        "  支援する人の画面  {desk}/           暗証番号 {staff_pin}",
        "  volunteer page     {desk}/           PIN {staff_pin}",
    ),
    "others": (
        "  館の職員 2番      暗証番号 {facility_staff_pin} ／ ICT支援員 3番 暗証番号 {ict_support_pin}",
        "  facility staff 2   PIN {facility_staff_pin}; ICT support 3: PIN {ict_support_pin}",
    ),
    "hardware": ("  ボタンとランプ    {desk}/hardware", "  button and lamp    {desk}/hardware"),
    "office": (
        "  役場の集計        {town}/office     利用者 {office_user}・暗証番号 {office_pin}",
        "  office statistics  {town}/office     user {office_user}, PIN {office_pin}",
    ),
    "send": (
        "  町へ送る          madoguchi sync --config {config}",
        "  send to the town   madoguchi sync --config {config}",
    ),
    "stopped": ("おわりました。記録は {data} に あります。", "Stopped. The records are in {data}."),
    "serving": ("窓口を {address} で 開いています。", "The desk is open at {address}."),
    "set_up": (
        "名簿が 空です。箱の画面で {address}/set-up を 開き、ICT支援員を 登録してください。",
        "The roster is empty: open {address}/set-up on the box's own screen and register ICT support.",
    ),
    "receiver_serving": ("受信側を {address}/v1 で 開いています。", "The receiver is open at {address}/v1."),
    "office_serving": ("役場の画面を {address}/office で 開いています。", "The office is open at {address}/office."),
    "sent": (
        "町へ {sent}件 送り、{receipted}件の 受領証を 受けとりました。未送信 {waiting}件、保留 {quarantined}件。",
        "Sent {sent}, receipted {receipted}, waiting {waiting}, set aside {quarantined}.",
    ),
    "keys_made": (
        "鍵を {folder} に 作りました。\n"
        "  窓口へ 渡すもの: {public}\n"
        "  recovery.key は 別の媒体に 写して 金庫へ。合言葉を なくすと 記録は だれにも 開けません。",
        "Made the keys in {folder}.\n"
        "  for the desks: {public}\n"
        "  copy recovery.key to another medium and lock it away; without the passphrase nobody opens the records.",
    ),
    "passphrase": ("合言葉（8文字以上）: ", "Passphrase (8 characters or more): "),
    "passphrase_again": ("もう一度: ", "Once more: "),
    "passphrase_differs": ("二回の合言葉が ちがいます。", "The two passphrases differ."),
    "passphrase_short": ("合言葉は 8文字以上に してください。", "The passphrase needs 8 characters or more."),
    "passphrase_missing": (
        "合言葉を 聞けません。--passphrase-file で 渡してください。",
        "Cannot ask for the passphrase here; give it with --passphrase-file.",
    ),
    "admitted": ("{name} を 登録しました（機器 {device}）。", "Admitted {name} (device {device})."),
}


def is_japanese() -> bool:
    """Whether the locale asks for Japanese (POSIX: LC_ALL before LC_MESSAGES before LANG)."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return chosen.startswith("ja")


def text(key: str, **values: object) -> str:
    """The text with that key in the reader's language."""
    japanese, english = TEXTS[key]
    return (japanese if is_japanese() else english).format(**values)


def words_of(error: MadoguchiError | Exception) -> str:
    """What an error tells a person: what happened in words, then what exactly."""
    said = getattr(error, "ja" if is_japanese() else "en", "")
    detail = str(error)
    return f"{said}\n  {detail}" if said and detail and detail != said else said or detail
