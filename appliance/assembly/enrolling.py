"""What the command does between a bare box and an enrolled one, on the box itself."""

import getpass
import os
import sys
import unicodedata
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.assembly.verbs import OK, first_line, note
from appliance.config import Config, load_config
from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.roster import PersonEntry
from appliance.messages import text, words_of
from provisioning.enrol import (
    BoxPlace,
    ask,
    device_key,
    facility_of,
    free_number,
    held,
    must_follow,
    must_not_have_left,
    prepare,
    request_of,
    settle,
)
from provisioning.errors import (
    CertificateRefused,
    DeskRuns,
    NotOnRoster,
    NotPrepared,
    ProvisioningError,
    RecordsNotOpened,
    RecordsUnsent,
)
from provisioning.kit import read_kit
from provisioning.stick import EnrolStick, wipe
from sync.bundle import Bundle
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
    must_follow(place, kit)
    facility = facility_of(kit, arguments.facility)
    box = arguments.box or free_number(stick)
    prepare(place, kit, digest, facility=facility, box=box, desk=arguments.desk)
    _seed(arguments, place, kit.site.people_at(facility.id))
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


def _seed(arguments: Namespace, place: BoxPlace, people: Sequence[PersonEntry]) -> None:
    """Put the kit's people on the roster, each with a PIN that is said here once and nowhere else."""
    from appliance.assembly.seeding import has_people, seed_roster

    config = load_config(place.config)
    if not people:
        return
    if has_people(config):
        _join(arguments, config, people)
    else:
        _say_pins(seed_roster(config, people))


def _join(arguments: Namespace, config: Config, people: Sequence[PersonEntry]) -> None:
    """Add the kit's people to those who are there, once somebody of these opens the names."""
    from appliance.assembly.given_people import give_people

    for number, pin in _who_adds(arguments.pin_file):
        try:
            pins = give_people(config, people, number=number, pin=pin)
        except NotOnRoster as error:
            note(words_of(error))
            continue
        _say_pins(pins)
        note(text("enrol_joined" if pins else "enrol_all_there", count=len(pins)))
        return
    note(text("enrol_not_joined", count=len(people)))


def _who_adds(file: Path | None) -> Iterator[tuple[int, str]]:
    """A number on the roster and its PIN: from a file, or typed until one is right or nothing is typed."""
    if file is not None:
        yield _number_and_pin(first_line(file))
    elif sys.stdin.isatty():
        note(text("enrol_join"))
        while number := input(text("enrol_join_number")).strip():
            yield _number_and_pin(f"{number} {getpass.getpass(text('enrol_join_pin'))}")


def _number_and_pin(line: str) -> tuple[int, str]:
    number, _, pin = unicodedata.normalize("NFKC", line).strip().partition(" ")
    return int(number) if number.isascii() and number.isdigit() else 0, pin


def _say_pins(pins: Sequence[tuple[int, str, str]]) -> None:
    if pins:
        print(text("enrol_pins"))
    for number, name, pin in pins:
        print(text("enrol_pin", number=number, name=name, pin=f"{pin[:3]} {pin[3:]}"))
    if pins:
        print()


def _tell_of(error: MadoguchiError | SyncError, place: BoxPlace, stick: EnrolStick) -> None:
    """Leave the reason on the stick, for whoever reads it at another computer; nothing secret, and no name."""
    fault = getattr(error, "fault", ProvisioningError.fault)
    try:
        stick.tell(_number_of(place), f"できませんでした。  故障番号 {fault}\n{error.ja}")
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
    from appliance.store.head import stored_head

    config = load_config(arguments.config)
    place = BoxPlace(config=arguments.config, state=config.state.directory)
    asked, _ = request_of(place)
    _must_stand_still(config)
    key, head = device_key(place), stored_head(_database(place))
    if not arguments.with_unsent:
        _must_be_handed_over(place, arguments.stick, device_id(key.public), head.chain)
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


def _must_stand_still(config: Config) -> None:
    from appliance.assembly.given_pin import desk_answers

    if desk_answers(config.door):
        raise DeskRuns


def _database(place: BoxPlace) -> Path:
    return place.state / "desk.db"


def _must_be_handed_over(place: BoxPlace, stick: Path, device: bytes, chain: bytes) -> None:
    """Return if the town has every record, or this very stick brings it; `RecordsUnsent`."""
    from appliance.store.unsettled import unsettled_in

    pieces = [piece for piece in Bundle(stick).batches(device) if piece.chain == chain]
    unsent = unsettled_in(_database(place)).unsent
    left = [one for one in unsent if not any(piece.after < one <= piece.last for piece in pieces)]
    if left:
        raise RecordsUnsent(f"{len(left)}")


def wipe_this_box(arguments: Namespace) -> int:
    """Make the box as it was before any kit, for new keys and a new number."""
    from appliance.store.unsettled import unsettled_in
    from provisioning.wiping import wipe_box

    config = load_config(arguments.config)
    place = BoxPlace(config=arguments.config, state=config.state.directory)
    _must_stand_still(config)
    unopened = unsettled_in(_database(place)).unopened
    if unopened and not arguments.lose_records:
        raise RecordsNotOpened(f"{unopened}")
    number = _number_of(place)
    wipe_box(place)
    print(text("wiped"))
    if number:
        note(text("wiped_number", box=number))
    return OK


def _number_of(place: BoxPlace) -> int | None:
    try:
        return request_of(place)[0].box
    except NotPrepared:
        return None
