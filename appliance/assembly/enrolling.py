"""What the command does between a bare box and an enrolled one, on the box itself."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.assembly.verbs import OK, note
from appliance.config import load_config
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.roster import PersonEntry
from appliance.messages import text
from provisioning.enrol import (
    BoxPlace,
    ask,
    device_key,
    facility_of,
    free_number,
    held,
    must_not_have_left,
    prepare,
    request_of,
    settle,
)
from provisioning.errors import CertificateRefused, DeskRuns, NotPrepared, ProvisioningError
from provisioning.kit import read_kit
from provisioning.stick import EnrolStick, wipe
from sync.enrolment import Certificate, Request, certificate_bytes, code_of, request_text
from sync.errors import MalformedMessage, SyncError
from sync.keys import device_id
from sync.leaving import Farewell, Head


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A box that has asked."""

    request: Request
    data: bytes

    @property
    def code(self) -> str:
        """What its screen shows."""
        return code_of(self.data)


def enrol(arguments: Namespace) -> int:
    """One step: take the kit and ask, or take the certificate and be ready; tells the stick what came of it."""
    place, stick = place_of(arguments.config, arguments.state), EnrolStick(arguments.stick)
    try:
        certificate = _step(arguments, place, stick)
    except (MadoguchiError, SyncError) as error:
        _tell_of(error, place, stick)
        raise
    finally:
        hand_over(place.state)
    asked, data = request_of(place)
    if certificate is None:
        asking = Asking(request=asked, data=data)
        print(provisional_words(asking))
        stick.tell(asked.box, f"役場の 登録を 待っています。  符号 {asking.code}")
    else:
        print(text("enrol_ready", box=certificate.box, facility=certificate.facility_name))
        stick.tell(asked.box, f"登録できました（{certificate.facility_name}）。")
    return OK


def place_of(config: Path, state: Path | None) -> BoxPlace:
    """Where this box keeps itself: as it was told, or as its configuration says, or beside that."""
    if state is None:
        state = load_config(config).state.directory if config.exists() else config.parent / "state"
    return BoxPlace(config=config, state=state)


def provisional_words(asking: Asking) -> str:
    """Number, code and QR of a box that waits for its certificate."""
    from provisioning.qr import in_terminal

    words = text("enrol_waiting", box=asking.request.box, code=asking.code)
    return f"{in_terminal(request_text(asking.data))}\n{words}" if sys.stdout.isatty() else words


def _step(arguments: Namespace, place: BoxPlace, stick: EnrolStick) -> Certificate | None:
    """The certificate that holds after this step, or None while the office has yet to answer."""
    if arguments.afresh or not place.request.exists():
        _take_kit(arguments, place, stick)
    asked, data = request_of(place)
    if (leaving := stick.leaving_list()) is not None:
        must_not_have_left(place, leaving)
    certificate = _brought(arguments.certificate, stick, asked.box)
    if certificate is not None:
        settled = settle(place, certificate)
        if not arguments.keep_kit:
            _wipe_left_kit(stick, asked)
        return settled
    before = held(place)
    if before is None:
        ask(stick, asked, data)
    return before


def _brought(typed: str | None, stick: EnrolStick, box: int) -> bytes | None:
    if not typed:
        return stick.certificate(box)
    try:
        return certificate_bytes(typed)
    except MalformedMessage as error:
        raise CertificateRefused(error.detail) from None


def _take_kit(arguments: Namespace, place: BoxPlace, stick: EnrolStick) -> None:
    where = arguments.kit or stick.kit
    kit, digest = read_kit(where)
    facility = facility_of(kit, arguments.facility)
    box = arguments.box or free_number(stick)
    prepare(place, kit, digest, facility=facility, box=box, desk=arguments.desk)
    for line in _seed(place, kit.site.people_at(facility.id)):
        print(line)
    if not arguments.keep_kit:
        wipe(where / stick.kit.name if where.is_dir() else where)


def _wipe_left_kit(stick: EnrolStick, asked: Request) -> None:
    """Take the kit away that was left for the boxes after this one: they have asked by the time certificates come."""
    try:
        digest = read_kit(stick.kit)[1]
    except ProvisioningError:
        return
    if digest == asked.kit:
        wipe(stick.kit)


def _seed(place: BoxPlace, people: Sequence[PersonEntry]) -> list[str]:
    """Put the kit's people on an empty roster, each with a PIN that is said here once and nowhere else."""
    if not people:
        return []
    from appliance.assembly.seeding import seed_roster

    pins = seed_roster(load_config(place.config), people)
    rows = [text("enrol_pin", number=number, name=name, pin=f"{pin[:3]} {pin[3:]}") for number, name, pin in pins]
    return [text("enrol_pins"), *rows, ""] if rows else []


def _tell_of(error: MadoguchiError | SyncError, place: BoxPlace, stick: EnrolStick) -> None:
    """Leave the reason on the stick, for whoever reads it at another computer; nothing secret, and no name."""
    fault = getattr(error, "fault", ProvisioningError.fault)
    try:
        box = request_of(place)[0].box
    except NotPrepared:
        box = None
    try:
        stick.tell(box, f"できませんでした。  故障番号 {fault}\n{error.ja}")
    except ProvisioningError:
        note(text("enrol_no_result"))


def hand_over(state: Path) -> None:
    """Give what root has written to the desk's own user, to whom the state folder belongs."""
    if os.geteuid() != 0 or not state.is_dir():
        return
    owner = state.stat()
    for path in state.iterdir():
        if path.is_file() and path.stat().st_uid != owner.st_uid:
            os.chown(path, owner.st_uid, owner.st_gid)


# -------------------------------------------------------------------------------------------------------------- leaving


def leave(arguments: Namespace) -> int:
    """Say farewell: sign where the chain of this box ends, so that what is still on its way counts."""
    from appliance.assembly.given_pin import desk_answers
    from appliance.store.head import stored_head

    config = load_config(arguments.config)
    place = BoxPlace(config=arguments.config, state=config.state.directory)
    asked, _ = request_of(place)
    if desk_answers(config.door):
        raise DeskRuns
    key, head = device_key(place), stored_head(config.state.directory / "desk.db")
    said = Farewell(
        municipality=asked.municipality,
        device=device_id(key.public),
        head=Head(chain=head.chain, sequence=head.sequence, hash=head.hash),
    )
    stick = EnrolStick(arguments.stick)
    stick.put(asked.box, "farewell", said.to_bytes(key))
    stick.tell(asked.box, f"使うのを やめます。記録は {head.sequence}件目で おわりました。")
    print(text("left", box=asked.box, records=head.sequence))
    return OK
