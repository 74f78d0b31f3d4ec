"""The office's pages with the words of the packs."""

import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path

from appliance.assembly.addresses import is_own_address
from appliance.assembly.key_holder import KeyHolder
from appliance.assembly.serving import Application
from appliance.content import BUILT_IN, load_catalogue
from appliance.desk.errors import ConfigError, MadoguchiError
from appliance.desk.facts.catalogue import AgeBand, Catalogue
from appliance.desk.ports import Tokens
from provisioning.ceremony import key_of
from provisioning.errors import PaperRefused
from provisioning.paper import sheets_in
from sync.keys import TownKeys
from sync.office.office import Office
from ui.hosts import KnownHosts
from ui.office.access import OfficeUsers
from ui.office.app import create_office_app
from ui.office.names import Names
from ui.office.recovery import RecoveryTrial


class OneOfficer:
    """Port `OfficeUsers` with a single officer, until the office has users of its own."""

    def __init__(self, user: str, pin: str) -> None:
        self._user = user
        self._pin = pin

    def allows(self, user: str, pin: str) -> bool:
        """See the port."""
        return hmac.compare_digest(f"{user}\0{pin}".encode(), f"{self._user}\0{self._pin}".encode())


class PaperTrial:
    """Port `RecoveryTrial` for the recovery key of one town; what it makes of the sheets is gone with the answer."""

    def __init__(self, town: TownKeys) -> None:
        self._town = town

    def trouble(self, sheets: Sequence[str]) -> str:
        """See the port."""
        try:
            key_of([sheet for typed in sheets for sheet in sheets_in(typed)], self._town)
        except PaperRefused as error:
            return f"{error.ja}（{error}）"
        except MadoguchiError as error:
            return error.ja
        return ""


def office_catalogue(content: Path | None, municipality: str) -> Catalogue:
    """The packs in that folder, else the built-in ones; they must be of the municipality whose records are opened.

    `ConfigError`, `PackError`.
    """
    catalogue = load_catalogue(content or BUILT_IN)
    if catalogue.words.code != municipality:
        raise ConfigError("content", f"the packs are of {catalogue.words.code}, the keys of {municipality}")
    return catalogue


def office_app(
    office: Office,
    *,
    catalogue: Catalogue,
    users: OfficeUsers,
    tokens: Tokens,
    names: Sequence[str] = (),
    key_holder: KeyHolder | None = None,
    recovery: RecoveryTrial | None = None,
) -> Application:
    """The office's application, on a machine that browsers may also call by `names`; sessions end with the process.

    `key_holder` is there where the passphrase is typed at the page, `recovery` where sheets can be tried.
    """
    return create_office_app(
        office,
        lock=key_holder,
        asks_for="合言葉" if key_holder else "暗証番号",
        names=names_of(catalogue),
        users=users,
        tokens=tokens,
        secret_key=secrets.token_bytes(32),
        hosts=KnownHosts(names=names, is_own_address=is_own_address),
        recovery=recovery,
    )


def names_of(catalogue: Catalogue) -> Names:
    """What the office calls what the records name by id."""
    return Names(
        municipality=catalogue.words.name,
        hall=catalogue.words.hall,
        topics={topic.id: topic.name for topic in catalogue.topics},
        age_bands={band.id: band.name for band in catalogue.age_bands},
        outcomes={outcome.id: outcome.name for outcome in catalogue.outcomes},
        age_from={band.id: band.lower or 0 for band in catalogue.age_bands if _is_range(band)},
    )


def _is_range(band: AgeBand) -> bool:
    return band.lower is not None or band.upper is not None
