"""A box is emptied: no records, no keys, no roster, no town; what its machine was told (addresses, limits) stays."""

import shutil
from pathlib import Path

from provisioning.enrol import BoxPlace, kept_sections, state_section
from provisioning.stick import wipe, writing
from sync.files import sync_folder, write_over

_BARE = """\
# この箱の設定。`madoguchi enrol` が キットから 書きなおします。
# The configuration of this box; `madoguchi enrol` fills it in from the kit.
[desk]
facility = "not-enrolled"
facility_name = "登録前の箱"
"""


def wipe_box(place: BoxPlace) -> None:
    """Make it the box it was before any kit; one that was cut off in the middle is emptied by a second call.

    `CannotWrite`. The key goes first: without it nobody can be this box any more. Deleting does not scrub a memory
    card; what the box kept was sealed before it was written.
    """
    for secret in (place.device_key, place.state / "pages.key"):
        wipe(secret)
    with writing(place.state):
        for path in sorted(place.state.iterdir()) if place.state.is_dir() else ():
            _remove(path)
    with writing(place.config):
        _remove(place.town_keys)
        _remove(place.update_key)
        for name in ("municipality.toml", "calendar.toml"):
            _remove(place.content / name)
        _remove(place.config.with_name(f"{place.config.name}.before"))
        write_over(place.config, _bare(place))
        sync_folder(place.config.parent)


def _bare(place: BoxPlace) -> bytes:
    town = f'[town]\nkeys = "{place.town_keys.name}"\n'.encode()
    return b"\n".join([_BARE.encode(), state_section(place), town, *kept_sections(place.config)])


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
