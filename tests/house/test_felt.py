"""Calls that are felt and heard, with the cable out from the first boot."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.test_enrolment import ALONE, can_be_alone


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(not can_be_alone(), reason="this system lets nobody make a network namespace")
def test_lamp_and_voice_tell_whether_somebody_comes_and_nothing_stale_after_a_power_cut(tmp_path: Path) -> None:
    words = [*ALONE, sys.executable, "-m", "tests.house.felt", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "interfaces": ["lo"],
        "nobody there": [True, "unattended"],
        "somebody there": [True, "calling"],
        "she comes": [True, True],
        "after the power cut": [True, "unattended"],
    }
