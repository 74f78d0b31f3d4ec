"""What the desk says of cards: what lies there, how long it is valid, how many tries are left."""

from collections.abc import Mapping
from types import MappingProxyType

JA: Mapping[str, str] = MappingProxyType(
    {
        # simulated cards on the page of the virtual hardware
        "hardware.cards": "カードを 置く（つくりものの カード）",
        "hardware.card_none": "いま カードは ありません",
        "hardware.card_lies": "いま カードが 置いてあります",
        "hardware.card_lift": "カードを とる",
        "hardware.card.valid": "期限まで 長いカード",
        "hardware.card.soon": "あと24日の カード",
        "hardware.card.expired": "期限が すぎたカード",
        "hardware.card.one_try": "のこり1回の カード",
        "hardware.card.locked": "止まっているカード",
        "hardware.card.phone": "スマホ",
        "hardware.card.transport": "交通系の カード",
        "hardware.card.unknown_token": "まだ知らない種類の カード",
        "hardware.card.long_name": "名まえの とても長い方の カード",
        "hardware.card.silent": "だまるカード",
        "hardware.card.pulled": "とちゅうで 離れるカード",
    }
)
