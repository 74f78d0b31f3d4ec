"""The interface words of cards by which staff sign in."""

from collections.abc import Mapping
from types import MappingProxyType

JA: Mapping[str, str] = MappingProxyType(
    {
        # at the sign-in
        "tap": "カードで はじめる",
        "tap.lay_down": "係の カードを 置くと はじめられます。",
        "tap.lies": "カードが 置かれました。",
        "tap.reading": "カードを 読んでいます。そのまま お待ちください。",
        "tap.left": "カードが 置いたままです。はなしてから、係の カードを 置くと はじめられます。",
        "tap.unreadable": "カードを 読めませんでした。1枚だけ、もう一度 置いてください。",
        "tap.no_reader": "いま、カードの読み取り装置が 使えません。下の 暗証番号で はじめられます。",
        "tap.pin": "{who}の 暗証番号を 入れてください",
        "tap.named": "{name} さん",
        "tap.numbered": "{number}番の かた",
        "tap.first": "カードは 読めました。きょうの はじめは、暗証番号も 入れます。"
        "つぎからは カードだけで はじめられます。",
        "tap.always": "カードは 読めました。館の職員と ICT支援員は、いつも 暗証番号も 入れます。",
        "tap.somebody_else": "ほかの人が はじめる",
        # on the roster
        "staff_card": "係の カード",
        "staff_card.has": "カードあり",
        "staff_card.give": "カードを 登録する",
        "staff_card.change": "カードを かえる",
        "staff_card.give_label": "{name}の カードを 登録する",
        "staff_card.change_label": "{name}の カードを かえる",
        "staff_card.revoke": "カードを 止める",
        "staff_card.revoke_label": "{name}の カードを 止める",
        # giving one
        "staff_card.of": "{name} さんの カード",
        "staff_card.how": "カードを 読み取り装置に 置いたまま、押してください。"
        "交通系の カードや、係のために 用意した カードが 使えます。マイナンバーカードと スマホは 使えません。",
        "staff_card.instead": "いままでの カードは 使えなくなります。",
        "staff_card.kept": "カードの番号は 残しません。この箱だけで わかる しるしに かえて 覚えます。",
        "staff_card.now": "このカードを 登録する",
        # one's own
        "own_card": "自分の カード",
        "own_card.has": "いま、カードで はじめられます。",
        "own_card.none": "まだ カードの 登録は ありません。",
        "own_card.pin": "自分の 暗証番号",
        "own_card.revoke": "自分の カードを 止める",
        "own_card.lost": "なくしたときは、すぐ 止めてください。館の職員も 止められます。",
        "own_card.done": "カードを 登録しました。つぎから カードを 置いて はじめられます。",
        "own_card.revoked": "カードを 止めました。",
    }
)
