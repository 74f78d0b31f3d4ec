"""What the command says, in Japanese or English by the locale."""

import os
from collections.abc import Mapping

from appliance import messages_doctor, messages_network, messages_provision, messages_stick, messages_voice
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
    "waits_for_keys": (
        "自治体の鍵が まだ ありません。はじめの設定と 練習だけ、{address} で 使えます。"
        "サイトキットで 登録すると 記録も はじまります。",
        "The municipality's keys are not here yet: set-up and practice alone run at {address}."
        " Records begin once the box is enrolled with the site kit.",
    ),
    "set_up": (
        "名簿が 空です。箱の画面で {address}/set-up を 開き、ICT支援員を 登録してください。",
        "The roster is empty: open {address}/set-up on the box's own screen and register ICT support.",
    ),
    "health_well": (
        "窓口は {address} で 開いています。町へ 未送信 {unsent}件。",
        "The desk is open at {address}; {unsent} records wait for the town.",
    ),
    "health_ill": ("窓口は 開いていますが、ぐあいの わるいところが あります: {what}", "The desk is open, but: {what}"),
    "receiver_serving": ("受信側を {address}/v1 で 開いています。", "The receiver is open at {address}/v1."),
    "office_serving": ("役場の画面を {address}/office で 開いています。", "The office is open at {address}/office."),
    "sent": (
        "町へ {sent}件 送り、{receipted}件の 受領証を 受けとりました。未送信 {waiting}件、保留 {quarantined}件。",
        "Sent {sent}, receipted {receipted}, waiting {waiting}, set aside {quarantined}.",
    ),
    "keys_made": (
        "鍵を {folder} に 作りました。\n  窓口へ 渡すもの: {public}",
        "Made the keys in {folder}.\n  for the desks: {public}",
    ),
    "passphrase": ("合言葉（8文字以上）: ", "Passphrase (8 characters or more): "),
    "passphrase_again": ("もう一度: ", "Once more: "),
    "passphrase_differs": ("二回の合言葉が ちがいます。", "The two passphrases differ."),
    "passphrase_short": ("合言葉は 8文字以上に してください。", "The passphrase needs 8 characters or more."),
    "passphrase_missing": (
        "合言葉を 聞けません。--passphrase-file で 渡してください。",
        "Cannot ask for the passphrase here; give it with --passphrase-file.",
    ),
    "staff_row": ("{number}番  {what}{state}", "{number}  {what}{state}"),
    "staff_volunteer": ("支援する人（ボランティア）", "volunteer"),
    "staff_facility_staff": ("館の職員", "facility staff"),
    "staff_ict_support": ("ICT支援員", "ICT support"),
    "staff_rests": ("（お休み）", " (not serving)"),
    "staff_pin": (
        "{number}番の 新しい暗証番号  {pin}\n  いちどしか 出ません。本人だけに 見せてください。",
        "New PIN of number {number}:  {pin}\n  It is shown once; show it to that person only.",
    ),
    "staff_kept": (
        "よび名には 鍵が かかったままです。いままでの番号を おぼえている人が はじめているあいだに、この番号で "
        "はじめると、読めるようになります。\n"
        "  だれも おぼえていないときは、--forget-names を 付けて もう一度。よび名は みな 入れなおしになります。",
        "Display names stay locked; they open to this PIN at a sign-in while somebody who remembers a PIN is there.\n"
        "  Where nobody remembers one, run this again with --forget-names; then every name has to be typed again.",
    ),
    "staff_forgotten": (
        "よび名は みな 番号になり、ほかの人の 暗証番号は もう 使えません。\n"
        "  この番号で はじめて、名簿で よび名を 入れなおし、暗証番号を つくりなおしてください。",
        "Every display name is a number now, and nobody else's PIN opens anything.\n"
        "  Sign in with this PIN, type the names again on the roster and make new PINs there.",
    ),
    "staff_taken": ("窓口が 受けとりました。いまから 使えます。", "The desk has taken it; it works from now on."),
    "staff_later": (
        "窓口は まだ 受けとっていません。窓口が 動きだすと 使えます。",
        "The desk has not taken it yet; it works once the desk runs.",
    ),
    "proof_none": ("禁止データ 0件", "Nothing forbidden was found."),
    "proof_found": ("禁止データ {found}件", "Forbidden: {found}."),
    "proof_not_all": (
        "見つかっていません。ただし 読めないファイルが {unread}個 あります。",
        "Nothing was found, but {unread} files could not be read.",
    ),
    "proof_amount": ("ファイル {files:,}個、{size:,}バイトを 読みました。", "Read {files:,} files, {size:,} bytes."),
    "proof_my_number": ("  {path}  マイナンバーのような数字", "  {path}  something like a My Number"),
    "proof_private_key": ("  {path}  秘密の鍵", "  {path}  a private key"),
    "proof_decoy": ("  {path}  目印のことば", "  {path}  one of the words given"),
    "proof_unread": ("  {path}  読めませんでした", "  {path}  could not be read"),
    "admitted": ("{name} を 登録しました（機器 {device}）。", "Admitted {name} (device {device})."),
    **messages_doctor.TEXTS,
    **messages_network.TEXTS,
    **messages_provision.TEXTS,
    **messages_stick.TEXTS,
    **messages_voice.TEXTS,
}


def is_japanese() -> bool:
    """Whether the locale asks for Japanese (POSIX: LC_ALL before LC_MESSAGES before LANG)."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return chosen.startswith("ja")


def text(key: str, **values: object) -> str:
    """The text with that key in the reader's language."""
    japanese, english = TEXTS[key]
    return (japanese if is_japanese() else english).format(**values)


def japanese(key: str, **values: object) -> str:
    """The text with that key for readers of a stick, whatever language the box's own console speaks."""
    return TEXTS[key][0].format(**values)


def words_of(error: MadoguchiError | Exception) -> str:
    """What an error tells a person: what happened in words, then what exactly."""
    said = getattr(error, "ja" if is_japanese() else "en", "")
    detail = str(error)
    return f"{said}\n  {detail}" if said and detail and detail != said else said or detail
