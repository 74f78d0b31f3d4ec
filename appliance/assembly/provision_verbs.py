"""The verbs between a bare machine and an enrolled desk; each loads its part only when it is called."""

from argparse import Namespace


def town_keys(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import certifying

    return certifying.town_keys(arguments)


def town_recover(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import certifying

    return certifying.town_recover(arguments)


def town_certify(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import certifying

    return certifying.town_certify(arguments)


def town_move(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import certifying

    return certifying.town_move(arguments)


def town_retire(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import certifying

    return certifying.town_retire(arguments)


def town_stolen(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import certifying

    return certifying.town_stolen(arguments)


def provision_kit(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import certifying

    return certifying.provision_kit(arguments)


def provision_bundle(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import bundling

    return bundling.provision_bundle(arguments)


def provision_network(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import networking

    return networking.provision_network(arguments)


def check_kit(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import certifying

    return certifying.check_kit(arguments)


def enrol(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import enrolling

    return enrolling.enrol(arguments)


def leave(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import enrolling

    return enrolling.leave(arguments)


def provision_wipe(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import enrolling

    return enrolling.wipe_this_box(arguments)
