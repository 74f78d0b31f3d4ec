"""The verbs that look at a box; each loads its part only when it is called."""

from argparse import Namespace


def doctor(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import doctoring

    return doctoring.doctor(arguments)


def status(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import doctoring

    return doctoring.status(arguments)


def label(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import labelling

    return labelling.label(arguments)
