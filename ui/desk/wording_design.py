"""The interface words of the page that shows every piece of the design."""

from collections.abc import Mapping
from types import MappingProxyType

JA: Mapping[str, str] = MappingProxyType(
    {
        "design": "画面の 部品",
        "design.what": "画面は この部品で できています。ここで 押しても、何も 記録されません。",
        "design.strips": "上の帯（記録の ようす）",
        "design.icons": "しるし（かならず ことばと いっしょに）",
        "design.buttons": "ボタン",
        "design.primary": "する",
        "design.secondary": "ほかの道",
        "design.quiet": "ひかえめ",
        "design.wide": "はばいっぱい",
        "design.link": "ほかの画面へ",
        "design.chips": "えらぶ札",
        "design.several": "いくつでも",
        "design.one": "ひとつだけ",
        "design.fields": "書くところ",
        "design.name": "なまえ",
        "design.hint": "ここに 例や 決まりを 書きます",
        "design.wrong": "読みとれませんでした。例のように 書いてください。",
        "design.memo": "メモ",
        "design.list": "一覧から えらぶ",
        "design.day": "日づけ",
        "design.undo": "「スマホの操作・解決した」を 記録しました",
        "design.undo_bar": "取り消しの帯",
        "design.rows": "行",
        "design.row": "1番のボタン",
        "design.waited": "12:04 から 4分",
        "design.nothing": "いまは ありません",
        "design.messages": "知らせ",
        "design.fault": "起きたこと。まだ できること。してほしいこと。",
        "design.good": "できました",
        "design.more": "くわしく",
        "design.table": "表",
        "design.columns": "時刻,内容,件数",
        "design.chart": "内容別の件数",
        "design.chart_note": "同じ数字が 表と 棒の 両方に 出ます",
        "design.digits": "遠くから 読む数字",
        "design.tiles": "人を えらぶ札",
    }
)
