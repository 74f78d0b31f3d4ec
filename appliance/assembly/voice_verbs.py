"""The verbs of the voice; each loads its part only when it is called."""

from argparse import Namespace


def make(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import voice_rendering

    return voice_rendering.make(arguments)


def kana(arguments: Namespace) -> int:
    """See there."""
    from appliance.assembly import voice_rendering

    return voice_rendering.kana(arguments)
