"""No picture of a process through which a PIN or what it opens went may be left on a disk."""

import contextlib
import resource

_NO_CORE = (1, 1)
"""A limit of 1 and not of 0: a core that goes to a program is suppressed by nothing else (core(5))."""


def leave_no_core() -> None:
    """Where the service's sandbox lets nobody change a limit, the unit has set it already."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, _NO_CORE)
