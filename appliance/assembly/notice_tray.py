"""What the courier door does with a notice of the office: look whether this desk can use it, and keep it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from appliance.assembly.notices import Kept, NoticeFolder
from appliance.assembly.packs import check_packs
from appliance.desk.errors import PackError
from sync.errors import SyncError
from sync.notices import CONTENT, STICKS, Notice
from sync.packs import files_in, sticks_in


class UnknownNotice(SyncError):
    """A notice of a kind that this program does not know."""

    code = "unknown_notice"
    ja = "新しい種類の お知らせです。この機器を 更新すると 使えます。"
    en = "The notice is of a kind this program does not know; update it."


class StoredNotices:
    """Port `NoticeTray` on this box's disk; packs take effect when the desk starts, revoked sticks at once."""

    def __init__(self, state: Path, *, content: Path, municipality: str) -> None:
        """`content`: the folder of this box's own packs."""
        self._folder = NoticeFolder(state)
        self._content = content
        self._municipality = municipality
        self._read: Mapping[str, Callable[[bytes], object]] = {CONTENT: self._packs, STICKS: _sticks}
        self._refused: dict[str, int] = {}
        kept = {kind: self._folder.read(kind) for kind in self._read}
        self._kept = {kind: one for kind, one in kept.items() if one is not None}

    def heard(self) -> Mapping[str, int]:
        """See the port. What was refused is asked for again after the next start, when the program may be newer."""
        kept = {kind: one.number for kind, one in self._kept.items()}
        return {kind: max(kept.get(kind, 0), self._refused.get(kind, 0)) for kind in kept | self._refused}

    def keep(self, notice: Notice) -> None:
        """See the port; `UnknownNotice`, `MalformedMessage`, `PackError`, `StorageFull`, `StorageFailed`."""
        try:
            if notice.kind not in self._read:
                raise UnknownNotice(notice.kind)
            kept = Kept(number=notice.number, says=self._read[notice.kind](notice.body))
        except (SyncError, PackError) as error:
            self._refuse(notice, str(error))
            raise
        self._folder.write(notice.kind, kept)
        self._kept[notice.kind] = kept

    def revoked(self) -> Collection[bytes]:
        """See the port."""
        kept = self._kept.get(STICKS)
        says = kept.says if kept else ()
        return frozenset(map(bytes.fromhex, says)) if isinstance(says, list) else frozenset()

    def _refuse(self, notice: Notice, why: str) -> None:
        self._refused[notice.kind] = notice.number
        if notice.kind == CONTENT:
            self._folder.note(replace(self._folder.packs(), refused=notice.number, why=why))

    def _packs(self, body: bytes) -> dict[str, str]:
        files = files_in(body)
        check_packs(files, municipality=self._municipality, folder=self._content)
        return files


def _sticks(body: bytes) -> list[str]:
    return sorted(stick.hex() for stick in sticks_in(body))
