"""`RESULT.txt` on a stick: what came of it, in Japanese, for whoever opens it on any computer."""

from pathlib import Path

from sync.files import write_over

RESULT_NAME = "RESULT.txt"

_MOST = 64 * 1024
_MARK = "■ "


def add_result(folder: Path, title: str, words: str) -> None:
    """Write down what happened, below what happened before; the oldest goes where it gets long. `OSError`."""
    path = folder / RESULT_NAME
    sections = [*_sections(path), f"{title}\n{words}\n"]
    while len(sections) > 1 and sum(len(section.encode()) for section in sections) > _MOST:
        sections.pop(0)
    text = "\n".join(f"{_MARK}{section}" for section in sections)
    # With a byte order mark and the line ends of the computers that open it.
    write_over(path, text.replace("\n", "\r\n").encode("utf-8-sig"))


def _sections(path: Path) -> list[str]:
    """What is there; of a link, or of what is no file, nothing: a stick is somebody else's until it is read."""
    if path.is_symlink() or not path.is_file():
        return []
    try:
        with path.open("rb") as file:
            before = file.read(4 * _MOST).decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except OSError:
        return []
    found = f"\n{before}".split(f"\n{_MARK}")
    return [section.rstrip("\n") + "\n" for section in found if section.strip()]
