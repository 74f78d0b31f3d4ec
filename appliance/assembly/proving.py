"""What the box searches to prove that it keeps nothing forbidden, and the command that searches without the desk."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from appliance.config import Config
from appliance.desk.errors import ConfigError
from appliance.messages import text
from appliance.store.proof import Proof, search

FOUND = 1
OK = 0

_STANDARD_ERROR = Path("/proc/self/fd/2")


def own_log() -> Path | None:
    """The file into which this process writes its log; None where a terminal or the system's journal takes it."""
    try:
        path = _STANDARD_ERROR.readlink()
    except OSError:
        return None
    return path if path.is_file() else None


def prove(config: Config, *, log: Path | None, decoys: Path | None, as_json: bool) -> int:
    """Search what the box of that configuration keeps, and print what was found; 1 unless it is nothing at all.

    In a process of its own, never in the desk's: see `appliance.store.proof`.
    """
    proof = search(config.state.directory, log=log, decoys=_lines(decoys))
    print(json.dumps(dataclasses.asdict(proof), ensure_ascii=False) if as_json else "\n".join(_words(proof)))
    return FOUND if proof.found or proof.unread else OK


def _lines(file: Path | None) -> Sequence[str]:
    """The words in a file, one a line; `ConfigError`."""
    if file is None:
        return ()
    try:
        return [line for line in file.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("decoys", f"cannot be read: {type(error).__name__}") from None


def _words(proof: Proof) -> Sequence[str]:
    verdict = "proof_found" if proof.found else "proof_not_all" if proof.unread else "proof_none"
    return [
        text(verdict, found=len(proof.found), unread=len(proof.unread)),
        text("proof_amount", files=proof.files, size=proof.bytes),
        *(text(f"proof_{finding.kind}", path=finding.path) for finding in proof.found),
        *(text("proof_unread", path=path) for path in proof.unread),
    ]
