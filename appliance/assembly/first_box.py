"""Port `FirstBox` of the pages, on the office's folder that a stick brings.

What makes a kit is loaded only when somebody makes one: cryptography is no part of a start. The key that signs lists
and kits is opened in memory for that moment; the one that opens records is not touched, and need not be on the stick.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from appliance.desk.errors import ConfigError, Invalid, PackError
from appliance.desk.facts.catalogue import Choice
from sync.errors import SyncError
from ui.desk.first_box_form import Description
from ui.desk.first_box_pages import MadeKit

STICK = Path("/media/madoguchi")
"""Where the office's stick is put in for this page."""


class StickFirstBox:
    """Makes the kit of a box that has none."""

    def __init__(self, *, keys: Path, state: Path, stick: Path = STICK) -> None:
        """`keys`: where the municipality's keys will be; a folder `first-box` in `state` does instead of the stick."""
        self._keys = keys
        self._places = (stick, state / "first-box")

    def is_needed(self) -> bool:
        """See the port."""
        return not self._keys.exists()

    def municipality(self) -> str:
        """See the port."""
        folder = self._folder()
        if folder is None:
            return ""
        from appliance.assembly.town import TownFolder, municipality_of

        try:
            return municipality_of(TownFolder(folder))
        except (ConfigError, SyncError, OSError):
            return ""

    def make(self, site: Description, passphrase: str) -> MadeKit:
        """See the port."""
        from appliance.assembly.first_box_site import calendars_of, content_of
        from appliance.assembly.town import TownFolder, lists_key, town_keys_of
        from provisioning.kit import KIT_NAME, digest_of
        from provisioning.shelf import KitShelf
        from provisioning.site import site_of
        from provisioning.stick import writing
        from sync.files import write_over

        folder = self._folder()
        if folder is None:
            raise Invalid("town", "no stick with town-keys.toml")
        town = TownFolder(folder)
        try:
            keys, described = town_keys_of(town), site_of(content_of(site), calendars_of(site).__getitem__)
            if described.words.code != keys.municipality:
                raise Invalid("municipality.code", "is not that of the keys on the stick")
            office = lists_key(town, passphrase)
        except ConfigError as error:
            raise Invalid(error.key, "cannot be used") from None
        except PackError as error:
            raise Invalid(f"municipality.{'kind' if 'kind' in error.detail else 'code'}", "is not right") from None
        except SyncError:
            raise Invalid("passphrase", "does not open lists.key") from None
        with writing(folder / KIT_NAME):
            kit, data = KitShelf(town.kits).make(described, keys, office, at=datetime.now(UTC).replace(microsecond=0))
            write_over(folder / KIT_NAME, data)
        places = [Choice(id=one.id, name=one.name) for one in kit.site.facilities]
        return MadeKit(digest=digest_of(data).hex()[:16], place=str(folder.absolute()), facilities=places)

    def _folder(self) -> Path | None:
        return next(self._folders(), None)

    def _folders(self) -> Iterator[Path]:
        for place in self._places:
            try:
                if (place / "town-keys.toml").is_file():
                    yield place
            except OSError:
                continue
