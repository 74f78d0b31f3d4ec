"""The interface words of the desk; whatever belongs to the municipality comes from its catalogue instead."""

from collections.abc import Mapping
from types import MappingProxyType

JA: Mapping[str, str] = MappingProxyType(
    {
        # the strip and the clock
        "strip.saved": "保存できています",
        "strip.unsent": "{municipality}へ 未送信 {count}件（自動で送ります）",
        "strip.lost": "箱とつながっていません。そのまま続けられます。{time} の情報です",
        "strip.signed_out": "もう一度 暗証番号を 入れてください。書いたものは このまま 残っています。",
        "strip.again": "べつの画面で 暗証番号を 入れる",
        "refresh": "いまの状態を 見る",
        # sign-in
        "sign_in": "はじめる",
        "sign_in.pin": "暗証番号",
        "sign_in.hint": "係の人の 暗証番号です。来た人の 番号では ありません。",
        "sign_in.wrong": "暗証番号が ちがいます。もう一度 どうぞ。",
        "sign_out": "席をはなれる",
        "signed_out": "暗証番号を もう一度 入れてから 使ってください。",
        "stale_page": "この画面は 古くなっています。はじめの画面から もう一度 どうぞ。",
        # the volunteer's page
        "desk": "窓口",
        "calls": "よびだし",
        "calls.none": "待っている人は いません",
        "calls.waiting": "よびだし {count}件",
        "calls.show": "見にいく",
        "call": "{button}番のボタン",
        "call.waited": "{time} 待っています（{since} から）",
        "call.just": "いま よびだしました（{since}）",
        "call.unattended": "係が いない時間の よびだし",
        "call.answer": "対応する",
        "call.answer_label": "{button}番の よびだしに 対応する",
        "call.more": "ほかの おわりかた",
        "call.cancel": "押しまちがいだった",
        "visits": "対応中",
        "visits.none": "対応中の人は いません",
        "visit": "{since} から",
        "visit.lasted": "{time} たちました",
        "visit.just": "いま はじめました",
        "visit.end": "おわる",
        "visit.end_label": "{since} からの 対応を おわる",
        "walk_in": "窓口で直接受け付ける",
        "today": "きょうの記録",
        "today.none": "きょうの記録は まだ ありません",
        "today.unreadable": "きょうの記録を いま 読みだせません。保存したものは 無事です。",
        "today.columns": "時刻,相談,おわりかた,時間",
        "undo.saved": "「{topics}・{outcome}」を 記録しました",
        "undo": "取り消す",
        # the log page
        "log": "相談の記録",
        "log.topics": "どんな相談でしたか",
        "log.topics_hint": "いくつでも えらべます",
        "log.grid": "年代と おわりかた",
        "log.grid_hint": "押すと 記録されます。年代は 聞かなくて かまいません",
        "log.more": "もっと書く（なくても かまいません）",
        "log.people": "人数",
        "log.channel": "どこで",
        "log.referred_to": "案内した先",
        "log.no_referral": "案内していない",
        "log.memo": "メモ",
        "log.memo_hint": "お名前・番号・暗証番号は 書きません。保存すると {hall}だけが 読めます。",
        "log.back": "記録せずに もどる",
        "log.saved_before": "さきほどの内容で 記録ずみです。もう一度 押すと、べつの記録が ふえます。",
        "correct": "記録を なおす",
        "correct.hint": "えらびなおして、年代と おわりかたを 押すと 記録されます。前のメモは もう 読めません。",
        "correct.open": "なおす",
        "correct.open_label": "{time} の記録「{topics}」を なおす",
        "people.1": "1人",
        "people.2": "2人",
        "people.3": "3人以上",
        # what is wrong with an entry
        "wrong.topics": "どんな相談だったか えらんでください。書いたものは そのままです。",
        "wrong.age_band": "年代と おわりかたの ボタンを 押すと 記録されます。まだ 記録していません。",
        "wrong.memo": "メモが 長すぎます。2,000字までに してください。",
        "wrong.field": "ここを えらびなおしてください。",
        # time
        "time.minutes": "{minutes}分",
        "time.hours": "{hours}時間{minutes}分",
        # the virtual hardware
        "hardware": "よびだしボタン（ためし用）",
        "hardware.note": "ほんものの ボタン・表示灯・声の かわりです。",
        "hardware.press": "{button}番 よびだし",
        "hardware.said": "声が 言ったこと",
        "hardware.said_none": "まだ 何も 言っていません",
        "lamp.off": "消えています",
        "lamp.calling": "点滅しています（よびだし中）",
        "lamp.answered": "ついています（まいります）",
        "lamp.unattended": "ゆっくり点滅（係が いません）",
        "lamp.fault": "こわれています",
        # programs
        "api.token": "この API を使うには トークンが いります。",
        "api.scope": "このトークンでは ここは 使えません。",
        "api.key": "Idempotency-Key は 1〜128文字の 半角英数記号に してください。",
        "api.json": "本文は application/json で 送ってください。",
        "events.full": "見ている画面が 多すぎます。少し待って もう一度 どうぞ。",
    }
)


def say(key: str, /, **values: object) -> str:
    """The words for `key`, filled in; a key nobody wrote is a `KeyError`."""
    return JA[key].format(**values)


def duration(seconds: int) -> str:
    """A duration as people say it; empty in its first minute."""
    hours, minutes = divmod(seconds // 60, 60)
    if hours:
        return say("time.hours", hours=hours, minutes=minutes)
    return say("time.minutes", minutes=minutes) if minutes else ""
