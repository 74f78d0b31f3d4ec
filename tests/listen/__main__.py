"""`make listen`: has a recogniser of speech write down every sentence of the desk, and keeps how much it understood."""

import json
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.listen.listening import USUAL_SPEED, Heard, listen, sentences

LAST = Path(__file__).with_name("last.json")
MOST_WRONG = 0.15
"""Of all letters, in the mean over the sentences; a recogniser guesses at words it never met, and so errs by itself."""
SHOWN = 0.25


def main() -> int:
    """Print and keep; 1 where too little was understood."""
    heard = listen(sentences())
    found = summary(heard)
    for one in sorted((one for one in heard if one.error_rate > SHOWN), key=lambda one: -one.error_rate):
        print(f"  {one.error_rate:.2f}  {one.sentence}\n        {one.heard}")
    print(found)
    LAST.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if found["held"] else 1


def summary(heard: Sequence[Heard]) -> dict[str, object]:
    """What is kept of a run."""
    rates = [one.error_rate for one in heard]
    return {
        "on": datetime.now(UTC).date().isoformat(),
        "speed": USUAL_SPEED,
        "sentences": len(rates),
        "letters_wrong_mean": round(statistics.mean(rates), 3),
        "letters_wrong_median": round(statistics.median(rates), 3),
        "understood_whole": sum(rate == 0 for rate in rates),
        "held": statistics.mean(rates) <= MOST_WRONG,
    }


if __name__ == "__main__":
    sys.exit(main())
