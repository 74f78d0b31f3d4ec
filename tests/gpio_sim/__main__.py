"""`make gpio-sim`: buttons and lamps on a GPIO chip that a real kernel simulates, in an emulated guest."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime

from tests.fresh.root import commit
from tests.gpio_sim.guest import LAST, PREPARED, Run, boot, prepare, why_not


def main() -> int:
    """Prepare, run, print and keep; 1 where something did not hold."""
    try:
        prepare()
    except subprocess.CalledProcessError:
        return 1
    if reason := why_not():
        print(f"gpio-sim: {reason}", file=sys.stderr)
        return 1
    began = time.monotonic()
    run = boot()
    print(run.said)
    _keep(run, seconds=time.monotonic() - began)
    return 0 if run.held else 1


def _keep(run: Run, *, seconds: float) -> None:
    kernel = (PREPARED / "prepared").read_text(encoding="utf-8").split()[0]
    about = {"on": datetime.now(UTC).date().isoformat(), "commit": commit(), "guest": f"Linux {kernel}, emulated"}
    result = {**about, "held": run.held, "seconds": round(seconds), **run.counts, "found": run.found}
    LAST.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
