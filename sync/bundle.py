"""What travels on a stick: the batches and replies of the wire, one file each, whole or absent even if pulled out.

`madoguchi/boxes/<device>/<chain>-<after>-<last>.batch` goes to the town; the `.reply` that takes its place goes back.
Nothing here believes a signature: batches are believed by the receiver, replies by the desk.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sync.errors import MalformedMessage, SyncError
from sync.file_system import file_system_of
from sync.files import sync_folder, write_over
from sync.runs import NotReached
from sync.wire import MAX_BATCH_BYTES, Batch, Signed, encode

FOLDER = "madoguchi"
MOST_FILES = 5000
"""Files of one box that are looked at; a stick is somebody else's until it is read."""

_UNFIT: Mapping[str, str] = {"exfat": "exFAT", "ntfs": "NTFS", "ntfs3": "NTFS", "fuseblk": "NTFS / exFAT"}
_BOXES = "boxes"
_ID = "stick.id"
_MOST_ID = 1024
_DIGEST = 32
_NAME = re.compile(r"([0-9a-f]{16})-([0-9]{12})-([0-9]{12})")
_DEVICE = re.compile(r"[0-9a-f]{16}")
_HALF_DONE = re.compile(r"\..+\.[0-9a-f]{8}")


class StickNotReached(NotReached):
    """The stick takes nothing, gives nothing, or was pulled out."""

    code = "stick_not_reached"
    ja = (
        "USBメモリーを 読み書きできません。さしこみ、書きこみ禁止、空きを 確かめて、もう一度 どうぞ。"
        "記録は 失われていません。"
    )
    en = "The stick cannot be read or written: is it in, writable and not full? No record is lost; try again."


class StickUnfit(SyncError):
    """The stick is formatted in a way on which this product has never been pulled out."""

    code = "stick_unfit"
    ja = (
        "この形式の USBメモリーは 使えません。記録は のせていません。"
        "パソコンで FAT32（小さいものは FAT）に フォーマットして、役場で 登録しなおしてください。"
    )
    en = "A stick of this format is not used; no record is on it. Format it as FAT32 and register it again."


@dataclass(frozen=True, order=True, kw_only=True, slots=True)
class Piece:
    """The place of one batch: which records of a chain it holds, those after one sequence up to another."""

    device: bytes
    chain: bytes
    after: int
    last: int

    @property
    def name(self) -> str:
        """The name of its file, without the ending."""
        return f"{self.chain.hex()}-{self.after:012}-{self.last:012}"


def digest_of(epochs: Sequence[bytes], records: Sequence[bytes]) -> bytes:
    """What tells two batches apart by what they hold."""
    return hashlib.sha256(encode([list(epochs), list(records)])).digest()


class Bundle:
    """The folder `madoguchi` of one stick; every method raises `StickNotReached` where the stick fails."""

    def __init__(self, stick: Path, *, file_system: Callable[[Path], str] = file_system_of) -> None:
        """`stick` is where it is mounted, or any folder; `StickUnfit`."""
        self._stick = stick
        with self._words():
            if not stick.is_dir():
                raise NotADirectoryError(20, "there is no such folder")
            self._root = stick.resolve()
            unfit = _UNFIT.get(file_system(self._root))
        if unfit:
            raise StickUnfit(unfit)

    def devices(self) -> list[bytes]:
        """The boxes that have something here."""
        with self._words():
            boxes = self._folder(_BOXES)
            found = [path.name for path in islice(boxes.iterdir(), MOST_FILES)] if boxes.is_dir() else []
        return sorted(bytes.fromhex(name) for name in found if _DEVICE.fullmatch(name))

    def batches(self, device: bytes) -> list[Piece]:
        """What that box sends, in the order of its chains."""
        return self._pieces(device, ".batch")

    def replies(self, device: bytes) -> list[Piece]:
        """What the town has answered to that box."""
        return self._pieces(device, ".reply")

    def batch(self, piece: Piece) -> tuple[bytes, Batch] | None:
        """A batch as it is and as it reads; None for a file that is damaged, or of another box."""
        body = self._read(self._file(piece, ".batch"))
        try:
            batch = Batch.from_bytes(Signed.from_bytes(body).payload) if body is not None else None
        except MalformedMessage:
            return None
        return (body, batch) if body is not None and batch is not None and batch.device == piece.device else None

    def reply(self, piece: Piece) -> bytes | None:
        """A reply; None for a file that is damaged."""
        return self._read(self._file(piece, ".reply"))

    def put_batch(self, piece: Piece, body: bytes) -> None:
        """Lay a batch here, durably."""
        self._write(self._file(piece, ".batch"), body)

    def put_reply(self, piece: Piece, body: bytes) -> None:
        """Lay the reply to a batch here, durably, and take the batch away."""
        self._write(self._file(piece, ".reply"), body)
        self.remove_batch(piece)

    def remove_batch(self, piece: Piece) -> None:
        """Take a batch away; its records are at the box until the town has them."""
        self._remove(self._file(piece, ".batch"))

    def remove_reply(self, piece: Piece) -> None:
        """Take a reply away that the desk has read."""
        self._remove(self._file(piece, ".reply"))

    def set_aside(self, piece: Piece) -> None:
        """Keep a batch that nobody believes for people to look at, out of the way of a new one."""
        path = self._file(piece, ".batch")
        with self._words():
            path.replace(path.with_suffix(".refused"))
            sync_folder(path.parent)

    def tidy(self, device: bytes) -> None:
        """Remove what writing has left half done for that box."""
        with self._words():
            folder = self._folder(_BOXES, device.hex())
            for path in islice(folder.glob(".*"), MOST_FILES):
                if _HALF_DONE.fullmatch(path.name):
                    path.unlink()

    def id(self) -> bytes | None:
        """By what the office knows this stick, as it was signed; None for a stick that is not registered."""
        with self._words():
            path = self._folder() / _ID
            return path.read_bytes()[:_MOST_ID] if path.is_file() else None

    def put_id(self, data: bytes) -> None:
        """Give the stick the name that the office signed."""
        self._put(self._folder() / _ID, data)

    def _pieces(self, device: bytes, ending: str) -> list[Piece]:
        with self._words():
            folder = self._folder(_BOXES, device.hex())
            names = [path.stem for path in islice(folder.glob(f"*{ending}"), MOST_FILES)]
        found = [match for name in names if (match := _NAME.fullmatch(name))]
        return sorted(
            Piece(device=device, chain=bytes.fromhex(one[1]), after=int(one[2]), last=int(one[3])) for one in found
        )

    def _file(self, piece: Piece, ending: str) -> Path:
        return self._folder(_BOXES, piece.device.hex()) / f"{piece.name}{ending}"

    def _folder(self, *names: str) -> Path:
        """A folder of the stick, and never one that a link on it points to elsewhere."""
        folder = self._root.joinpath(FOLDER, *names)
        if folder.resolve() != folder:
            raise StickNotReached(f"{folder} leads somewhere else")
        return folder

    def _read(self, path: Path) -> bytes | None:
        with self._words():
            if path.is_symlink() or not path.is_file():
                return None
            with path.open("rb") as file:
                content = file.read(_DIGEST + MAX_BATCH_BYTES + 1)
        digest, body = content[:_DIGEST], content[_DIGEST:]
        return body if hashlib.sha256(body).digest() == digest and len(body) <= MAX_BATCH_BYTES else None

    def _write(self, path: Path, body: bytes) -> None:
        self._put(path, hashlib.sha256(body).digest() + body)

    def _put(self, path: Path, content: bytes) -> None:
        with self._words():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_over(path, content)

    def _remove(self, path: Path) -> None:
        with self._words():
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    @contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StickNotReached(f"{self._stick}: {error.strerror or error}") from None
