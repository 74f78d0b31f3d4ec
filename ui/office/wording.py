"""The words for what records name by a word of the protocol; a word that is missing here is shown as it is."""

from collections.abc import Mapping

ROLES: Mapping[str, str] = {
    "promotion_volunteer": "デジタル推進委員",
    "instructor": "講師",
    "facility_staff": "館の職員",
    "ict_support": "ICT支援員",
}

MATTERS: Mapping[str, str] = {
    "signed_in": "使いはじめました",
    "sign_in_refused": "暗証番号が ちがいました",
    "locked_out": "まちがいが つづき、しばらく使えなくしました",
    "signed_out": "使いおわりました",
    "pin_reset": "暗証番号を 作りなおしました",
    "pin_changed": "自分の暗証番号を 変えました",
    "card_enrolled": "係の カードを 登録しました",
    "card_revoked": "係の カードの 登録を やめました",
    "card_used": "カードで 使いはじめました",
    "card_refused": "登録の ない カードなどを 断りました",
    "staff_added": "係を 登録しました",
    "staff_changed": "係の登録を 変えました",
    "token_issued": "鍵（トークン）を 発行しました",
    "token_revoked": "鍵（トークン）を 取り消しました",
    "token_used": "鍵（トークン）が この日 はじめて 使われました",
    "token_refused": "使えない鍵（トークン）を 断りました",
    "command_refused": "許されていない操作を 断りました",
    "set_up": "はじめの設定を しました",
}

PLACES: Mapping[str, str] = {
    "screen": "箱の画面",
    "lan": "タブレット",
    "api": "ほかのプログラム",
    "console": "箱の命令",
}


def spell(words: Mapping[str, str], word: str) -> str:
    """What people call it."""
    return words.get(word, word)


def hours(minutes: int) -> str:
    """3時間20分."""
    whole, rest = divmod(minutes, 60)
    return f"{whole:,}時間{rest}分" if whole else f"{rest}分"
