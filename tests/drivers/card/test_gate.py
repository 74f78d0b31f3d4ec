"""What is not on the list never reaches a card, whoever asks, in whatever state."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.card import apdu
from drivers.card.apdu import ALLOWED, Application, Deed, File
from drivers.card.failures import Lifted
from drivers.card.gate import Gate, Refused, Transmit
from drivers.card.samples import FELICA, TYPE_B
from tests.drivers.card.record import Follower, GateRecord, wrong_ones
from tests.drivers.card.stands import hanako

FUZZED = 10_000
SELECT_JPKI = apdu.select_application(Application.JPKI)
SELECT_ITEMS = apdu.select_application(Application.INPUT_SUPPORT)


def select(number: int) -> bytes:
    return bytes.fromhex("00A4020C02") + number.to_bytes(2, "big")


def entered(application: bytes, *files: int) -> tuple[Gate, list[bytes]]:
    """A gate to a card that has heard so much, and what else it hears."""
    card = hanako()
    gate = Gate(card.transmit, atr=TYPE_B)
    gate.send(application)
    for number in files:
        gate.send(select(number))
    heard: list[bytes] = []
    card.heard = heard.append
    return gate, heard


def agreeing(heard: list[bytes]) -> Transmit:
    """A card that says yes to all."""

    def transmit(command: bytes) -> tuple[bytes, int]:
        heard.append(command)
        return b"", 0x9000

    return transmit


NEVER = {
    "my number": (SELECT_ITEMS, [], select(0x0001)),
    "hash of my number": (SELECT_ITEMS, [], select(0x0003)),
    "number a": (SELECT_ITEMS, [], select(0x0014)),
    "number a, tries": (SELECT_ITEMS, [], bytes.fromhex("00200094")),
    "signature certificate": (SELECT_JPKI, [], select(0x0001)),
    "signature key": (SELECT_JPKI, [], select(0x001A)),
    "authentication key": (SELECT_JPKI, [], select(0x0017)),
    "authority of signatures": (SELECT_JPKI, [], select(0x0002)),
    "card id": (SELECT_JPKI, [], bytes.fromhex("00A4040C0AD3921000310001010100")),
    "surface": (SELECT_JPKI, [], bytes.fromhex("00A4040C0AD3921000310001010402")),
    "resident register": (SELECT_JPKI, [], bytes.fromhex("00A4040C0AD3921000310001010401")),
    "master file": (SELECT_JPKI, [], bytes.fromhex("00A40000")),
    "signature pin": (SELECT_JPKI, [0x001B], bytes.fromhex("0020008006414243313233")),
    "signature pin, short form": (SELECT_JPKI, [], bytes.fromhex("0020009B06414243313233")),
    "authentication pin": (SELECT_JPKI, [0x0018], bytes.fromhex("002000800432343638")),
    "signing": (SELECT_JPKI, [0x0018], bytes.fromhex("802A008033") + bytes(51) + b"\0"),
    "change of a pin": (SELECT_ITEMS, [0x0011], bytes.fromhex("002400800832343638") + b"1357"),
    "reset of a pin": (SELECT_ITEMS, [0x0011], bytes.fromhex("002C00800432343638")),
    "reading a short file": (SELECT_ITEMS, [0x0002], bytes.fromhex("00B0810000")),
    "reading a pin": (SELECT_ITEMS, [0x0011], bytes.fromhex("00B0000000")),
    "writing": (SELECT_ITEMS, [0x0002], bytes.fromhex("00D6000001FF")),
    "empty verify with a length": (SELECT_ITEMS, [0x0011], bytes.fromhex("0020008000")),
    "letters for a pin": (SELECT_ITEMS, [0x0011], bytes.fromhex("002000800461626364")),
    "a pin of five": (SELECT_ITEMS, [0x0011], bytes.fromhex("00200080053234363839")),
    "a pin where number b goes": (SELECT_ITEMS, [0x0015], bytes.fromhex("002000800432343638")),
    "a name of the chip": (SELECT_JPKI, [], apdu.IDENTIFIER),
    "other class": (SELECT_JPKI, [], bytes.fromhex("0CA4020C020006")),
    "nothing": (SELECT_JPKI, [], b""),
}


@pytest.mark.parametrize("name", NEVER)
def test_it_never_leaves(name: str) -> None:
    application, files, command = NEVER[name]
    gate, heard = entered(application, *files)
    with pytest.raises(Refused):
        gate.send(command)
    assert heard == []


def test_the_same_number_is_another_file_in_another_application() -> None:
    gate, _ = entered(SELECT_JPKI)
    with pytest.raises(Refused):
        gate.send(select(0x0002))
    gate.send(SELECT_ITEMS)
    gate.send(select(0x0002))


def test_digits_are_sent_once_in_a_connection_even_to_another_file() -> None:
    gate, heard = entered(SELECT_ITEMS, 0x0011)
    gate.send(apdu.verify(b"9753"))
    with pytest.raises(Refused):
        gate.send(apdu.verify(b"9753"))
    gate.send(select(0x0015))
    with pytest.raises(Refused):
        gate.send(apdu.verify(b"48021520297391"))
    assert sum(command.startswith(apdu.ASK + b"\x04") for command in heard) == 1


def test_the_tries_of_the_signature_pin_can_be_asked_for() -> None:
    gate, heard = entered(SELECT_JPKI, 0x001B)
    assert gate.send(apdu.ASK).status == 0x63C5
    assert heard == [apdu.ASK]


def test_a_storage_card_is_asked_for_its_name_and_nothing_else() -> None:
    heard: list[bytes] = []
    gate = Gate(agreeing(heard), atr=FELICA)
    for command in (SELECT_JPKI, SELECT_ITEMS, select(0x0006), apdu.ASK, apdu.read_binary(0)):
        with pytest.raises(Refused):
            gate.send(command)
    gate.send(apdu.IDENTIFIER)
    assert heard == [apdu.IDENTIFIER]


@pytest.mark.parametrize("status", [0x6A82, 0x6200, 0x0000, 0x9001])
def test_an_application_that_did_not_open_leaves_nowhere_to_go(status: int) -> None:
    gate = Gate(lambda _command: (b"", status), atr=TYPE_B)
    gate.send(SELECT_JPKI)
    with pytest.raises(Refused):
        gate.send(select(0x0006))


def test_after_a_lost_answer_only_an_application_can_be_entered() -> None:
    answers = iter([(b"", 0x9000), (b"", 0x9000), None])

    def transmit(_command: bytes) -> tuple[bytes, int]:
        if (answer := next(answers)) is None:
            raise Lifted
        return answer

    gate = Gate(transmit, atr=TYPE_B)
    gate.send(SELECT_ITEMS)
    gate.send(select(0x0002))
    with pytest.raises(Lifted):
        gate.send(SELECT_JPKI)
    for command in (select(0x0006), select(0x0002), apdu.read_binary(0)):
        with pytest.raises(Refused):
            gate.send(command)


def test_a_refusal_holds_nothing_of_the_command() -> None:
    gate, _ = entered(SELECT_JPKI, 0x0018)
    with pytest.raises(Refused) as refused:
        gate.send(apdu.verify(b"2468"))
    assert "2468" not in str(refused.value) + repr(refused.value)
    assert "32343638" not in str(refused.value) + repr(refused.value)


def test_an_answer_shows_nothing_of_the_card() -> None:
    gate, _ = entered(SELECT_JPKI, 0x0006)
    answer = gate.send(apdu.read_binary(0, 32))
    assert answer.data.startswith(b"JPKI")
    assert "JPKI" not in repr(answer)


def test_of_ten_thousand_requests_only_those_on_the_list_arrive() -> None:
    """Real commands, real commands with a byte changed, and noise; against a card that agrees to everything."""
    chance = random.Random(20261121)
    known = [command for _, _, command in NEVER.values()]
    known += [
        SELECT_JPKI,
        SELECT_ITEMS,
        apdu.ASK,
        apdu.IDENTIFIER,
        apdu.verify(b"2468"),
        apdu.verify(b"48021520297391"),
    ]
    known += [apdu.select_file(file) for file in File] + [apdu.read_binary(at) for at in (0, 256, 0x7FFF)]
    arrived, refused = Agreeing(), 0
    gate = Gate(arrived.transmit, atr=TYPE_B)
    for _ in range(FUZZED):
        try:
            gate.send(fuzzed(chance, known))
        except Refused:
            refused += 1
    assert arrived.wrong == []
    assert arrived.count + refused == FUZZED
    assert min(arrived.count, refused) > FUZZED // 20


def fuzzed(chance: random.Random, known: list[bytes]) -> bytes:
    command = bytearray(chance.choice(known))
    kind = chance.random()
    if kind < 0.4:
        return bytes(command)
    if kind < 0.8 and command:
        command[chance.randrange(len(command))] = chance.randrange(256)
        return bytes(command)
    if kind < 0.9:
        return bytes(command[: chance.randrange(len(command) + 1)]) + chance.randbytes(chance.randrange(4))
    return chance.randbytes(chance.randrange(20))


class Agreeing:
    """Says yes to all, and knows by rules of its own what it may hear next."""

    def __init__(self) -> None:
        self.count = 0
        self.wrong: list[str] = []
        self._follower = Follower()

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self.count += 1
        if not self._follower.fits(command.hex()):
            self.wrong.append(command.hex())
        return b"", 0x9000


@given(st.binary(max_size=24))
@settings(max_examples=300)
def test_without_an_application_nothing_but_an_application_arrives(command: bytes) -> None:
    heard: list[bytes] = []
    gate = Gate(agreeing(heard), atr=TYPE_B)
    try:
        gate.send(command)
    except Refused:
        assert heard == []
    else:
        assert heard == [command]
        assert command in (SELECT_JPKI, SELECT_ITEMS)


def test_the_list_says_what_the_decision_says() -> None:
    assert {file.name for file in ALLOWED if Deed.VERIFY in ALLOWED[file]} == {"ITEMS_PIN", "NUMBER_B"}
    assert {file.name for file in ALLOWED if Deed.READ in ALLOWED[file]} == {"TOKEN", "CERTIFICATE", "FOUR_ITEMS"}
    assert set(ALLOWED) == set(File)


RIGHT = [
    *("00a4040c0ad3921000310001010408", "00a4020c020011", "00200080"),
    *("002000800432343638", "00a4020c020002", "00b0000000"),
]
WRONG = {
    "my number": (1, "00a4020c020001"),
    "a file of another application": (1, "00a4020c020006"),
    "a PIN of the signature's length": (3, "0020008006414243313233"),
    "the PIN once more": (4, "002000800432343638"),
    "a change of PIN": (6, "002400"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_record_knows_what_no_card_may_hear(name: str) -> None:
    place, command = WRONG[name]
    assert wrong_ones(["ffca000000", *RIGHT, *RIGHT]) == []
    heard = [*RIGHT[:place], command, *RIGHT[place:]]
    assert wrong_ones(heard)[0] == command


def test_whatever_leaves_a_gate_is_in_the_record_of_the_whole_suite(gate_record: GateRecord) -> None:
    before = gate_record.count
    gate = Gate(agreeing([]), atr=TYPE_B)
    gate.send(SELECT_JPKI)
    with pytest.raises(Refused):
        gate.send(select(0x0001))
    assert (gate_record.count, gate_record.wrong) == (before + 1, [])
    gate._transmit(select(0x0001))  # noqa: SLF001 (as if the gate had let it through)
    assert gate_record.wrong == ["00a4020c020001"]
    gate_record.wrong = []
