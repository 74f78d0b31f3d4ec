"""What is inside a record: positional arrays whose fields this table names, for desk and office alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Protocol

from sync.errors import MalformedMessage, UnknownKind
from sync.wire import as_bool, as_id, as_int, as_text, decode, encode, fields

MAX_WORD = 200
MAX_MEMO = 8000
MAX_TOPICS = 64


class Moment5(NamedTuple):
    """When it happened, by every clock of the box."""

    start: int
    boot: int
    mono_ms: int
    wall_ms: int
    quality: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A payload, read."""

    kind: str
    schema: int
    moment: Moment5
    values: Mapping[str, object]
    """By name: ids as 16 bytes, words as text, lists as tuples, None where nothing was said."""


class Field(Protocol):
    """How one value travels."""

    def write(self, value: object) -> object:
        """What travels for `value`; `MalformedMessage`."""
        ...

    def read(self, value: object) -> object:
        """The value that travelled; `MalformedMessage`, `UnknownKind`."""
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """Travels as it is, once checked."""

    check: Callable[[object], object]

    def write(self, value: object) -> object:
        """The value."""
        return self.check(value)

    def read(self, value: object) -> object:
        """The value."""
        return self.check(value)


@dataclass(frozen=True, slots=True)
class Word:
    """One of a fixed list of words; travels as its place in the list, so the list only ever grows at its end."""

    words: tuple[str, ...]

    def write(self, value: object) -> object:
        """Its place."""
        if value not in self.words:
            raise MalformedMessage("not a word of the table")
        return self.words.index(value)

    def read(self, value: object) -> object:
        """The word at that place; `UnknownKind` beyond the end, where a newer desk has added one."""
        place = as_int(value, lowest=0)
        if place >= len(self.words):
            raise UnknownKind(f"word {place}")
        return self.words[place]


@dataclass(frozen=True, slots=True)
class Maybe:
    """A field that may say nothing."""

    field: Field

    def write(self, value: object) -> object:
        """Null, or as the field travels."""
        return None if value is None else self.field.write(value)

    def read(self, value: object) -> object:
        """None, or as the field reads."""
        return None if value is None else self.field.read(value)


def _count(value: object) -> int:
    return as_int(value, lowest=0)


def _word(value: object) -> str:
    return as_text(value, most=MAX_WORD)


def _memo(value: object) -> str:
    return as_text(value, most=MAX_MEMO)


def _topics(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > MAX_TOPICS:
        raise MalformedMessage(f"not a list of at most {MAX_TOPICS}")
    return tuple([_word(topic) for topic in value])


def _counts(value: object) -> tuple[tuple[str, int], ...]:
    """Pairs of a word and how often."""
    if not isinstance(value, list | tuple) or len(value) > MAX_TOPICS:
        raise MalformedMessage(f"not a list of at most {MAX_TOPICS} counts")
    return tuple([(_word(word), _count(count)) for word, count in (_pair(entry) for entry in value)])


def _pair(value: object) -> tuple[object, object]:
    if not isinstance(value, list | tuple) or len(value) != len(("word", "count")):
        raise MalformedMessage("not a word and its count")
    return value[0], value[1]


ID = Plain(as_id)
COUNT = Plain(_count)
NUMBER = Plain(as_int)
TEXT = Plain(_word)
YES_NO = Plain(as_bool)
QUALITY = Word(("synchronised", "staff", "receipt", "unknown"))
SOURCE = Word(("button", "screen", "api"))
STATE = Word(("raised", "answered", "cancelled", "expired", "unattended"))
ROLE = Word(("promotion_volunteer", "instructor", "facility_staff", "ict_support"))
MATTER = Word(
    (
        "signed_in",
        "sign_in_refused",
        "locked_out",
        "signed_out",
        "pin_reset",
        "staff_added",
        "staff_changed",
        "token_issued",
        "token_revoked",
        "token_refused",
        "command_refused",
        "set_up",
        "token_used",
        "pin_changed",
        "card_enrolled",
        "card_revoked",
        "card_used",
        "card_refused",
    )
)
CHANNEL = Word(("in_person", "telephone", "remote", "outreach"))


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One kind in one schema: the number it travels under and its fields in order."""

    kind: str
    number: int
    schema: int
    fields: Mapping[str, Field]


SHAPES = (
    Shape(
        kind="call",
        number=1,
        schema=1,
        fields={"button": COUNT, "source": SOURCE, "attended": YES_NO},
    ),
    Shape(
        kind="call_closed",
        number=2,
        schema=1,
        fields={
            "call": ID,
            "state": STATE,
            "waiting_seconds": COUNT,
            "honest": YES_NO,
            "attended": YES_NO,
            "by": Maybe(ROLE),
        },
    ),
    Shape(
        kind="visit",
        number=3,
        schema=1,
        fields={
            "call": Maybe(ID),
            "channel": CHANNEL,
            "people": COUNT,
            "language": TEXT,
            "waiting_seconds": Maybe(COUNT),
            "service_seconds": COUNT,
            "honest": YES_NO,
            "timed": YES_NO,
            "began_wall_ms": NUMBER,
        },
    ),
    Shape(
        kind="consultation",
        number=4,
        schema=1,
        fields={
            "visit": ID,
            "topics": Plain(_topics),
            "age_band": TEXT,
            "outcome": TEXT,
            "referred_to": Maybe(TEXT),
            "minutes": Maybe(COUNT),
            "honest": YES_NO,
            "memo": Maybe(Plain(_memo)),
        },
    ),
    Shape(kind="withdrawal", number=5, schema=1, fields={"of": ID}),
    Shape(
        kind="correction",
        number=6,
        schema=1,
        fields={
            "replaces": ID,
            "visit": ID,
            "topics": Plain(_topics),
            "age_band": TEXT,
            "outcome": TEXT,
            "referred_to": Maybe(TEXT),
            "minutes": Maybe(COUNT),
            "honest": YES_NO,
            "memo": Maybe(Plain(_memo)),
        },
    ),
    Shape(
        kind="shift",
        number=7,
        schema=1,
        fields={
            "staff": ID,
            "role": ROLE,
            "appointments": Plain(_topics),
            "began_wall_ms": NUMBER,
            "minutes": COUNT,
            "honest": YES_NO,
        },
    ),
    Shape(
        kind="tally",
        number=8,
        schema=1,
        fields={
            "day": TEXT,
            "visits": COUNT,
            "people": COUNT,
            "topics": Plain(_counts),
            "age_bands": Plain(_counts),
            "by": ROLE,
        },
    ),
    Shape(kind="clock_anchor", number=9, schema=1, fields={"said_ms": NUMBER, "shown_ms": NUMBER, "by": ROLE}),
    Shape(
        kind="security_event",
        number=10,
        schema=1,
        fields={"matter": MATTER, "by": Maybe(ID), "about": Maybe(ID), "place": TEXT},
    ),
    Shape(
        kind="day_closed",
        number=11,
        schema=1,
        fields={
            "day": TEXT,
            "opened_wall_ms": Maybe(NUMBER),
            "visits": COUNT,
            "people": COUNT,
            "calls_unattended": COUNT,
            "unsent": COUNT,
        },
    ),
)
"""Every schema ever used stays here; a changed kind is a further line with the next schema."""

_BY_NUMBER = {(shape.number, shape.schema): shape for shape in SHAPES}
_NEWEST = {shape.kind: shape for shape in SHAPES}
_LEAD = 3


def pack(kind: str, moment: Moment5, values: Mapping[str, object]) -> bytes:
    """The payload of a record of that kind, in its newest schema; `MalformedMessage` for anything that does not fit."""
    shape = _NEWEST[kind]
    if values.keys() != shape.fields.keys():
        raise MalformedMessage(f"not the fields of a {kind}")
    written = [field.write(values[name]) for name, field in shape.fields.items()]
    return encode([shape.number, shape.schema, [*moment[:4], QUALITY.write(moment.quality)], *written])


def unpack(payload: bytes) -> Opened:
    """Read a payload; `UnknownKind` for one of a newer desk, `MalformedMessage` for one of no desk."""
    value = decode(payload)
    if type(value) is not list or len(value) < _LEAD:
        raise MalformedMessage("not a payload")
    number, schema = as_int(value[0], lowest=1), as_int(value[1], lowest=1)
    shape = _BY_NUMBER.get((number, schema))
    if shape is None:
        raise UnknownKind(f"kind {number}, schema {schema}")
    entries = fields(value[_LEAD:], len(shape.fields))
    values = {name: field.read(entry) for (name, field), entry in zip(shape.fields.items(), entries, strict=True)}
    return Opened(kind=shape.kind, schema=schema, moment=_moment(value[2]), values=MappingProxyType(values))


def _moment(value: object) -> Moment5:
    start, boot, mono_ms, wall_ms, quality = fields(value, 5)
    return Moment5(as_int(start), as_int(boot), as_int(mono_ms), as_int(wall_ms), str(QUALITY.read(quality)))
