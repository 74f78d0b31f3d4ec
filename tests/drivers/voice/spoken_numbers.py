"""Numbers as Japanese says them, worked out without any dictionary, to hold the voice against."""

DIGITS = ["", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー"]
HUNDREDS = [
    "",
    "ヒャク",
    "ニヒャク",
    "サンビャク",
    "ヨンヒャク",
    "ゴヒャク",
    "ロッピャク",
    "ナナヒャク",
    "ハッピャク",
    "キューヒャク",
]
DAYS = [
    *("", "ツイタチ", "フツカ", "ミッカ", "ヨッカ", "イツカ", "ムイカ", "ナノカ", "ヨーカ", "ココノカ", "トーカ"),
    *("ジューイチニチ", "ジューニニチ", "ジューサンニチ", "ジューヨッカ", "ジューゴニチ", "ジューロクニチ"),
    *("ジューシチニチ", "ジューハチニチ", "ジュークニチ", "ハツカ", "ニジューイチニチ", "ニジューニニチ"),
    *("ニジューサンニチ", "ニジューヨッカ", "ニジューゴニチ", "ニジューロクニチ", "ニジューシチニチ"),
    *("ニジューハチニチ", "ニジュークニチ", "サンジューニチ", "サンジューイチニチ"),
]
MONTHS = ["", "イチ", "ニ", "サン", "シ", "ゴ", "ロク", "シチ", "ハチ", "ク", "ジュー", "ジューイチ", "ジューニ"]
WEEKDAYS = {"月": "ゲツ", "火": "カ", "水": "スイ", "木": "モク", "金": "キン", "土": "ド", "日": "ニチ"}
MINUTES = ["", "イップン", "ニフン", "サンプン", "ヨンプン", "ゴフン", "ロップン", "ナナフン", "ハチフン", "キューフン"]


def number(value: int) -> str:
    """1 to 999."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    return HUNDREDS[hundreds] + (("" if tens == 1 else DIGITS[tens]) + "ジュー" if tens else "") + DIGITS[ones]


def people(count: int) -> str:
    """…人."""
    if count in (1, 2):
        return ("ヒトリ", "フタリ")[count - 1]
    return (
        number(count - 4) + "ヨニン"
        if count % 10 == 4 and count > 4
        else "ヨニン"
        if count == 4
        else number(count) + "ニン"
    )


def minutes(count: int) -> str:
    """…分, 1 to 99."""
    tens, ones = divmod(count, 10)
    if ones:
        return (number(tens * 10) if tens else "") + MINUTES[ones]
    return number(count).removesuffix("ジュー") + "ジュップン"


def hour(value: int) -> str:
    """…時."""
    if value == 0:
        return "ゼロジ"
    tens = number(value - value % 10) if value >= 10 else ""
    return tens + ["", "イチ", "ニ", "サン", "ヨ", "ゴ", "ロク", "シチ", "ハチ", "ク"][value % 10] + "ジ"


def day(month: int, date: int) -> str:
    """…月…日."""
    return f"{MONTHS[month]}ガツ{DAYS[date]}"
