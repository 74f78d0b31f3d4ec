"""A long time under hostile requests: `python -m tests.bench.soak` says what was answered, and fails on any finding.

The last run of full size is kept in soak.json beside this file.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.ui.siege import Siege, besiege

REQUESTS = 100_000
SEED = 20261122
MOST_GROWTH = 32 * 2**20
LAST = Path(__file__).with_name("soak.json")


def main() -> int:
    """Attack, print, and say by the exit status whether everything held."""
    parser = argparse.ArgumentParser(
        prog="make soak", description="敵意のある要求を送りつづける / hostile requests, many"
    )
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--seed", type=int, default=SEED, help="the same number, the same requests")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="madoguchi-soak-") as folder:
        siege = besiege(Path(folder), asked.requests, number=asked.seed)
    print(siege)
    for finding in siege.findings:
        print("FOUND", finding)
    held, seconds = _held(siege, asked.requests), round(time.monotonic() - began)
    print(f"{seconds} s, {'held' if held else 'DID NOT HOLD'}")
    if asked.requests >= REQUESTS:
        LAST.write_text(json.dumps(_result(siege, held=held, seconds=seconds), indent=1) + "\n", encoding="utf-8")
    return 0 if held else 1


def _result(siege: Siege, *, held: bool, seconds: int) -> dict[str, object]:
    return {
        "seed": siege.seed,
        "sent": siege.sent,
        "seconds": seconds,
        "grown_bytes": siege.grown_bytes,
        "findings": siege.findings,
        "held": held,
        "statuses": {name: dict(sorted(judge.statuses.items())) for name, judge in siege.judges.items()},
    }


def _held(siege: Siege, requests: int) -> bool:
    return not siege.findings and siege.sent >= requests and siege.grown_bytes < MOST_GROWTH


if __name__ == "__main__":
    sys.exit(main())
