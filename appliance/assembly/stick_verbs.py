"""The verbs of the courier on foot; each loads its part only when it is called, because a courier must stay small."""

from argparse import Namespace


def carry_out(arguments: Namespace) -> int:
    """`madoguchi export`: see there."""
    from appliance.assembly import on_foot

    return on_foot.carry_out(arguments)


def bring_home(arguments: Namespace) -> int:
    """`madoguchi import`: see there."""
    from appliance.assembly import on_foot

    return on_foot.bring_home(arguments)


def town_pull(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import office_roads

    return office_roads.pull(arguments)


def town_push(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import office_roads

    return office_roads.push(arguments)


def town_pack(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import packing

    return packing.pack(arguments)


def stick_register(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import office_sticks

    return office_sticks.register(arguments)


def stick_list(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import office_sticks

    return office_sticks.show(arguments)


def stick_revoke(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import office_sticks

    return office_sticks.revoke(arguments)
