"""What is said to a card, in which order, and what it means; every word passes the gate."""

from datetime import datetime
from typing import NamedTuple

from drivers.card import apdu
from drivers.card.apdu import Application, File, Status
from drivers.card.der import Certificate, Incomplete, Malformed
from drivers.card.failures import LastTry, Lifted, Locked, Nonsense, NotFit, OutcomeUnknown, WrongDigits
from drivers.card.gate import Answer, Gate

_TOKEN_BYTES = 32
_CERTIFICATE_READS = 4
"""More would cost time and bring nothing that is shown."""
_ITEMS_MOST = 4096
_FILES = {"pin": File.ITEMS_PIN, "number_b": File.NUMBER_B}


class Checked(NamedTuple):
    """What a My Number card says without any PIN."""

    valid_until: datetime | None
    authority_key: str | None
    authentication: int | None
    signature: int | None
    input_support: int | None


class Mark(bytes):
    """What tells one card from another while it lies there; shows itself to nobody."""

    def __repr__(self) -> str:
        """Nothing of it."""
        return "Mark()"


def kind_of(card: Gate, *, atr: bytes) -> str:
    """`my_number`, `phone`, `other` or `unknown`, in three commands at most."""
    if apdu.storage(atr) is not None:
        return "other"
    status = card.send(apdu.select_application(Application.JPKI)).status
    if status != Status.DONE:
        return "other"
    if card.send(apdu.select_file(File.TOKEN)).status != Status.DONE:
        return "unknown"
    token = _read(card, 0, _TOKEN_BYTES)
    name = token.data.decode("ascii", "replace").rstrip(" \x00")
    return apdu.CARD_CLASSES.get(name, "unknown") if token.status == Status.DONE else "unknown"


def check(card: Gate) -> tuple[Checked, Mark]:
    """Certificate and tries of a My Number card of which `kind_of` has just told."""
    head, valid_until, authority_key = _certificate(card)
    authentication = _left(card, File.AUTHENTICATION_PIN)
    signature = _left(card, File.SIGNATURE_PIN)
    input_support = _left(card, File.ITEMS_PIN) if _enter(card, Application.INPUT_SUPPORT) else None
    return Checked(valid_until, authority_key, authentication, signature, input_support), head


def mark(card: Gate) -> Mark:
    """The same as `check` gives, in three commands."""
    _enter(card, Application.JPKI)
    if not _turn(card, File.CERTIFICATE):
        return Mark()
    return _mark_of(_read(card, 0).data)


def four_items(card: Gate, *, secret: str, digits: bytes, last_try: bool) -> dict[str, str]:
    """Ask for the tries first, send the digits once, and read name, address, birth date and sex."""
    if not _enter(card, Application.INPUT_SUPPORT):
        raise NotFit
    _open(card, _FILES[secret], digits, last_try=last_try)
    if not _turn(card, File.FOUR_ITEMS):
        raise Nonsense("items")
    return _items(_whole(card))


def identifier(card: Gate, *, atr: bytes) -> tuple[str, bytes]:
    """What sort of storage card it is, and what it calls itself; `NotFit` for any other."""
    kind = apdu.storage(atr)
    if kind is None:
        raise NotFit
    answer = card.send(apdu.IDENTIFIER)
    if answer.status != Status.DONE:
        raise Nonsense("identifier")
    return kind.value, answer.data


# ----------------------------------------------------------------------------------------------------------- the steps


def _enter(card: Gate, application: Application) -> bool:
    return card.send(apdu.select_application(application)).status == Status.DONE


def _turn(card: Gate, file: File) -> bool:
    return card.send(apdu.select_file(file)).status == Status.DONE


def _read(card: Gate, offset: int, length: int = apdu.READ_MOST) -> Answer:
    """Once more with the length that the card asks for, if it does."""
    answer = card.send(apdu.read_binary(offset, length))
    if answer.status & 0xFF00 == apdu.LENGTH_IS:
        return card.send(apdu.read_binary(offset, answer.status & 0x00FF))
    return answer


def _left(card: Gate, file: File) -> int | None:
    return apdu.tries_left(card.send(apdu.ASK).status) if _turn(card, file) else None


def _certificate(card: Gate) -> tuple[Mark, datetime | None, str | None]:
    """Its first bytes, last second and authority's key; reads no further than these need."""
    if not _turn(card, File.CERTIFICATE):
        return Mark(), None, None
    data = b""
    for _ in range(_CERTIFICATE_READS):
        answer = _read(card, len(data))
        data += answer.data
        try:
            return _mark_of(data), *_facts(data)
        except Incomplete:
            if answer.status != Status.DONE or len(answer.data) < apdu.READ_MOST:
                break
    return _mark_of(data), _last_second(data), None


def _mark_of(data: bytes) -> Mark:
    return Mark(data[: apdu.READ_MOST])


def _last_second(data: bytes) -> datetime | None:
    try:
        return Certificate(data).not_after
    except Malformed:
        return None


def _facts(data: bytes) -> tuple[datetime | None, str | None]:
    """What can be told of so many bytes; `Incomplete` as long as more of them would tell more."""
    certificate = Certificate(data)
    try:
        return certificate.not_after, certificate.authority_key
    except Incomplete:
        raise
    except Malformed:
        return _last_second(data), None


def _open(card: Gate, file: File, digits: bytes, *, last_try: bool) -> None:
    if not _turn(card, file):
        raise NotFit
    _agree(apdu.tries_left(card.send(apdu.ASK).status), last_try=last_try)
    try:
        status = card.send(apdu.verify(digits)).status
    except Lifted:
        raise OutcomeUnknown from None
    if status == Status.DONE:
        return
    left = apdu.tries_left(status)
    if left is None:
        raise Nonsense("verify")
    raise Locked if left == 0 else WrongDigits(left)


def _agree(left: int | None, *, last_try: bool) -> None:
    """Whether the digits may be sent at all."""
    if left is None:
        raise Nonsense("tries")
    if left == 0:
        raise Locked
    if left == 1 and not last_try:
        raise LastTry


def _whole(card: Gate) -> bytes:
    """The file's one value, up to its own length: filler follows."""
    data = _read(card, 0).data
    try:
        tag, begin, end = apdu.header(data)
    except apdu.Truncated:
        raise Nonsense("items") from None
    if tag != apdu.ITEMS_TAG or end > _ITEMS_MOST:
        raise Nonsense("items")
    while len(data) < end:
        more = _read(card, len(data), min(apdu.READ_MOST, end - len(data))).data
        if not more:
            raise Nonsense("items")
        data += more
    return data[begin:end]


def _items(data: bytes) -> dict[str, str]:
    try:
        found = dict(apdu.values(data))
        return {
            "name": found[apdu.NAME_TAG].decode(),
            "address": found[apdu.ADDRESS_TAG].decode(),
            "born": found[apdu.BORN_TAG].decode("ascii"),
            "sex": found[apdu.SEX_TAG].decode("ascii"),
        }
    except (apdu.Truncated, KeyError, UnicodeDecodeError):
        raise Nonsense("items") from None
