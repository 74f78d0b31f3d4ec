"""What can go wrong inside the town hall, as words a caller can act on."""

from typing import ClassVar

from sync.errors import SyncError


class SourceAway(SyncError):
    """Where the records come from does not answer; everything fetched before still counts."""

    code = "source_away"
    exit_code: ClassVar[int] = 75
    ja = "受信サーバーに つながりません。前に受けとった記録は そのまま 使えます。"
    en = "The receiver cannot be reached; what was fetched before still counts."


class OfficeLocked(SyncError):
    """The office has no keys in memory."""

    code = "office_locked"
    ja = "役場の鍵が かかっています。画面で 合言葉を 入れてください。届いた記録は 失われていません。"
    en = "The office is locked; type the passphrase at its page. What has arrived is safe."


class UnknownDevice(SyncError):
    """A record or epoch of a device that is not admitted."""

    code = "unknown_device"
    ja = "登録されていない 機器の 記録です。機器を 登録すると ひらけます。"
    en = "The device is not admitted; its records are kept aside until it is."


class OtherMunicipality(SyncError):
    """A record or epoch that belongs to another town."""

    code = "other_municipality"
    ja = "別の自治体の 記録です。"
    en = "The record belongs to another municipality."


class EpochMissing(SyncError):
    """The epoch of a record has not arrived."""

    code = "epoch_missing"
    ja = "封を ひらく鍵の部分が まだ とどいていません。"
    en = "The epoch that opens this record has not arrived yet."


class Conflicting(SyncError):
    """Another record has the same id, or the same place in the chain."""

    code = "conflict"
    ja = "同じ番号で 中身のちがう 記録です。先に とどいたほうを 使っています。"
    en = "Another record with this id or this place in its chain arrived before."


class InvalidQuestion(SyncError):
    """Numbers were asked for in a way that cannot be answered; `field` names the part."""

    code = "invalid"
    field: ClassVar[str] = ""
    ja = "この しぼりこみでは 数えられません。"
    en = "These filters cannot be counted."


class PeriodBackwards(InvalidQuestion):
    """The period ends before it begins."""

    code = "period_backwards"
    field = "to"
    ja = "終わりの日が 始めの日より 前です。日付を なおしてください。"
    en = "The period ends before it begins."


class UnknownFacility(InvalidQuestion):
    """No admitted device stands in that facility."""

    code = "unknown_facility"
    field = "facility"
    ja = "その施設は 登録されていません。一覧から えらびなおしてください。"
    en = "No device of that facility is admitted."


class UnknownTopic(InvalidQuestion):
    """Neither the packs nor any record name that topic."""

    code = "unknown_topic"
    field = "topic"
    ja = "その相談内容は ありません。一覧から えらびなおしてください。"
    en = "There is no such topic."
