"""How words of a desk are read: what the dictionary misreads is put right in its nodes; nothing is read or written."""

import re
from collections.abc import Callable, Sequence
from typing import Any

Node = dict[str, Any]
"""One word as Open JTalk found it: `string`, `pron`, `acc` (of the phrase it begins), `mora_size`, `chain_flag` ..."""

_DIRECTIONS = frozenset(
    {"右", "左", "奥", "上", "下", "前", "後ろ", "うしろ", "横", "手前", "あちら", "こちら", "そちら", "どちら"}
)
"""What 方 after の means a side of, ホー, and not a person."""
_SMALL = frozenset("ァィゥェォャュョヮ")
_NO_SOUND = frozenset("、。？！’ ")
_ADVICE = ("がよ", "が良", "がい", "が安", "が早", "が便")
"""What follows 方 in した方がよい and the like, where it is no person."""
UNREAD = "〓"
_AS_HEARD = (
    ("e-Tax", "イータックス"),
    ("ｅ－Ｔａｘ", "イータックス"),
    ("eL-QR", "エルキューアール"),
    ("#9110", "シャープ、キュー、イチ、イチ、ゼロ"),
    ("＃9110", "シャープ、キュー、イチ、イチ、ゼロ"),
    ("ホットライン 188", "ホットライン、イチ、ハチ、ハチ"),
    ("ホットライン188", "ホットライン、イチ、ハチ、ハチ"),
)
"""Written -> in katakana, never in hiragana: a particle after hiragana is taken for a part of the word."""


def written_as_heard(text: str) -> str:
    """`text` with the few names in katakana that no dictionary reads."""
    for written, heard in _AS_HEARD:
        text = text.replace(written, heard)
    return text


def long_vowels(katakana: str) -> str:
    """A reading as people write it, チョウヤクバ, in the way the voice says it, チョーヤクバ."""
    return re.sub(r"(?<=[オコソトノホモヨロゴゾドボポョユルクスツヌフムグズブプュ])ウ", "ー", katakana)


def put_right(nodes: Sequence[Node]) -> list[Node]:
    """The nodes with the readings a desk needs; those that were given stay as they are."""
    right = [dict(node) for node in nodes]
    for at, node in enumerate(right):
        fix = _FIXES.get(node["string"])
        if fix is not None:
            fix(right, at)
    return right


def kana_of(nodes: Sequence[Node]) -> str:
    """What will be heard, in katakana, with 、 for a pause and 〓 for letters that nobody can read to her."""
    return "".join(UNREAD if _is_unread(node) else str(node["pron"]).replace("’", "") for node in nodes).strip("、")


def _is_unread(node: Node) -> bool:
    """A kanji that no dictionary knows has become a pause."""
    return node["pron"] == "、" and any(letter.isalpha() for letter in node["string"])


def morae(kana: str) -> int:
    """How many beats that katakana has; a pause is none."""
    return sum(letter not in _SMALL and letter not in _NO_SOUND for letter in kana)


def _before(nodes: Sequence[Node], at: int, steps: int = 1) -> Node:
    return nodes[at - steps] if at >= steps else {"string": "", "pos": "", "pos_group1": "", "read": "", "ctype": ""}


def _after(nodes: Sequence[Node], at: int) -> Node:
    return nodes[at + 1] if at + 1 < len(nodes) else _before(nodes, -1)


def _say(nodes: Sequence[Node], at: int, pron: str, *, accent: int) -> None:
    """Read that node as `pron`, with the accent on its beat number `accent`, and move the accent of its phrase."""
    node, head = nodes[at], at
    while head > 0 and nodes[head]["chain_flag"] == 1:
        head -= 1
    beats_before = sum(int(one["mora_size"]) for one in nodes[head:at])
    longer = morae(pron) - int(node["mora_size"])
    phrase = nodes[head]
    if head == at or int(phrase["acc"]) > beats_before:
        phrase["acc"] = beats_before + accent
    node.update(read=pron, pron=pron, mora_size=int(node["mora_size"]) + longer)


def _person(nodes: Sequence[Node], at: int) -> None:
    """方: a person after の, た, な or a verb, but not a side (右の方) and not advice (した方がよい)."""
    before, particle = _before(nodes, at, 2), _before(nodes, at)
    if particle["string"] in {"の", "ノ"}:
        if before["string"] not in _DIRECTIONS:
            _say(nodes, at, "カタ", accent=2)
    elif particle["pos"] in {"動詞", "助動詞", "形容詞"} and not _is_advice(nodes, at):
        _say(nodes, at, "カタ", accent=2)


def _is_advice(nodes: Sequence[Node], at: int) -> bool:
    follows = "".join(node["string"] for node in nodes[at + 1 : at + 5])
    return follows.startswith(_ADVICE) and not follows.startswith("がいら")


def _tag(nodes: Sequence[Node], at: int) -> None:
    if _before(nodes, at)["string"] in {"番号", "整理", "名"}:
        _say(nodes, at, "フダ", accent=1)


def _seven(nodes: Sequence[Node], at: int) -> None:
    if _after(nodes, at)["string"] in {"人", "名", "分", "番", "件", "台"}:
        _say(nodes, at, "ナナ", accent=1)


def _what(nodes: Sequence[Node], at: int) -> None:
    if _after(nodes, at)["string"] in {
        "番",
        "人",
        "時",
        "分",
        "日",
        "曜日",
        "曜",
        "月",
        "年",
        "回",
        "階",
        "件",
        "度",
        "号",
    }:
        _say(nodes, at, "ナン", accent=1)


def _first_day(nodes: Sequence[Node], at: int) -> None:
    if str(_before(nodes, at)["string"]).endswith("月") or _after(nodes, at)["string"] == "から":
        _say(nodes, at, "ツイタチ", accent=4)


def _police(nodes: Sequence[Node], at: int) -> None:
    """ヒャクトーバン is the police's telephone, and not a ticket or a desk."""
    if _after(nodes, at)["string"] == "の":
        _say(nodes, at, "ヒャクジューバン", accent=7)


def _always(pron: str, *, accent: int) -> Callable[[Sequence[Node], int], None]:
    return lambda nodes, at: _say(nodes, at, pron, accent=accent)


_FIXES: dict[str, Callable[[Sequence[Node], int], None]] = {
    "方": _person,
    "札": _tag,
    "七": _seven,
    "何": _what,
    "一日": _first_day,
    "１日": _first_day,
    "１１０番": _police,
    "つぎは": _always("ツギワ", accent=2),
    "十分": _always("ジュップン", accent=3),
}
