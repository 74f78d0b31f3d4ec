"""`make fresh`: the README's commands and a box, in Debians where nothing was done yet. Needs root and a network."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fresh import box, running, testing
from tests.fresh.root import commit
from tests.house.machine import why_not

SUITES = ("bookworm", "trixie")
PARTS: Mapping[str, Callable[[str], dict[str, object]]] = {"run": running.run, "box": box.run, "test": testing.run}
LAST = Path(__file__).with_name("last.json")


def main(words: Sequence[str] | None = None) -> int:
    """Prove, print and keep; 1 where something did not hold."""
    asked = _arguments(words)
    if reason := why_not():
        print(f"fresh: {reason}", file=sys.stderr)
        return 1
    held = [_prove(suite, part) for part in asked.parts or PARTS for suite in asked.suite or SUITES]
    return 0 if all(held) else 1


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fresh", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"only these of {', '.join(PARTS)}")
    parser.add_argument("--suite", action="append", choices=SUITES, help="only that Debian")
    asked = parser.parse_args(words)
    if unknown := set(asked.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; known: {', '.join(PARTS)}")
    return asked


def _prove(suite: str, part: str) -> bool:
    """Whether that part held in that Debian."""
    print(f"== Debian {suite}: {part}", flush=True)
    began = time.monotonic()
    about = {"on": datetime.now(UTC).date().isoformat(), "commit": commit()}
    found = {**about, "held": True, **_looked_at(PARTS[part], suite)}
    _keep(suite, part, found)
    print(f"   ({suite} {part}: {time.monotonic() - began:.0f} s) {found}", flush=True)
    return bool(found["held"])


def _looked_at(part: Callable[[str], dict[str, object]], suite: str) -> dict[str, object]:
    """What was found, and whether it is as promised."""
    try:
        return part(suite)
    except (AssertionError, OSError, TimeoutError) as error:
        print(f"DID NOT HOLD: {error}", flush=True)
        return {"held": False}


def _keep(suite: str, part: str, found: dict[str, object]) -> None:
    """Beside what is known of the other parts."""
    kept: dict[str, dict[str, Any]] = json.loads(LAST.read_text(encoding="utf-8")) if LAST.exists() else {}
    kept.setdefault(suite, {})[part] = found
    LAST.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
