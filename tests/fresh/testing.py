"""`make test` in a fresh Debian, whole."""

import re
import time

from tests.fresh.root import fresh, nobody_is_left
from tests.fresh.terminal import Terminal

LONGEST_SECONDS = 3600.0
COUNTED = ("passed", "failed", "skipped", "error")
_SUMMARY = re.compile(r"=+ .* in [\d.]+s.* =+$")
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|error)")
_SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] \S+: (.+)$", re.MULTILINE)


def run(suite: str) -> dict[str, object]:
    """Seconds, and how many tests passed, failed or were skipped, and why those were."""
    with fresh(suite) as root:
        versions = root.versions()
        with Terminal(root.words("PYTEST_ADDOPTS=--color=no make test")) as terminal:
            status = terminal.wait(seconds=LONGEST_SECONDS)
        seconds = round(time.monotonic() - terminal.began)
    held = status == 0 and nobody_is_left(terminal.said)
    because = reasons(terminal.said)
    return {**versions, "held": held, "seconds": seconds, **counts(terminal.said), "skipped_because": because}


def counts(said: str) -> dict[str, int]:
    """What the last line of every pytest says, added up; nothing where none came to one."""
    summaries = [line for line in said.splitlines() if _SUMMARY.match(line)]
    found = [(word, int(number)) for line in summaries for number, word in _COUNT.findall(line)]
    return {word: sum(number for other, number in found if other == word) for word in COUNTED}


def reasons(said: str) -> dict[str, int]:
    """Why tests were skipped, and how many for that reason."""
    found: dict[str, int] = {}
    for number, reason in _SKIPPED.findall(said):
        found[reason] = found.get(reason, 0) + int(number)
    return found
