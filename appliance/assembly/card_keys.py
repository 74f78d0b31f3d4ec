"""The keys under which a box knows cards of its staff: made of its own key, kept in no file of their own."""

from collections.abc import Mapping

from sync.keys import SigningKey, device_id


def card_keys(device_key: SigningKey) -> Mapping[str, bytes]:
    """The keys under which this box knows cards of staff, newest first.

    Each version names the box: what another box kept, or this one before its key was lost, is told apart and forgotten.
    """
    return {f"1-{device_id(device_key.public).hex()}": device_key.derived("staff cards 1")}
