"""The suite on a real /dev/gpiochip where this kernel has none: in the guest, if `make gpio-sim` has prepared one."""

import pytest

from tests.gpio_sim import chip
from tests.gpio_sim.guest import Run, boot, why_not

NEEDLESS = "this kernel has gpio-sim itself" if not chip.why_not() else why_not()


@pytest.mark.slow
@pytest.mark.timeout(700)
@pytest.mark.skipif(bool(NEEDLESS), reason=NEEDLESS)
def test_buttons_and_lamps_hold_on_a_simulated_chip() -> None:
    run = boot()
    assert run.held, run.said[-5000:]
    assert set(run.counts) == {"passed"}


def test_what_the_guest_says_is_understood() -> None:
    run = Run(
        said='..F\n2 failed, 3 passed, 1 error in 60.64s (0:01:00)\nGUEST ends 1\nGUEST found {"share": 0.2, "ms": 3}\n'
        'GUEST found {"ms": 7}\n'
    )
    assert not run.held
    assert run.counts == {"failed": 2, "passed": 3, "error": 1}
    assert run.found == {"share": 0.2, "ms": 7}
