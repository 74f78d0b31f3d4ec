"""The interface words of what lies ready beside the calls: the card against fraud, where help ends."""

from collections.abc import Mapping
from types import MappingProxyType

JA: Mapping[str, str] = MappingProxyType(
    {
        "fraud": "詐欺カード",
        "fraud.hang_up": "電話中なら いったん切りましょう",
        "fraud.enter_nothing": "お金・カード番号・暗証番号は 入れません",
        "fraud.numbers": "消費者ホットライン 188／警察相談 #9110／振り込んだあとは 110",
        "fraud.record": "記録する",
        "fraud.record_hint": "つぎの画面で 年代と おわりかたを 押すと 記録されます。メモは 書きません。",
        "fraud.record_visit": "{since} からの 対応を 記録する",
        "fraud.record_now": "この相談を 記録する",
        "fraud.record_other": "ほかの人の 相談を 記録する",
        "fraud.back": "記録せずに もどる",
        "telephone": "{hall}への電話メモ",
        "telephone.number": "かける先",
        "telephone.who": "{name} {hall} {section}",
        "telephone.hours": "つながる時間",
        "telephone.say": "言うこと（そのまま 読めます）",
        "telephone.kept": "この画面は 何も 保存しません。メモは 紙に 書き、おわったら ご本人に わたしてください。",
        "late.answered": "ほかの係が 対応しています。あなたの 画面の 記録は そのままです。",
        "late.ended": "その よびだしは ほかの画面で おわっています。あなたの 画面の 記録は そのままです。",
        "look": "画面と 音",
        "look.kept": "この ブラウザだけの 設定です。だれが 使っているかは おぼえません。",
        "look.size": "字の 大きさ",
        "look.size.usual": "ふつう",
        "look.size.large": "大きい",
        "look.size.largest": "もっと大きい",
        "look.hand": "どちらの手で",
        "look.hand_hint": "左手なら、おもな ボタンが 左に ならびます",
        "look.hand.right": "右手",
        "look.hand.left": "左手",
        "look.sound": "あたらしい よびだしで",
        "look.sound_hint": "図書館など しずかな 場所では 鳴らさないで ください",
        "look.sound.off": "鳴らさない",
        "look.sound.on": "音を 鳴らす",
        "look.save": "この設定に する",
        "look.try": "音を ためす",
        "look.try_hint": "聞こえないときは、この端末の 音の大きさを 見てください。",
        "look.ask": "よびだしが ありました。音を 出すには、いちど 押してください。",
        "look.allow": "音を 出す",
        "tip": "きょうの一枚",
        "boundary.advised": "{place}を 案内した",
    }
)
