"""A guest whose kernel has gpio-sim, in which the suite of this folder runs."""

from pathlib import Path

LAST = Path(__file__).with_name("last.json")
