"""What the command says about kits, enrolment and leaving, in Japanese and in English."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "recovery_envelopes": (
        "  控えの鍵の紙を 2枚 出しました。印刷して 封筒 2通に 入れ、別べつの場所に しまってください。\n"
        "  画面や ファイルに のこった分は 消してください。recovery.key は 合言葉で 封をした 同じ鍵です。",
        "  Two equal sheets of the recovery key were printed: two sealed envelopes, two places.\n"
        "  Clear the screen, and any file they went to. recovery.key is the same key under the passphrase.",
    ),
    "recovery_two_of_three": (
        "  控えの鍵の紙を 3枚 出しました。3人が 1枚ずつ 持ち、2枚 そろうと 開けます。ファイルには のこしていません。\n"
        "  画面や ファイルに のこった分は 消してください。",
        "  Three sheets were printed, one for each of three people; any two open. No file holds that key.\n"
        "  Clear the screen, and any file they went to.",
    ),
    "recovery_file": (
        "  recovery.key は 別の媒体に 写して 金庫へ。合言葉を なくすと 記録は だれにも 開けません。",
        "  Copy recovery.key to another medium and lock it away; without the passphrase nobody opens the records.",
    ),
    "recovery_opens": (
        "だいじょうぶです。この紙で 記録が 開けます。紙を 封筒に もどしてください。",
        "This paper opens the records. Put it back into its envelope.",
    ),
    "recovered": (
        "控えの鍵を {path} に 作りなおしました。office.key の名前で 置くと、役場の画面で 記録が 開けます。",
        "Made the recovery key again: {path}. Under the name office.key it opens the records at the office.",
    ),
    "paper_row": ("{row:2}行め: ", "Row {row:2}: "),
    "paper_again": ("{row:2}行めが 紙と ちがうようです。もう一度: ", "Row {row:2} cannot be right. Once more: "),
    "kit_made": ("キットを {path} に 作りました。", "Made the kit: {path}."),
    "kit_whole": ("{path}: 署名が 合っています。", "{path}: the signature fits."),
    "kit_number": ("  {number}番めのキット  {made}", "  kit number {number}, made {made}"),
    "kit_digest": ("  しるし {digest}", "  fingerprint {digest}"),
    "kit_town": (
        "  {name}（{kind}、{code}、{hall}）  型 {preset}",
        "  {name} ({kind}, {code}, {hall}), preset {preset}",
    ),
    "kit_receiver": ("  送り先 {address}", "  receiver {address}"),
    "kit_stick": ("  運び方 USBメモリーだけ", "  carried by stick only"),
    "kit_facility": (
        "  施設 {id}  {name}（{type}・{authority}）  名簿 {n}人",
        "  facility {id}: {name} ({type}, {authority}), people {n}",
    ),
    "kit_retention": (
        "  保存年限 日々の記録 {daily}年・月報 {reports}年・交付金 {grants}年",
        "  kept: daily records {daily} years, reports {reports}, grants {grants}",
    ),
    "kit_keys": (
        "  公開鍵 役場 {recipient}  控え {recovery}",
        "  public keys: office {recipient}, recovery {recovery}",
    ),
    "kit_update": ("  更新の署名鍵 あり", "  updates: signed by the key in the kit"),
    "kit_no_update": ("  更新の署名鍵 なし（更新は 受けとりません）", "  updates: no key, none are taken"),
    "kit_no_secret": (
        "  秘密の鍵・暗証番号・合言葉は 入っていません。",
        "  It holds no private key, no PIN and no password.",
    ),
    "enrol_waiting": (
        "箱 {box}番   符号 {code}\n"
        "  USBメモリーを 役場へ。役場の画面の符号と 同じなら、証明が かえってきます。\n"
        "  それまでも 窓口は 使えます。記録は 封をして この箱に のこり、送るのだけを 待ちます。",
        "Box {box}   code {code}\n"
        "  Take the stick to the office; if its screen shows the same code, a certificate comes back.\n"
        "  The desk works meanwhile: records are sealed and stay here, only sending waits.",
    ),
    "enrol_ready": ("登録できました。箱 {box}番、{facility}。", "Enrolled: box {box}, {facility}."),
    "enrol_pins": (
        "はじめの暗証番号（いちどしか 出ません。本人だけに 見せ、はじめたら かえてもらいます）",
        "First PINs (shown once; show each to that person only, who changes it after the first sign-in)",
    ),
    "enrol_pin": ("  {number:2}番 {name}  {pin}", "  {number:2} {name}  {pin}"),
    "enrol_join": (
        "名簿に もう 人が います。キットの人を 加えるには、名簿の だれかの 番号と 暗証番号が いります"
        "（名まえに 鍵が かかっているためです）。加えないなら そのまま Enter。",
        "The roster has people already. To add those of the kit, somebody on it types number and PIN, which open the"
        " names. Enter alone adds nobody.",
    ),
    "enrol_join_number": ("  名簿の番号: ", "  number on the roster: "),
    "enrol_join_pin": ("  暗証番号: ", "  PIN: "),
    "enrol_joined": (
        "キットの {count}人を 名簿に 加えます（窓口が 動いていれば 20秒ほどで、でなければ つぎに 動くとき）。"
        "同じ よび名の人は そのままです。",
        "{count} people of the kit join the roster (within 20 seconds, or at the next start of the desk)."
        " Whoever was there by the same name stays as is.",
    ),
    "enrol_all_there": ("キットの人は みな 名簿に います。", "Everybody of the kit is on the roster."),
    "enrol_not_joined": (
        "名簿に もう 人が いるので、キットの {count}人は 加えていません。画面の「係の人」で 加えるか、"
        "キットを さして `madoguchi enrol --afresh --pin-file FILE` を 実行してください"
        "（一行目に 名簿の番号と 暗証番号）。",
        "The roster has people already, so the {count} of the kit were not added. Add them on the roster's page, or"
        " put the kit in and run `madoguchi enrol --afresh --pin-file FILE` (first line: number on the roster, PIN).",
    ),
    "enrol_no_result": ("RESULT.txt を 書けませんでした。", "RESULT.txt could not be written."),
    "left": (
        "箱 {box}番の「おわりのしるし」を 書きました（記録 {records}件まで）。USBメモリーを 役場へ。",
        "Wrote the farewell of box {box} ({records} records). Take the stick to the office.",
    ),
    "wiped": (
        "箱を はじめの姿に もどしました。記録・鍵・名簿・町の設定は ありません。つぎは キットで `madoguchi enrol` を"
        " してください。新しい鍵が できます。",
        "The box is as it was before any kit: no records, keys, roster or town. Run `madoguchi enrol` with a kit; it"
        " makes new keys.",
    ),
    "wiped_number": (
        "  箱の番号 {box} は もう 使いません。新しい番号に なります（--box で 決められます）。",
        "  The number {box} is not used again; the box gets a new one (choose it with --box).",
    ),
    "retired_missing": (
        "  まだ 町に とどいていない 記録が {count}件 あります。とどけば 数えます。箱を 消す（wipe）のは、"
        "役場が 開けてからに してください。",
        "  {count} of its records have not arrived yet; they count once they do. Do not wipe the box before the office"
        " has opened them.",
    ),
    "same_code": (
        "箱 {box}番（{facility}）  符号 {code}  箱の画面と 同じですか [y/N] ",
        "Box {box} ({facility}), code {code}: same as on its screen? [y/N] ",
    ),
    "certified": ("箱 {box}番を 登録しました（{facility}）。", "Enrolled box {box} ({facility})."),
    "moved": (
        "箱 {box}番の 新しい証明を 書きました（{facility}）。箱で もう一度 enrol を してください。",
        "Wrote a new certificate for box {box} ({facility}); run enrol on the box again.",
    ),
    "retired": (
        "箱 {box}番は 使うのをやめました。それまでの記録は、あとから とどいても 数えます。番号は もう使いません。",
        "Box {box} is retired. What it wrote before still counts, whenever it arrives. The number is not used again.",
    ),
    "stolen": (
        "箱 {box}番を 盗まれたものとしました。いまとどいている記録だけを 数えます。",
        "Box {box} is marked as stolen. Only the records that have arrived count.",
    ),
    "bundle_download": ("[1/4] Python の部品を ダウンロードしています", "[1/4] downloading the Python packages"),
    "bundle_build": (
        "[2/4] {suite}（{arch}）の Debian パッケージと、lgpio・pyscard（はじめの一回だけ 数分）",
        "[2/4] Debian packages of {suite} ({arch}), lgpio and pyscard: minutes, the first time only",
    ),
    "bundle_product": ("[3/4] Madoguchi の部品を 作っています", "[3/4] building Madoguchi's own package"),
    "bundle_pack": ("[4/4] 確かめて 一つの ファイルに しています", "[4/4] checking and packing"),
    "bundle_made": (
        "一式を {path} に 作りました（{size:.0f} MB）。\n"
        "  しるし {fingerprint}（インストールのとき 同じ しるしが 出ます）\n"
        "  秘密の鍵・暗証番号・合言葉は 入っていません。\n"
        "  箱で: tar xf ファイル && sudo sh madoguchi-*/install.sh",
        "Made the bundle: {path} ({size:.0f} MB).\n"
        "  fingerprint {fingerprint} (the installation shows the same one)\n"
        "  It holds no private key, no PIN and no password.\n"
        "  On the box: tar xf FILE && sudo sh madoguchi-*/install.sh",
    ),
}
