"""A long time under hostile requests: `python -m tests.bench.soak` says what was answered, and fails on any finding."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.ui.siege import Siege, besiege

REQUESTS = 100_000
SEED = 20261122
MOST_GROWTH = 32 * 2**20


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
    print(f"{time.monotonic() - began:.0f} s, {'held' if _held(siege, asked.requests) else 'DID NOT HOLD'}")
    return 0 if _held(siege, asked.requests) else 1


def _held(siege: Siege, requests: int) -> bool:
    return not siege.findings and siege.sent >= requests and siege.grown_bytes < MOST_GROWTH


if __name__ == "__main__":
    sys.exit(main())
