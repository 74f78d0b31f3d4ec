"""What volunteers write down, put together from everyday sentences, so that compression has honest work."""

from dataclasses import dataclass
from random import Random

_WHO = (
    "母の代わりに来られた",
    "お孫さんと",
    "初めての方",
    "先週に続いて",
    "ご夫婦で",
    "耳が遠いので筆談で",
    "民生委員の紹介で",
)
_WHAT = (
    "LINEの通知が鳴らない",
    "写真を孫に送りたい",
    "マイナポータルにログインできない",
    "機種変更の後、電話帳が消えた",
    "暗証番号を三回まちがえてロック",
    "迷惑メールが一日に{n}件来る",
    "Wi-Fiにつながらない",
    "病院の予約を画面から取りたい",
    "文字が小さくて読めない",
    "身に覚えのない請求が{n}円届いた",
    "バスの時刻を調べたい",
    "電子申請の添付で止まった",
)
_DONE = (
    "設定を一緒に確認した",
    "紙に手順を書いて渡した",
    "市民課の窓口を案内",
    "消費生活センターの電話番号を伝えた",
    "再起動で直った",
    "次回は充電器を持参してもらう",
    "ご自分で操作して{n}回目にできた",
    "詐欺なので返信しないよう説明した",
    "販売店に行くことに",
)


@dataclass(frozen=True)
class Chosen:
    """What a volunteer chose and wrote."""

    topics: list[str]
    age_band: str
    outcome: str
    memo: str | None


def consultation(random: Random, length: int) -> Chosen:
    """A consultation with a memo of so many characters; without one for 0."""
    return Chosen(
        topics=random.sample(["phone", "my_number_card", "online_application", "messages", "password"], 2),
        age_band=random.choice(["65to74", "75to84", "from85"]),
        outcome=random.choice(["resolved", "continued", "partly"]),
        memo=_memo(random, length) if length else None,
    )


def _memo(random: Random, length: int) -> str:
    text = ""
    while len(text) < length:
        sentence = f"{random.choice(_WHO)}、{random.choice(_WHAT)}とのこと。{random.choice(_DONE)}。"
        text += sentence.format(n=random.randint(2, 98000))
    return text[:length]
