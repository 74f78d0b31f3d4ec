"""What a doctor may find on a box: a code to read out on the telephone, a sentence, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How one thing is."""

    WELL = "well"
    NOTE = "note"
    """Good to know; nobody has to do anything now."""
    ILL = "ill"
    """A person has to do something."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """A sentence and its remedy, each in Japanese and in English; without a remedy nothing has to be done."""

    check: str
    state: State
    ja: str
    en: str
    remedy_ja: str = ""
    remedy_en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What one check has found."""

    name: str
    """A key of `FINDINGS`."""
    detail: str = ""
    """What exactly, without any person's data."""

    @property
    def words(self) -> Words:
        """What is said about it."""
        return FINDINGS[self.name]

    @property
    def code(self) -> str:
        """The code of the check, the same whatever it finds."""
        return CODES[self.words.check]


CODES: Mapping[str, str] = {
    "configuration": "D01",
    "content": "D02",
    "holidays": "D03",
    "town_keys": "D04",
    "enrolment": "D05",
    "state_folder": "D10",
    "device_key": "D11",
    "disk": "D12",
    "reserve": "D13",
    "database": "D14",
    "chain": "D15",
    "unsent": "D16",
    "clock": "D20",
    "pages": "D21",
    "door": "D22",
    "units": "D23",
    "gpio": "D30",
    "lgpio": "D31",
    "cryptography": "D32",
    "buttons": "D33",
    "sound_card": "D34",
    "player": "D35",
    "voice": "D36",
    "sentences": "D37",
    "card_reader": "D38",
    "card_desk": "D39",
    "address": "D40",
    "access_point": "D41",
    "lan_certificate": "D42",
    "check_failed": "D99",
}
"""Never given another meaning: they stand in notes of past telephone calls."""


def _well(check: str, ja: str, en: str) -> Words:
    return Words(check=check, state=State.WELL, ja=ja, en=en)


def _note(check: str, ja: str, en: str, remedy_ja: str = "", remedy_en: str = "") -> Words:
    return Words(check=check, state=State.NOTE, ja=ja, en=en, remedy_ja=remedy_ja, remedy_en=remedy_en)


def _ill(check: str, ja: str, en: str, remedy_ja: str, remedy_en: str) -> Words:
    return Words(check=check, state=State.ILL, ja=ja, en=en, remedy_ja=remedy_ja, remedy_en=remedy_en)


FINDINGS: Mapping[str, Words] = {
    "check_failed": _ill(
        "check_failed",
        "調べられないところが ありました。",
        "The check itself failed.",
        "この結果を ICT支援員に 見せてください（--bundle FILE で ひとまとめに できます）。",
        "Show this to ICT support; --bundle FILE packs it into one file.",
    ),
    "configuration_read": _well("configuration", "設定ファイルを 読めます。", "The configuration can be read."),
    "configuration_refused": _ill(
        "configuration",
        "設定ファイルに 直すところが あります。ほかの点検は していません。",
        "The configuration needs a correction; nothing else was checked.",
        "設定ファイルの その行を 直して、窓口を 動かしなおします。",
        "Correct that line and start the desk again.",
    ),
    "content_read": _well("content", "窓口の言葉と 開ける時間を 読めます。", "Words and opening hours can be read."),
    "content_refused": _ill(
        "content",
        "窓口の言葉か 開ける時間のファイルに 直すところが あります。窓口は 動きだせません。",
        "A content pack needs a correction; the desk cannot start.",
        "示したファイルを 直すか、ほかの場所に 移します（なければ 見本の言葉に なります）。",
        "Correct the file, or move it away to use the built-in words.",
    ),
    "holidays_known": _well("holidays", "祝日が わかります。", "Holidays are known."),
    "holidays_unknown": _ill(
        "holidays",
        "祝日が わかりません。祝日も ふだんの曜日の時間で 開くことに なります。",
        "Holidays are not known; a holiday would be taken for an ordinary day.",
        "箱の プログラムを 入れなおしてください。それまでは calendar.toml の days に 休みの日を 書きます。",
        "Install the program again; until then write the days into calendar.toml.",
    ),
    "town_keys_read": _well("town_keys", "町の公開鍵が そろっています。", "The town's public keys are whole."),
    "town_keys_missing": _ill(
        "town_keys",
        "町の公開鍵が まだ ありません。練習だけ 使えて、記録は できません。",
        "The town's public keys are not here yet; nothing can be recorded, practice alone works.",
        "キットで 準備するか、役場から town-keys.toml を 受けとります。",
        "Prepare the box with its kit, or get town-keys.toml from the town office.",
    ),
    "town_keys_refused": _ill(
        "town_keys",
        "町の公開鍵が こわれているか、ほかの町のものです。窓口は 動きだせません。",
        "The town's public keys are damaged or of another town; the desk cannot start.",
        "役場から town-keys.toml を 受けとりなおすか、キットで 準備しなおします。",
        "Get town-keys.toml from the town office again, or prepare the box with its kit.",
    ),
    "enrolled": _well("enrolment", "登録されています。", "The box is enrolled."),
    "enrolment_waits": _ill(
        "enrolment",
        "登録を 待っています。窓口は 使えますが、町は まだ 記録を 受けとりません。",
        "The box waits for its certificate; the desk works, the town takes no records yet.",
        "画面の 符号を 役場に 伝え、証明を 受けとって もう一度 madoguchi enrol を します。",
        "Tell the office the code on the screen; with its certificate run madoguchi enrol again.",
    ),
    "enrolment_broken": _ill(
        "enrolment",
        "登録の書類（enrolment.request）が 読めません。",
        "What this box asked for (enrolment.request) cannot be read.",
        "キットで 準備しなおします（madoguchi enrol --afresh）。記録と鍵は のこります。",
        "Prepare it again with madoguchi enrol --afresh; records and keys stay.",
    ),
    "enrolled_by_hand": _note(
        "enrolment",
        "キットを 使わずに 準備した箱です。登録は 役場の 名簿で たしかめます。",
        "Prepared without a kit; whether it is admitted only the town knows.",
    ),
    "state_private": _well(
        "state_folder", "記録の場所は この窓口だけの ものです。", "The state folder is the desk's alone."
    ),
    "state_missing": _ill(
        "state_folder",
        "記録の場所が ありません。",
        "The state folder is not there.",
        "設定の state.directory を たしかめて、窓口を いちど 動かします。カードが ぬけていないかも 見ます。",
        "Look at state.directory, and whether the disk is in place; then start the desk once.",
    ),
    "state_closed": _ill(
        "state_folder",
        "記録の場所を この利用者では 見られません。",
        "This user may not look into the state folder.",
        "管理者（sudo）か、窓口を動かしている利用者で もう一度 調べます。",
        "Run this again as root (sudo) or as the desk's own user.",
    ),
    "state_open_to_others": _ill(
        "state_folder",
        "記録の場所か 箱の鍵を ほかの利用者が 見られます。",
        "Others may look into the state folder or at the key of the box.",
        "chmod 700（フォルダー）、chmod 600（device.key）で 閉じます。",
        "Close it: chmod 700 for the folder, chmod 600 for device.key.",
    ),
    "state_of_another_user": _ill(
        "state_folder",
        "記録の場所に ほかの利用者の ファイルが あります。窓口が 読めないかもしれません。",
        "Files in the state folder belong to another user; the desk may be unable to read them.",
        "sudo chown -R で、フォルダーと 同じ利用者の ものに します（箱では madoguchi）。",
        "Give them to the folder's own user with sudo chown -R (madoguchi on a box).",
    ),
    "state_unwritable": _ill(
        "state_folder",
        "記録の場所に 書けません。新しいよびだしは 電源を 切ると 消えます。",
        "The state folder takes nothing; new calls are lost when the power goes.",
        "電源は そのままで ICT支援員へ。カードの 書きこみ禁止か 故障なので、予備の カードか 箱に かえます。",
        "Leave the power on and call ICT support: the card is locked or broken and has to be replaced.",
    ),
    "device_key_there": _well("device_key", "箱の鍵が あります。", "The key of the box is there."),
    "device_key_missing": _ill(
        "device_key",
        "箱の鍵が まだ ありません。",
        "The box has no key yet.",
        "窓口を いちど 動かすか、madoguchi enrol を します。",
        "Start the desk once, or run madoguchi enrol.",
    ),
    "device_key_broken": _ill(
        "device_key",
        "箱の鍵が こわれています。町は この箱の記録を 受けとれません。",
        "The key of the box is damaged; the town cannot take its records.",
        "device.key を 消さないで、ICT支援員に 知らせてください。",
        "Do not delete device.key; tell ICT support.",
    ),
    "disk_roomy": _well("disk", "ディスクに 空きが あります。", "The disk has room."),
    "disk_small": _ill(
        "disk",
        "ディスクの 空きが 少なくなっています。まだ 記録できます。",
        "The disk is nearly full; records are still kept.",
        "いらないファイルを 消すか、大きいカードに かえます。記録のフォルダーは 消しません。",
        "Delete what is not needed, or use a larger card; never the state folder.",
    ),
    "reserve_there": _well("reserve", "いざというときの 空きを とってあります。", "Room is kept in reserve."),
    "reserve_missing": _ill(
        "reserve",
        "いざというときの 空きが ありません。ディスクが いっぱいに なったことが あるようです。",
        "No room is kept in reserve; the disk seems to have been full.",
        "ディスクの 空きを ふやします。窓口が 動いていれば 15秒ほどで 作りなおします。",
        "Make room; a running desk makes it again within seconds.",
    ),
    "database_whole": _well("database", "記録の入れものは こわれていません。", "The database is whole."),
    "database_missing": _ill(
        "database",
        "記録の入れもの（desk.db）が ありません。",
        "There is no database (desk.db).",
        "新しい箱なら 窓口を いちど 動かします。使っていた箱なら 動かさずに ICT支援員へ。",
        "On a new box start the desk once; on one that was in use do not, and call ICT support.",
    ),
    "database_broken": _ill(
        "database",
        "記録の入れもの（desk.db）が こわれています。",
        "The database (desk.db) is damaged.",
        "何も 消さず、電源を 切って カードを 写しとってもらいます。町が 受けとった記録は 無事です。",
        "Delete nothing; switch off and have the card copied. What the town has receipted is safe.",
    ),
    "chain_sound": _well("chain", "記録の つながりは 切れていません。", "The chain of records is sound."),
    "chain_broken": _ill(
        "chain",
        "記録の つながりが 切れています。だれかが 書きかえたか、カードが こわれかけています。",
        "The chain of records is broken: somebody changed one, or the card is failing.",
        "何も 消さず、番号を 役場に 知らせます。カードは 予備に かえます。",
        "Delete nothing, tell the town office the number, and replace the card.",
    ),
    "chain_not_looked_at": _note(
        "chain",
        "記録の つながりは、入れものが 読めないので 調べていません。",
        "The chain was not checked, because the database cannot be read.",
    ),
    "sent": _well("unsent", "町へ 送れていない古い記録は ありません。", "No old record waits for the town."),
    "unsent_old": _ill(
        "unsent",
        "町へ 送れていない古い記録が あります。記録は 箱に のこっています。",
        "Old records wait for the town; they are safe in this box.",
        "madoguchi sync（または USBメモリーで madoguchi export）を して、わけを 読みます。",
        "Run madoguchi sync, or madoguchi export with a stick, and read what it says.",
    ),
    "unsent_not_counted": _note(
        "unsent",
        "未送信は、入れものが 読めないので 数えていません。",
        "Unsent records were not counted, because the database cannot be read.",
    ),
    "clock_synchronised": _well("clock", "時計は ネットワークで 合っています。", "The network keeps the clock right."),
    "clock_vouched": _well("clock", "時計は 人が たしかめました。", "Somebody has confirmed the clock."),
    "clock_unconfirmed": _note(
        "clock",
        "時計は まだ たしかめていません。",
        "Nobody has confirmed the clock yet.",
        "「窓口を 開ける」で 日付と時刻を たしかめます。",
        "Confirm date and time when opening the desk.",
    ),
    "clock_behind": _ill(
        "clock",
        "箱の時計が、さいごの記録より 前を さしています。",
        "The clock shows a time before the newest record.",
        "「窓口を 開ける」で、正しい日付と時刻を 入れます。",
        "Set date and time when opening the desk.",
    ),
    "pages_answer": _well("pages", "窓口の画面が 答えます。", "The desk's pages answer."),
    "pages_silent": _ill(
        "pages",
        "窓口の画面が 答えません。",
        "The desk's pages do not answer.",
        "sudo systemctl start madoguchi（見本なら make run）で 動かし、1分 待って もう一度 調べます。",
        "Start it with sudo systemctl start madoguchi (make run for the model), wait a minute, check again.",
    ),
    "door_answers": _well("door", "送る命令の 入り口が 答えます。", "The courier door answers."),
    "door_silent": _ill(
        "door",
        "送る命令の 入り口が 答えません。窓口は 使えますが、町へ 送れません。",
        "The courier door does not answer; the desk works, nothing can be sent.",
        "窓口を 動かしなおします。なおらなければ 設定の courier.socket を たしかめます。",
        "Start the desk again; if that does not help, look at courier.socket.",
    ),
    "units_run": _well("units", "とまったままの 部分は ありません。", "No part has failed."),
    "units_failed": _ill(
        "units",
        "とまった部分が あります。",
        "A part has failed.",
        "故障コードを ICT支援員に 伝えます。わけは /var/lib/madoguchi-fault に あります。",
        "Tell ICT support the fault code; why is in /var/lib/madoguchi-fault.",
    ),
    "units_not_used": _note(
        "units",
        "この機械では systemd が 窓口を 動かしていません。",
        "systemd does not run the desk on this machine.",
    ),
    "gpio_there": _well("gpio", "ボタンと表示灯の 線が 使えます。", "The lines of buttons and lamps are there."),
    "gpio_missing": _ill(
        "gpio",
        "ボタンや表示灯の 線（/dev/gpiochip）が ないか、使えません。窓口は なしで 動いています。",
        "The lines of buttons and lamps (/dev/gpiochip) are missing or closed; the desk goes on without them.",
        "Raspberry Pi の上か たしかめます。権限なら 窓口の利用者を グループ gpio に 入れます。",
        "Is it a Raspberry Pi? If it is a permission, put the desk's user into the group gpio.",
    ),
    "lgpio_real": _well("lgpio", "GPIO の部品（lgpio）は 本物です。", "lgpio is the real one."),
    "lgpio_stub": _ill(
        "lgpio",
        "GPIO の部品（lgpio）が ないか、中身のない 名前だけの ものです。ボタンは 動きません。",
        "lgpio is missing, or the empty package of that name; buttons cannot work.",
        "オフラインの 束（バンドル）で 入れなおします。lgpio 0.2.2 以上が いります。",
        "Install again from the offline bundle; lgpio 0.2.2 or newer is needed.",
    ),
    "buttons_well": _well(
        "buttons",
        "ボタンは 使えます。番号のあとは、箱を 入れてから さいごに 押された時（世界時）です。",
        "The buttons work; each with its last press since the start (UTC).",
    ),
    "buttons_absent": _well("buttons", "見はる ボタンは ありません。", "There is no button to watch."),
    "buttons_unknown": _note(
        "buttons",
        "ボタンの ようすは、まだ 書かれていません。",
        "Nothing is written down about the buttons yet.",
        "窓口を 動かしてから もう一度 調べます。",
        "Start the desk, then check again.",
    ),
    "buttons_faulty": _ill(
        "buttons",
        "よびだしに ならない ボタンが あります。ほかの ボタンと 画面は 使えます。",
        "A button calls nobody; the other buttons and the screens work.",
        "held_at_start と stuck は 押されたまま（引っかかり・配線の ショート）です。"
        "gone は 線や USB を さしなおします。"
        "restless は 1分 待ちます。",
        "held_at_start, stuck: it is jammed or its wires touch. gone: plug it in again. restless: wait a minute.",
    ),
    "sound_card_there": _well("sound_card", "音の出口が あります。", "There is a sound card."),
    "sound_card_missing": _ill(
        "sound_card",
        "音の出口（サウンドカード）が ありません。声は 出ません。よびだしは 画面と 表示灯に 出ます。",
        "There is no sound card, so nothing is heard; calls are seen on screens and lamps.",
        'USB の スピーカーか 音のアダプターを さしなおします。声を 使わない箱では devices.voice を "absent" にします。',
        'Plug the USB loudspeaker or sound adapter in again; without a voice set devices.voice to "absent".',
    ),
    "player_there": _well("player", "音を 出す プログラム（aplay）が あります。", "The player (aplay) is there."),
    "player_missing": _ill(
        "player",
        "音を 出す プログラム（aplay）が ありません。声は 出ません。",
        "The player (aplay) is missing, so nothing is heard.",
        "オフラインの 束（バンドル）で 入れなおすか、apt install alsa-utils を します。",
        "Install again from the offline bundle, or run apt install alsa-utils.",
    ),
    "voice_silent": _well("voice", "スピーカーの声は 使っていません。", "This box has no voice from a loudspeaker."),
    "voice_said": _well("voice", "さいごの 声は 出ました。", "The last sentence sounded."),
    "voice_held_back": _note(
        "voice",
        "さいごの 声は わざと 出していません（静かにする時間、音量 0、時間切れなど）。",
        "The last sentence was left unsaid on purpose: quiet hours, volume 0, too late.",
    ),
    "voice_unknown": _note(
        "voice",
        "声は、まだ 何も 言っていません。",
        "The voice has said nothing yet.",
        "ICT支援員が「箱の ようす」の「音を ためす」を 押します。",
        "ICT support can try it on the page of the box.",
    ),
    "voice_failed": _ill(
        "voice",
        "さいごの 声が 出ませんでした。よびだしは 画面と 表示灯に 出ます。",
        "The last sentence did not sound; calls are seen on screens and lamps.",
        "スピーカーの 電源と 線を 見て、「箱の ようす」の「音を ためす」を 押します。",
        "Look at the loudspeaker's power and wire, then try the sound on the page of the box.",
    ),
    "sentences_made": _well("sentences", "声の言葉は みんな 音に なっています。", "Every sentence has its sound."),
    "sentences_unmade": _note(
        "sentences",
        "まだ 音に なっていない言葉が あります。使うときに 作るので、声が おくれます。",
        "Some sentences have no sound yet; each is made when it is needed, and comes late.",
        "動いている窓口は 自分で 作ります。急ぐときは madoguchi voice render を します。",
        "A running desk makes them by itself; to hurry, run madoguchi voice render.",
    ),
    "engine_missing": _ill(
        "sentences",
        "声を 作る部品（pyopenjtalk）が なく、音に なっていない言葉が あります。その言葉は 出ません。",
        "The engine (pyopenjtalk) is missing and some sentences have no sound: those are never heard.",
        "オフラインの 束（バンドル）で 入れなおします。32ビットの箱では 声は 使えません。",
        "Install again from the offline bundle; a 32-bit box can have no voice.",
    ),
    "card_absent": _well("card_reader", "この箱は カードを 読みません。", "This box reads no cards."),
    "card_simulated": _note(
        "card_reader",
        "ほんものではなく、つくりものの カードを 画面で 置く設定です。",
        "Cards are simulated and laid down on a page; no real one is read.",
    ),
    "card_reader_there": _well("card_reader", "カードの読み取り装置が 使えます。", "The card reader can be used."),
    "card_readers_several": _note(
        "card_reader",
        "読み取り装置（または その差し口）が いくつか あります。はじめに 書いたものを 使います。",
        "There are several readers, or slots of one; the first that is named is used.",
        "ちがうものを 使うなら、設定の devices.card_reader に その名まえの 一部を 書きます。",
        "To use another one, write a part of its name into devices.card_reader.",
    ),
    "card_reader_other": _ill(
        "card_reader",
        "読み取り装置は ありますが、設定の devices.card_reader と 名まえが 合いません。カードは 読めません。",
        "There is a reader, but none that devices.card_reader names; no card is read.",
        "devices.card_reader を 消すか、ある装置の 名まえの 一部に 直して、窓口を 動かしなおします。",
        "Remove devices.card_reader, or write a part of that reader's name there; then start the desk again.",
    ),
    "card_reader_missing": _ill(
        "card_reader",
        "カードの読み取り装置が 見つかりません。カードの確認は できません。ほかの しごとは いつもどおり できます。",
        "There is no card reader, so no card is checked; everything else works as usual.",
        'USB を さしなおします。カードを 読まない箱では devices.card を "absent" にします。',
        'Plug it in again; on a box that reads no cards set devices.card to "absent".',
    ),
    "card_reader_taken": _ill(
        "card_reader",
        "読み取り装置を、Linux の NFC の部品が 先に つかんでいます。カードの確認は できません。",
        "The kernel's own NFC driver has taken the reader, so no card is checked.",
        "/etc/modprobe.d/madoguchi-nfc.conf に blacklist pn533_usb、blacklist pn533、blacklist port100、"
        "blacklist nfc の 四行を 書き、箱を 入れなおします。",
        "Write the lines blacklist pn533_usb, blacklist pn533, blacklist port100 and blacklist nfc into"
        " /etc/modprobe.d/madoguchi-nfc.conf and restart the box.",
    ),
    "card_library_missing": _ill(
        "card_reader",
        "カードを 読む部品（pyscard）が ないか、動きません。カードの確認は できません。",
        "pyscard is missing or does not load, so no card is checked.",
        "オフラインの 束（バンドル）で 入れなおします。",
        "Install again from the offline bundle.",
    ),
    "card_service_missing": _ill(
        "card_reader",
        "読み取り装置の プログラム（pcscd）が 動いていません。カードの確認は できません。",
        "pcscd does not run: it has no socket, so no card is checked.",
        "sudo systemctl enable --now pcscd.socket を します。ない と 言われたら apt install pcscd です。",
        "Run sudo systemctl enable --now pcscd.socket; if there is none, apt install pcscd.",
    ),
    "card_service_silent": _ill(
        "card_reader",
        "読み取り装置の プログラム（pcscd）に つながりません。カードの確認は できません。",
        "Nobody takes connections at the socket of pcscd, so no card is checked.",
        "sudo systemctl restart pcscd.socket を して、もう一度 調べます。",
        "Run sudo systemctl restart pcscd.socket, then check again.",
    ),
    "card_service_there": _ill(
        "card_reader",
        "pcscd は 動いていますが、これを 調べている利用者を 入れません（Debian 13 からは polkit が 決めます）。"
        "止まっているように 見えても、止まっていません。",
        "pcscd runs but does not let in the user who asks now (from Debian 13 on polkit decides); it only looks dead.",
        "管理者（sudo）で もう一度 調べます。それでも だめなら sudo systemctl restart polkit pcscd を します。",
        "Run this again as root (sudo); if that does not help: sudo systemctl restart polkit pcscd.",
    ),
    "card_desk_ready": _well(
        "card_desk", "窓口の プログラムも 読み取り装置を 使えています。", "The desk itself can use the reader."
    ),
    "card_desk_unknown": _note(
        "card_desk",
        "窓口の プログラムは、読み取り装置のことを まだ 書いていません。",
        "The desk has not written anything down about the reader yet.",
        "窓口を 動かして、1分 待って もう一度 調べます。",
        "Start the desk, wait a minute, check again.",
    ),
    "card_desk_without": _note(
        "card_desk",
        "窓口は 読み取り装置なしで 動いています。ほかの しごとは いつもどおり できます。",
        "The desk goes on without a reader; everything else works as usual.",
    ),
    "card_desk_refused": _ill(
        "card_desk",
        "ここからは pcscd に 入れますが、窓口の プログラムは 入れません（Debian 13 からは polkit が 決めます）。"
        "カードの確認は できません。",
        "pcscd lets us in but not the desk (from Debian 13 on polkit decides), so no card is checked.",
        "/usr/share/polkit-1/rules.d/50-madoguchi.rules が あるか 見ます。あれば sudo systemctl restart polkit pcscd"
        " を、なければ プログラムを 入れなおします。",
        "Is there /usr/share/polkit-1/rules.d/50-madoguchi.rules? If so: sudo systemctl restart polkit pcscd; if not,"
        " install the program again.",
    ),
    "card_desk_behind": _ill(
        "card_desk",
        "ここからは 読み取り装置が 見えますが、窓口の プログラムには 見えていません。カードの確認は できません。",
        "A reader is seen from here but not by the desk, so no card is checked.",
        "1分 待って もう一度 調べます。なおらなければ sudo systemctl restart madoguchi を します。",
        "Wait a minute and check again; if it stays so: sudo systemctl restart madoguchi.",
    ),
    "cryptography_own": _well(
        "cryptography", "封をする部品は 新しく、この窓口の ものです。", "cryptography is new and our own."
    ),
    "cryptography_old": _ill(
        "cryptography",
        "封をする部品（cryptography）が 古いか、ほかのプログラムの ものです。",
        "cryptography is too old, or not the one installed with this program.",
        "箱の プログラムを 入れなおします。OS の python3-cryptography は 使えません。",
        "Install the program again; the system's python3-cryptography cannot be used.",
    ),
    "address_not_needed": _well(
        "address", "画面は この箱だけで 開く設定です。", "Only the box's own screen is to reach the pages."
    ),
    "address_there": _well("address", "端末から 開けるアドレスが あります。", "Tablets can reach the box."),
    "address_missing": _ill(
        "address",
        "箱が どのネットワークにも つながっていません。端末から 画面が 開けません。箱の画面と ボタンは 使えます。",
        "The box is in no network: tablets cannot open its pages. Its own screen and the buttons work.",
        "LANの線を さしなおします。LANが ない館では sudo madoguchi provision network --access-point です。",
        "Plug the LAN cable in; in a hall without a LAN: sudo madoguchi provision network --access-point.",
    ),
    "access_point_unused": _well(
        "access_point", "Wi-Fi の親機には していません。", "The box is not to be its own Wi-Fi."
    ),
    "access_point_on": _well("access_point", "箱の Wi-Fi が 動いています。", "The box's own Wi-Fi is up."),
    "access_point_off": _ill(
        "access_point",
        "箱の Wi-Fi が 動いていません。端末が つながりません。箱の画面と ボタンは 使えます。",
        "The box's own Wi-Fi is not up, so tablets cannot come in; its own screen and the buttons work.",
        "sudo madoguchi provision network --access-point で 立ちあげ、だめなら わけを 読みます。",
        "Run sudo madoguchi provision network --access-point, and read what it says.",
    ),
    "access_point_forwards": _ill(
        "access_point",
        "箱の Wi-Fi から ほかの ネットワークへ 出られる 設定に なっています。",
        "From the box's own Wi-Fi one can get into other networks.",
        "通信の 中つぎを 止めます（sudo sysctl net.ipv4.ip_forward=0）。だれが 入れたかも 調べます。",
        "Switch forwarding off (sudo sysctl net.ipv4.ip_forward=0), and find out who switched it on.",
    ),
    "tls_unused": _well("lan_certificate", "LAN の TLS は 使っていません。", "There is no TLS in the LAN."),
    "tls_missing": _ill(
        "lan_certificate",
        "キットの型は city ですが、LAN の TLS が まだ ありません。端末からは 使えません。",
        "The kit is of preset city, but there is no TLS in the LAN yet; tablets cannot be used.",
        "sudo madoguchi provision network を します。",
        "Run sudo madoguchi provision network.",
    ),
    "tls_good": _well("lan_certificate", "LAN の証明書は 合っています。", "The LAN certificate is in order."),
    "tls_closed": _note(
        "lan_certificate",
        "LAN の証明書を この利用者では 見られません。",
        "This user may not look at the LAN certificate.",
        "管理者（sudo）で もう一度 調べます。",
        "Run this again as root (sudo).",
    ),
    "tls_broken": _ill(
        "lan_certificate",
        "LAN の証明書か その鍵が ないか、こわれています。端末から 画面が 開けません。",
        "The LAN certificate or its key is missing or damaged; tablets cannot open the pages.",
        "sudo madoguchi provision network --tls を します。町が 持ってきた証明書なら 置きなおします。",
        "Run sudo madoguchi provision network --tls; if the town brought its own certificate, put it there again.",
    ),
    "tls_ends": _ill(
        "lan_certificate",
        "LAN の証明書の 期間が、いまの時計と 合わないか、もうすぐ おわります。端末に 警告が 出ます。",
        "By this clock the LAN certificate is not valid yet, or ends soon; tablets will show a warning.",
        "「窓口を 開ける」で 時計を たしかめ、sudo madoguchi provision network を します。"
        "町が 持ってきた証明書なら 新しいものを もらいます。",
        "Confirm the clock when opening the desk, then run sudo madoguchi provision network; if the town brought its"
        " own certificate, ask for a new one.",
    ),
    "tls_other_names": _ill(
        "lan_certificate",
        "いまの 名まえか アドレスが LAN の証明書に ありません。そこを 開いた端末に 警告が 出ます。",
        "The LAN certificate lacks a name or address that the box has now; tablets show a warning there.",
        "一時間 待つか、sudo madoguchi provision network を します。名のれないと 言われたら"
        " --new-authority を 付けます（端末には 入れなおしです）。",
        "Wait an hour, or run sudo madoguchi provision network; if it may not speak for that name, add --new-authority,"
        " and give tablets the new root.",
    ),
}
