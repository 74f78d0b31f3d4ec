"""The interface words of 「四つの項目」: what is read of a card, and how it goes again."""

from collections.abc import Mapping
from types import MappingProxyType

JA: Mapping[str, str] = MappingProxyType(
    {
        "items": "カードから 四つの項目を 読む",
        "items.notice": "利用目的の お知らせ",
        "items.what": "読むもの",
        "items.four": "名前、住所、うまれた日、性別。この 四つだけです。",
        "items.why": "なんのため",
        "items.purpose": "申請などの 書類に 書きうつすためです。ほかのことには 使いません。",
        "items.not": "読まないもの",
        "items.never": "マイナンバー（個人番号）と 顔写真は 読みません。読ませる命令が、この箱に ありません。",
        "items.when": "いつ 消えるか",
        "items.goes": "カードを 離したとき。読んでから {minutes}分 たったとき。係の人が 席を はなれたとき。"
        "「消す」を 押したとき。きょうは おしまいに したとき。",
        "items.nowhere": "箱に 保存しません。{hall}にも 送りません。",
        "items.may": "読み取ってよいですか",
        "items.own_answer": "カードの ご本人が こたえます。",
        "items.companion": "つきそいの方が 押すときは、ご本人に たしかめてから 押してください。",
        "items.yes": "はい",
        "items.no": "いいえ",
        "items.no_hand": "「いいえ」でも 相談は つづけられます。書類には 手で 書けます。",
        "items.lay_down": "「はい」を 押すまえに、カードを 読み取り装置に 置いてください。",
        "items.no_card": "カードが ありません。カードを 読み取り装置に 置いてから、「はい」を 押してください。",
        "items.ended": "四つの項目は 読んでいません",
        "items.again": "はじめから",
        "items.home": "窓口に もどる",
        "items.stop": "やめる",
        "items.stays": "読みおわるまで、カードは 置いたままに してください。",
        # by the numbers on its face
        "items.number_b": "カードの表の 番号で 読む",
        "items.number_b_what": "カードの表に 書いてある 三つを、書いてある とおりに 入れます。暗証番号は いりません。",
        "items.card": "カードの表の 絵。①は うまれた日、②は「まで有効」の 年、③は セキュリティコード。",
        "items.card_place": "絵の場所は だいたいです。",
        "items.card_born": "昭和25年3月8日生",
        "items.card_expires": "2031年3月8日まで有効",
        "items.card_code": "セキュリティコード",
        "items.born": "① うまれた日（6けた）",
        "items.born_hint": "年・月・日を 2けたずつ。昭和25年3月8日なら 250308。元年は 01。"
        "西暦で 書いてあるときは 年の おわりの 2けた。",
        "items.expires": "② 「まで有効」の 西暦の 年（4けた）",
        "items.expires_hint": "2031年3月8日まで有効 なら 2031",
        "items.code": "③ セキュリティコード（4けた）",
        "items.code_hint": "カードの表の 「セキュリティコード」の 数字",
        "items.open": "この番号で 読む",
        # by the PIN
        "items.pin": "4けたの 暗証番号で 読む",
        "items.pin_what": "ご本人が 入れます。係の人は 画面を 見ません。数字は 画面に 出ません。",
        "items.pin_field": "券面事項入力補助用の 暗証番号（4けた）",
        "items.pin_hint": "役場で カードを 受けとったときに 決めた 4けたの 数字です。係の人の 番号では ありません。",
        "items.pin_instead": "番号が 読みにくいときは、4けたの 暗証番号でも 読めます。",
        "items.pin_only_here": "4けたの 暗証番号は、箱の画面でだけ 入れられます。",
        "items.number_b_instead": "暗証番号を おぼえていなくても、カードの表の 番号で 読めます。",
        # tries
        "items.left": "あと {left}回 まちがえると、この番号は 止まります。",
        "items.not_right": "番号が ちがいます。あと {left}回 まちがえると、この番号は 止まり、"
        "{hall}で なおすことに なります。わからないときは ここで やめてください。",
        "items.last": "あと 1回 まちがえると、この番号は 止まり、{hall}で なおすことに なります。",
        "items.last_sure": "番号は たしかです。さいごの 1回を 使います",
        "items.last_unsure": "まだ カードに 送っていません。"
        "つづけるときは「番号は たしかです」を 押して、番号を もう一度 入れてください。",
        "items.locked": "この番号は まちがいが つづいたため 止まっています。{hall}の窓口で なおせます。",
        "wrong.items.born": "うまれた日は 年・月・日の 順に 6けたです。月と 日も 見てください。"
        "カードには まだ 送っていません。",
        "wrong.items.expires": "「まで有効」の 年は 20 から はじまる 4けたの 数字です。"
        "カードには まだ 送っていません。",
        "wrong.items.security_code": "セキュリティコードは 4けたの 数字です。カードには まだ 送っていません。",
        "wrong.items.card_pin": "暗証番号は 4けたの 数字です。カードには まだ 送っていません。",
        "items.type_again": "ほかの番号も 画面から 消しました。もう一度 入れてください。",
        # what was read
        "items.read": "カードから 読みました",
        "items.read_check": "ちがうところが あるときは 使わずに、手で 書いてください。",
        "items.name": "名前",
        "items.address": "住所",
        "items.birth": "うまれた日",
        "items.sex": "性別",
        "items.sex_male": "男",
        "items.sex_female": "女",
        "items.sex_other": "その他",
        "items.sex_unknown": "わかりません",
        "items.year": "{year}年",
        "items.year_of_era": "{year}年（{era}{number}年）",
        "items.day": "{month}月{day}日",
        "items.day_unknown": "（月日は カードに ありません）",
        "items.first_year": "元",
        "items.goes_in": "あと {minutes}分{seconds}秒で 消えます。カードを 離すと すぐ 消えます。",
        "items.erase": "消す",
        "items.gone": "四つの項目は 消えました",
        "items.gone_what": "名前・住所・うまれた日・性別は、もう この箱では 見られません。箱に 保存していません。",
        "items.read_again": "もう一度 読む",
    }
)
