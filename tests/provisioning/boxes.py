"""A prepared box with two records on its disk, and a machine around it in which everything is in order."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from appliance.desk.facts.call import Call, CallSource
from appliance.desk.facts.card import CardState, ReaderStatus
from appliance.store.store import Store
from provisioning.doctor import examine
from provisioning.enrol import BoxPlace, device_key, facility_of, prepare, request_of
from provisioning.findings import Finding
from provisioning.surroundings import Package, Surroundings
from sync.enrolment import Certificate
from sync.sealing import RecordSealer
from tests.fakes import FakeClock
from tests.provisioning.site import a_kit, kit_bytes
from tests.sync.parts import MUNICIPALITY, OFFICE_KEY, TOWN_KEYS

NOW = FakeClock().now()
READER = "Sony RC-S300 PICC 00 00"
AROUND = Surroundings(
    answers=lambda _host, _port: False,
    is_synchronised=lambda: False,
    now=lambda: NOW.wall + timedelta(hours=1),
    units=lambda: {"madoguchi.service": {"ActiveState": "active"}},
    fault_of=lambda _unit: "",
    gpio_is_usable=lambda: True,
    sound_cards=lambda: ["USB-Audio - USB Audio Device"],
    has_player=lambda: True,
    unmade_sentences=lambda _config: 0,
    card_readers=lambda: CardState(reader=ReaderStatus.READY, readers=(READER,)),
    card_service=lambda: "there",
    modules_that_take_readers=lambda: (),
    can_import=lambda _module: True,
    installed=lambda _name: Package(version="50.0.2", is_own=True),
    addresses=lambda: [IPv4Address("192.168.50.1")],
    forwards=lambda: False,
    access_point_is_on=lambda: True,
)


@dataclass
class KeptBox:
    """A box whose desk is stopped."""

    folder: Path

    def __post_init__(self) -> None:
        self.place = BoxPlace(config=self.folder / "etc" / "madoguchi.toml", state=self.folder / "state")
        self.place.config.parent.mkdir(parents=True)
        kit = a_kit(self.folder / "site")
        digest = sha256(kit_bytes(self.folder / "site")).digest()
        prepare(self.place, kit, digest, facility=facility_of(kit, "kominkan-chuo"), box=7, desk=1)
        self.database = self.place.state / "desk.db"
        with closing(Store(self.database)) as store:
            store.keep_reserve()
            sealer = RecordSealer(TOWN_KEYS, device_key(self.place), start=store.run.start)
            for button in (1, 2, 3):
                call = Call.at_the_press(button, source=CallSource.BUTTON, attended=True, now=NOW)
                with store.writing() as writing:
                    writing.outbox.add(sealer.seal(call, on=writing.head), at=NOW)
                    writing.calls.add(call)

    def certify(self) -> None:
        """As the office would."""
        asked, data = request_of(self.place)
        certificate = Certificate(
            municipality=MUNICIPALITY,
            number=1,
            device=asked.device,
            box=asked.box,
            facility=asked.facility,
            facility_name="中央公民館",
            desk=asked.desk,
            request=sha256(data).digest(),
        )
        self.place.certificate.write_bytes(certificate.to_bytes(OFFICE_KEY))

    def found(self, **around: Any) -> dict[str, Finding]:
        """What the doctor finds, by the name of the finding, with the machine otherwise in order."""
        return {one.name: one for one in examine(self.place.config, replace(AROUND, **around))}

    def edit(self, old: str, new: str) -> None:
        """Change the configuration."""
        text = self.place.config.read_text(encoding="utf-8")
        assert old in text
        self.place.config.write_text(text.replace(old, new), encoding="utf-8")


def files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below, so that a test can say that nothing has changed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
