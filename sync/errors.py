"""What can go wrong between a sealed record and its receipt, as words a caller can act on."""

from typing import ClassVar


class SyncError(Exception):
    """The root: a stable `code`, and what to tell people in Japanese and in English."""

    code: ClassVar[str] = "sync_error"
    ja: ClassVar[str] = "送受信が うまく いきませんでした。記録は 失われていません。もう一度 ためしてください。"
    en: ClassVar[str] = "The exchange with the town failed; no record is lost. Please try again."

    def __init__(self, detail: str = "") -> None:
        """`detail` says what exactly, for whoever repairs it; never a visitor's words and never a key."""
        super().__init__(detail or self.en)
        self.detail = detail


class MalformedMessage(SyncError):
    """Bytes that no desk, receiver or office of ours writes."""

    code = "malformed_message"
    ja = "とどいた データの 形が 正しくないため、受けとりませんでした。"
    en = "The bytes received are not a message of this product."


class UnsupportedVersion(MalformedMessage):
    """A well-formed message of a version this program does not know."""

    code = "unsupported_version"
    ja = "新しい形式の データです。この機器の 更新が 必要です。"
    en = "The message is of a version this program does not know; update it."


class UnknownKind(SyncError):
    """A payload whose kind, schema or word is newer than this program; keep the record aside, never drop it."""

    code = "unknown_kind"
    ja = "新しい種類の 記録です。保管しました。役所側の 更新のあとで ひらけます。"
    en = "The record is of a kind this program does not know yet; it is kept aside."


class BadSignature(SyncError):
    """A signature that the named key did not make over these bytes."""

    code = "bad_signature"
    ja = "署名が 合いません。別の機器の データか、途中で 変えられた データです。"
    en = "The signature does not fit: wrong sender, or changed on the way."


class NotOurReply(SyncError):
    """A properly signed reply that answers another run, device or municipality."""

    code = "not_our_reply"
    ja = "今回の送信への 返事では ありません。記録は そのまま のこしました。"
    en = "The reply is signed but answers another run; nothing was marked as received."


class NotOpenable(SyncError):
    """A record or epoch that this key does not open, or that was changed after sealing."""

    code = "not_openable"
    ja = "この鍵では ひらけません。別の鍵で 封をしたか、途中で 変えられた データです。"
    en = "This key does not open it, or it was changed after sealing."


class CommitmentMismatch(NotOpenable):
    """The wrap opened, but to another data key than the one the epoch commits to."""

    code = "commitment_mismatch"
    ja = "封の中の鍵が 記録の約束と 合いません。機器を 調べてください。"
    en = "The wrapped key is not the one the epoch commits to; examine the device."


class TooLong(SyncError):
    """A payload larger than a record may be."""

    code = "payload_too_long"
    ja = "記録が 長すぎて 封が できません。短くして もう一度 どうぞ。"
    en = "The record is too long to be sealed."


class WrongPassphrase(SyncError):
    """The passphrase does not open the key file."""

    code = "wrong_passphrase"
    ja = "合言葉が ちがいます。大文字・小文字と 全角・半角を 確かめて もう一度 どうぞ。"
    en = "The passphrase is wrong."


class KeyFileExists(SyncError):
    """A key would have to be written over another file."""

    code = "key_file_exists"
    ja = "同じ名前の 鍵ファイルが もう あります。上書きは しません。別の名前を えらんでください。"
    en = "There is a file of that name already; a key is never written over another."


class KeyFileBroken(SyncError):
    """A key file that is damaged, cut short or of another kind."""

    code = "key_file_broken"
    ja = "鍵ファイルが こわれているか、別のファイルです。控えの媒体から 入れなおしてください。"
    en = "The key file is damaged or of another kind; take it from its backup."


class TownKeysBroken(SyncError):
    """The file with the town's public keys cannot be used as it is."""

    code = "town_keys_broken"
    ja = "自治体の公開鍵ファイルが 途中で切れているか、書きかわっています。役所から もう一度 受けとってください。"
    en = "The file with the town's public keys is damaged; get it from the town office again."


class RegistryBroken(SyncError):
    """The list of admitted devices cannot be read."""

    code = "registry_broken"
    ja = "機器の一覧 (devices.toml) に 直すところが あります。"
    en = "The list of devices needs a correction."


class AlreadyAdmitted(SyncError):
    """The device is in the list already."""

    code = "already_admitted"
    ja = "この機器は もう 登録されています。"
    en = "This device is admitted already."


class BoxNumberTaken(SyncError):
    """Another device has, or had, that number."""

    code = "box_number_taken"
    ja = "その番号は ほかの箱が 使っています。やめた箱の番号も、もう一度は 使いません。"
    en = "Another box has or had that number; a number is never used again."


class OlderList(SyncError):
    """A list of boxes that have left which is older than the one known, or of another town."""

    code = "older_list"
    ja = "「やめた箱・盗まれた箱」の一覧が、いま あるものより 古いか、ほかの自治体の ものです。いまのものを 使います。"
    en = "The list of boxes that have left is older than the one known, or another town's; the known one stays."


class DeviceLeft(SyncError):
    """A record that a box made after it was retired or stolen, as far as anybody can tell."""

    code = "device_left"
    ja = "使うのを やめたか 盗まれた箱の、そのあとの 記録です。数えません。"
    en = "The record was made after its box was retired or reported stolen; it does not count."
