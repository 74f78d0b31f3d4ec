"""What the command says about sticks, in Japanese and in English."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "exported": (
        "USBメモリーに {sent}件 のせました。役場へ 運んでください。町が まだ 受けとっていない記録 {waiting}件。",
        "{sent} records are on the stick; carry it to the town. Not receipted yet: {waiting}.",
    ),
    "imported": (
        "役場からの 受領証 {receipted}件を 受けとりました。未送信 {waiting}件、保留 {quarantined}件。",
        "Took in {receipted} receipts. Waiting {waiting}, set aside {quarantined}.",
    ),
    "pulled": (
        "箱 {boxes}台の 記録 {records}件を 受けとり、新しく {new}件を 開きました。",
        "Took {records} records of {boxes} boxes; {new} were new to the office.",
    ),
    "pushed": (
        "箱 {boxes}台の 記録 {records}件に 返事をしました。「開いた」一覧 {lists}枚を 新しく 出しました。",
        "Answered {records} records of {boxes} boxes; {lists} opened lists are new.",
    ),
    "pack_signed": (
        "内容パックに 署名しました。{version} の版（{files}）。",
        "Signed the content packs, version {version} ({files}).",
    ),
    "pack_stays": ("  {name} は 施設ごとのものなので 入れていません。", "  {name} belongs to a facility and stays."),
    "pack_laid_out": (
        "線でつながる箱は つぎの送受信で、USBメモリーの箱は つぎの `town push` で 受けとり、"
        "そのつぎに 動かしたときから使います。",
        "Boxes on the wire fetch them with their next run, those on sticks after the next `town push`, and use them"
        " from their next start.",
    ),
    "pack_to_push": (
        "受信側は ほかの機械です。`town push --receiver …` で 出してください。",
        "The receiver stands elsewhere; lay them out there with `town push --receiver ...`.",
    ),
    "stick_batch_refused": ("  受けとりませんでした: 箱 {what}", "  refused: box {what}"),
    "stick_registered": (
        "{number}番として 登録しました。USBメモリーに 番号の札を はってください。",
        "Registered as number {number}; put a label with it on the stick.",
    ),
    "stick_row": ("{number}番  {day} 登録{revoked}", "{number}  registered {day}{revoked}"),
    "stick_revoked": ("、{day} 取り消し", ", revoked {day}"),
    "stick_is_revoked": (
        "{number}番を 取り消しました。役場は もう 受けとりません。中の記録は 封がしてあり、箱にも のこっています。"
        "箱は、つぎの `town pull` と `push` のあとで 知り、断るようになります。",
        "Revoked number {number}; the office takes nothing from it. Its records are sealed, and still at their boxes."
        " Boxes refuse it once they have heard, after the next `town pull` and `push`.",
    ),
    "media_register": ("媒体管理簿:", "媒体管理簿 (register of media):"),
    "media_line": (
        "媒体管理簿に 書くこと: {at}  媒体 {stick}  {direction}  {records}件  {by}",
        "For 媒体管理簿 (register of media): {at}  stick {stick}  {direction}  {records} records  {by}",
    ),
    "stick_result_unwritten": (
        "RESULT.txt を USBメモリーに 書けませんでした（{why}）。",
        "RESULT.txt could not be written on the stick ({why}).",
    ),
    "media_unregistered": ("未登録", "未登録 (unregistered)"),
    "media_to_town": ("窓口から役場へ", "desk to town"),
    "media_to_desk": ("役場から窓口へ", "town to desk"),
    "office_locked": (
        "役場の画面を {address}/office で 開いています。鍵は かかっています。画面で 合言葉を 入れてください。",
        "The office is at {address}/office, locked; type the passphrase at its page.",
    ),
    "office_pin_missing": (
        "--passphrase-file で 開くときは --pin も いります。どちらも なければ、画面で 合言葉を 入れて開きます。",
        "--passphrase-file needs --pin as well; without both, the page asks for the passphrase.",
    ),
}
