"""What can go wrong at the desk, as words a caller can act on."""

from typing import ClassVar


class MadoguchiError(Exception):
    """The root: a stable `code`, and what to tell people in Japanese and in English."""

    code: ClassVar[str] = "error"
    ja: ClassVar[str] = "うまく いきませんでした。もう一度 ためしてください。"
    en: ClassVar[str] = "Something went wrong. Please try again."

    def __init__(self, detail: str = "") -> None:
        """`detail` says what exactly, for whoever repairs it; never a visitor's words."""
        super().__init__(detail or self.en)
        self.detail = detail


class NotFound(MadoguchiError):
    """Somebody named a thing the desk does not have."""

    code = "not_found"
    ja = "見つかりません。一覧から えらびなおしてください。"
    en = "There is no such thing here."


class UnknownCall(NotFound):
    """No call has that id."""

    code = "unknown_call"
    ja = "その呼び出しは ありません。ほかの人が先に おわらせたかもしれません。"
    en = "There is no such call."


class UnknownVisit(NotFound):
    """No visit has that id."""

    code = "unknown_visit"
    ja = "その来所は ありません。一覧から えらびなおしてください。"
    en = "There is no such visit."


class UnknownConsultation(NotFound):
    """No consultation has that id."""

    code = "unknown_consultation"
    ja = "その相談記録は ありません。一覧から えらびなおしてください。"
    en = "There is no such consultation."


class UnknownToken(NotFound):
    """No token has that id."""

    code = "unknown_token_id"
    ja = "その鍵は ありません。もう 取り消されています。"
    en = "There is no such token."


class Conflict(MadoguchiError):
    """The thing is there, but no longer in the state the caller thinks."""

    code = "conflict"
    ja = "ほかの画面で 先に変わりました。いまの状態を 見てから もう一度 どうぞ。"
    en = "This has changed in the meantime."


class CallAlreadyClosed(Conflict):
    """The call was answered, cancelled or expired before."""

    code = "call_already_closed"
    ja = "この呼び出しは もう おわっています。ほかの人が 対応しています。"
    en = "This call is already closed."


class AlreadyWithdrawn(Conflict):
    """The record was withdrawn before."""

    code = "already_withdrawn"
    ja = "この記録は もう 取り消されています。"
    en = "This record is already withdrawn."


class Superseded(Conflict):
    """A later correction has taken the place of this record."""

    code = "superseded"
    ja = "この記録は もう なおされています。いちばん新しい記録を えらんでください。"
    en = "A later correction has taken the place of this record."


class VisitIsShared(Conflict):
    """Channel and people belong to the visit, and another consultation of the same visit still counts."""

    code = "visit_is_shared"
    ja = "おなじ来所の べつの相談が あるため、人数と 来かたは ここでは なおせません。ほかの項目は なおせます。"
    en = "Another consultation of the same visit counts; its people and channel cannot be changed here."


class Invalid(MadoguchiError):
    """An entry that cannot be saved; `field` names the part, never its content."""

    code = "invalid"
    ja = "入力に 合わないところが あります。なおしてから もう一度 どうぞ。"
    en = "The entry cannot be saved as it is."

    def __init__(self, field: str, detail: str) -> None:
        """`field` as the API names it; `detail` what it must be."""
        super().__init__(f"{field}: {detail}")
        self.field = field


class SameKeyOtherBody(MadoguchiError):
    """An Idempotency-Key came back with another request behind it."""

    code = "idempotency_key_reused"
    ja = "同じ送信番号で ちがう内容が とどきました。新しい番号で 送りなおしてください。"
    en = "This Idempotency-Key was used for another request."


class StorageFull(MadoguchiError):
    """The disk refused the record."""

    code = "storage_full"
    ja = (
        "保存する場所が いっぱいで、いまの記録は 保存できませんでした。これまでの記録は 無事です。"
        "館の職員に 知らせてください。"
    )
    en = "The disk is full; this was not saved. Everything saved before is safe."


class StorageFailed(MadoguchiError):
    """The disk could not be written or read."""

    code = "storage_failed"
    ja = (
        "いまの記録は 保存できませんでした。これまでの記録は 無事です。"
        "もう一度 ためし、だめなら館の職員に 知らせてください。"
    )
    en = "The disk failed; this was not saved. Everything saved before is safe."


class SealingFailed(MadoguchiError):
    """The record could not be sealed, so it was not stored either."""

    code = "sealing_failed"
    ja = "記録に 封が できないため 保存しませんでした。館の職員に 知らせてください。"
    en = "The record could not be sealed and was not stored."


class NoTownKeys(SealingFailed):
    """The municipality's public keys have not come yet: there is nobody to seal for, so nothing is stored."""

    code = "no_town_keys"
    ja = (
        "自治体の鍵が まだ ありません。封が できないため、いまのことは 保存していません。"
        "はじめの設定と 練習は 使えます。サイトキットで この箱を 登録すると、記録も 使えるようになります。"
    )
    en = (
        "The municipality's keys are not here yet: nothing can be sealed, so this was not stored. Set-up and practice"
        " work; enrol the box with the site kit."
    )


class DeviceError(MadoguchiError):
    """A lamp, button or loudspeaker did not do its part."""

    code = "device_error"
    ja = "機器が 動きません。記録は つづけられます。"
    en = "A device does not work; recording goes on."


class UnspokenLanguage(Invalid):
    """There is no voice for that language."""

    code = "unspoken_language"
    ja = "この声は 日本語だけを 話します。ローマ字や ほかの国の ことばは、かなで 書いてください。"
    en = "The voice speaks Japanese only; write foreign words in kana."

    def __init__(self) -> None:
        super().__init__("text", "no voice speaks this language")


class UnknownTally(NotFound):
    """No tally has that id."""

    code = "unknown_tally"
    ja = "その紙の記録は ありません。一覧から えらびなおしてください。"
    en = "There is no such tally."


class OpenItems(Conflict):
    """Somebody still calls or is being served, so the day cannot be closed."""

    code = "open_items"
    ja = "まだ おわっていない よびだしや 対応が あります。ひとつずつ おわらせてから もう一度 どうぞ。"
    en = "Somebody still calls or is being served; end that first."


class ConfigError(MadoguchiError):
    """A setting cannot be used; `key` is its dotted name."""

    code = "config_error"
    ja = "設定ファイルに 直すところが あります。"
    en = "The configuration needs a correction."

    def __init__(self, key: str, detail: str) -> None:
        """`key` the dotted name, `detail` what is wrong and what would be right."""
        super().__init__(f"{key}: {detail}" if key else detail)
        self.key = key


class PackError(MadoguchiError):
    """A pack was refused: file, id and reason."""

    code = "pack_error"
    ja = "内容パックに 直すところが あります。"
    en = "A content pack was refused."


class UnknownStaff(NotFound):
    """Nobody of the roster has that id or number."""

    code = "unknown_staff"
    ja = "その人は 名簿に ありません。一覧から えらびなおしてください。"
    en = "There is no such person on the roster."


class NotAllowed(MadoguchiError):
    """Somebody is signed in, but this is for others to do."""

    code = "not_allowed"
    ja = "この操作は できる人が きまっています。館の職員か ICT支援員に たのんでください。"
    en = "This is for others to do."


class SignInRefused(MadoguchiError):
    """Nobody was signed in; the words say who can help."""

    code = "sign_in_refused"
    ja = "はじめられません。館の職員に 知らせてください。"
    en = "The sign-in was refused."


class WrongPin(SignInRefused):
    """The PIN does not fit that person; `left` tries remain before it is locked."""

    code = "wrong_pin"
    ja = "暗証番号が ちがいます。もう一度 どうぞ。わからないときは 館の職員に 暗証番号の 再設定を たのんでください。"
    en = "The PIN is wrong."

    def __init__(self, *, left: int) -> None:
        """`left` as counted on the disk."""
        super().__init__(f"{left} tries left")
        self.left = left


class LockedOut(SignInRefused):
    """Too many wrong PINs of a volunteer; opens by a reset or by waiting."""

    code = "locked_out"
    ja = (
        "暗証番号を 5回 まちがえたので 止めています。館の職員に 暗証番号の 再設定を たのんでください。"
        "15分 待っても また 使えます。よびだしは いつもどおり とどきます。"
    )
    en = "Locked after five wrong PINs. Facility staff can reset the PIN; it also opens after 15 minutes."


class LockedOutOfOffice(LockedOut):
    """The same for facility staff and ICT support, whom a volunteer's helper cannot help."""

    ja = (
        "暗証番号を 5回 まちがえたので 止めています。ICT支援員に 暗証番号の 再設定を たのんでください。"
        "15分 待っても また 使えます。よびだしは いつもどおり とどきます。"
    )
    en = "Locked after five wrong PINs. ICT support can reset the PIN; it also opens after 15 minutes."


class LockedOutAlone(LockedOut):
    """The same for somebody whom nobody on the roster can help."""

    ja = (
        "暗証番号を 5回 まちがえたので 止めています。箱を あずかる 役場の係に 再設定を たのんでください。"
        "15分 待っても また 使えます。よびだしは いつもどおり とどきます。"
    )
    en = "Locked after five wrong PINs. `madoguchi staff reset` on the box helps; it also opens after 15 minutes."


class AppointmentEnded(SignInRefused):
    """委嘱満了: the last day of service is over."""

    code = "appointment_ended"
    ja = "委嘱の 期間が おわっているため、はじめられません。館の職員に 知らせてください。"
    en = "The appointment has ended."


class NotServing(SignInRefused):
    """The person is on the roster, but not serving now."""

    code = "not_serving"
    ja = "いまは お休みに なっている人です。館の職員に 知らせてください。"
    en = "This person is not serving at present."


class PresenceNeeded(SignInRefused):
    """ICT support comes over the network and has not shown that somebody stands at the box."""

    code = "presence_needed"
    ja = "ICT支援員が べつの端末から はじめるときは、箱の画面に出ている 6けたの数字も いります。"
    en = "From the network ICT support also needs the six digits on the box's own screen."


class SignInBusy(SignInRefused):
    """Many sign in at this moment; nothing was counted against anybody."""

    code = "sign_in_busy"
    ja = "いま こみあっています。少し待って もう一度 どうぞ。"
    en = "Too many sign-ins at this moment; try again shortly."


class AlreadySetUp(Conflict):
    """The roster has somebody; the first set-up is over."""

    code = "already_set_up"
    ja = "はじめの設定は もう すんでいます。"
    en = "The box is already set up."


class NamesLocked(Conflict):
    """The desk key is not in RAM, so that no name can be read and no PIN be made."""

    code = "names_locked"
    ja = "名簿に 鍵が かかっています。もう一度 暗証番号を 入れてから どうぞ。"
    en = "The desk key is not unlocked; sign in again."


class LastSupport(Conflict):
    """Without this person nobody could look after the roster."""

    code = "last_support"
    ja = "ICT支援員が ひとりも いなくなるため、変えられません。先に ほかの人を ICT支援員に してください。"
    en = "This is the last ICT support person; appoint another one first."


class PinShownBefore(Conflict):
    """This very request made a PIN before, and a PIN is shown once."""

    code = "pin_shown_before"
    ja = "新しい暗証番号は いちどしか 出ません。見のがしたときは、名簿から もう一度 つくりなおしてください。"
    en = "A new PIN is shown once; make another one if you missed it."
