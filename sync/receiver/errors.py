"""What the receiver says no to, as words a caller can act on."""

from typing import ClassVar

from sync.errors import SyncError


class ReceiverError(SyncError):
    """A whole request was refused; `status` is what HTTP calls it."""

    status: ClassVar[int] = 500
    retry_after: ClassVar[int | None] = None
    """Seconds after which asking again makes sense; None if only a change helps."""


class UnknownDevice(ReceiverError):
    """The device is not, or no longer, in the town's list."""

    code = "unknown_device"
    status = 403
    ja = "この機器は まだ 登録されていません。役所で 機器を 登録してください。"
    en = "The town has not admitted this device."


class NotTheDevice(ReceiverError):
    """The batch is not signed by the device it names."""

    code = "bad_batch_signature"
    status = 403
    ja = "送信の署名が 機器の鍵と 合いません。"
    en = "The batch is not signed by the device it names."


class OtherMunicipality(ReceiverError):
    """The batch or list belongs to another municipality."""

    code = "other_municipality"
    status = 403
    ja = "別の自治体の データです。送り先の設定を 確かめてください。"
    en = "The message is for another municipality."


class NotTheOffice(ReceiverError):
    """The request lacks an office token, or the list is not signed by the office."""

    code = "not_the_office"
    status = 401
    ja = "役所の合言葉（トークン）か 署名が 合いません。"
    en = "Only the office may do this: its token or signature is missing."


class OpenedConflict(ReceiverError):
    """Another list already has that number."""

    code = "opened_number_taken"
    status = 409
    ja = "同じ番号の 別の一覧が もう あります。"
    en = "Another list of that device has this number."


class LeavingOlder(ReceiverError):
    """A list of boxes that have left which is older than the one known."""

    code = "older_list"
    status = 409
    ja = "「やめた箱・盗まれた箱」の一覧が、いま あるものより 古いものです。いまのものを 使います。"
    en = "The list of boxes that have left is older than the one known, which stays."


class NoticeOlder(ReceiverError):
    """A notice that is not newer than the one known, or another one of the same number."""

    code = "older_notice"
    status = 409
    ja = "いま あるものより 新しくない お知らせです。いまのものを 使います。"
    en = "The notice is not newer than the one known, which stays."


class NumberTaken(ReceiverError):
    """A certificate for a number that another box has or had."""

    code = "box_number_taken"
    status = 409
    ja = "その番号は ほかの箱が 使っています。やめた箱の番号も、もう一度は 使いません。"
    en = "Another box has or had that number; a number is never used again."


class BadRequest(ReceiverError):
    """A request that is not as the protocol says; `MalformedMessage` is the same for a body."""

    code = "bad_request"
    status = 400
    ja = "要求の形が 正しくありません。"
    en = "The request is not as the protocol says."


class WrongType(ReceiverError):
    """The body is not CBOR."""

    code = "wrong_content_type"
    status = 415
    ja = "application/cbor で 送ってください。"
    en = "Send application/cbor."


class StoreFull(ReceiverError):
    """The receiver's disk is full; nothing of the request was kept."""

    code = "storage_full"
    status = 507
    retry_after = 3600
    ja = "受信側の 保存場所が いっぱいです。何も 受けとっていません。あとで 送りなおしてください。"
    en = "The receiver's disk is full; nothing of this request was kept."


class StoreFailed(ReceiverError):
    """The receiver's database refused; ask again, a repetition is harmless."""

    code = "storage_failed"
    status = 503
    retry_after = 300
    ja = "受信側で 保存できませんでした。あとで 送りなおしてください。同じものを 送っても 大丈夫です。"
    en = "The receiver could not store; send it again later, a repetition is harmless."
