"""The configuration: one TOML file, checked once, frozen; a key nobody knows is an error with a suggestion."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from appliance.desk.errors import ConfigError

GPIO_LINES = range(28)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_PERIOD = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")
DEVICE_KINDS = ("gpio", "simulated", "absent")
LOUD = "open_jtalk"
"""The voice that comes out of a loudspeaker of the box."""
SPEAKING = (LOUD, "browser")
"""Kinds of a voice that is heard."""
VOICE_KINDS = (*SPEAKING, "simulated", "absent")
CARD_KINDS = ("pcsc", "simulated", "absent")
_USUAL_VOLUME = 80
_SPEED_FOR_BAD_EARS = 75
_TIMES_FOR_BAD_EARS = 3
_PITCH_FOR_BAD_EARS = -2


class FacilityType(StrEnum):
    """What kind of house the desk stands in."""

    COMMUNITY_CENTRE = "community_centre"
    LIBRARY = "library"
    """Silent unless its configuration gives it a volume."""


class Pull(StrEnum):
    """Where the chip pulls the line of a button that nobody presses."""

    UP = "up"
    DOWN = "down"
    NONE = "none"
    """A resistor outside does."""


class Level(StrEnum):
    """What is on a line."""

    LOW = "low"
    HIGH = "high"


class Preset(StrEnum):
    """How a municipality works; `provisioning.presets` says what follows from it."""

    TOWN = "town"
    """One screen on the box itself, a bell, sticks."""
    CITY = "city"
    """Tablets in the hall over LAN TLS, a receiver by wire."""


@dataclass(frozen=True, kw_only=True)
class DeskSection:
    """Which desk this is."""

    facility: str
    """Id of the facility, as the kit names it: ASCII letters, digits and hyphens."""
    facility_name: str
    facility_type: FacilityType = FacilityType.COMMUNITY_CENTRE
    number: int = 1
    """Which desk of the facility; screens say it from the second one on."""
    preset: Preset = Preset.TOWN
    """As the kit says."""
    content: Path | None = None
    """Folder with the municipality's own packs; what is not in it is taken from the built-in ones."""
    call_patience_minutes: int = 60
    """After so long a call that nobody answered leaves the board."""
    unattended_minutes: int = 3
    """After so long a call that was raised while nobody was there leaves the board."""
    away_minutes: int = 5
    """After so long without a sign of life from any of a person's screens she counts as away: nobody is promised her
    any more, until she touches a screen again. An open page gives signs of life while the screen is on, so a tablet
    that sleeps during a visit needs more, or should not sleep.

    係の どの画面からも この分数 しるしが なければ「いない」とみなし、「係がまいります」と 言いません。画面に さわれば
    もどります。対応中に 画面が 消えるタブレットでは、消えない設定にするか、長くします。
    """

    card_check: bool = True
    """Whether the screens tell how long a card is valid and how many tries are left; as the kit says."""

    @property
    def place(self) -> str:
        """What the screens call it: the facility, and which of its desks where it has several."""
        return self.facility_name if self.number == 1 else f"{self.facility_name} 窓口{self.number}"

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        if not self.facility or not all(
            letter.isascii() and (letter.isalnum() or letter == "-") for letter in self.facility
        ):
            raise ConfigError("desk.facility", "must be ASCII letters, digits and hyphens")
        _within("desk.number", self.number, range(1, 100))
        _within("desk.call_patience_minutes", self.call_patience_minutes, range(1, 24 * 60))
        _within("desk.unattended_minutes", self.unattended_minutes, range(1, 24 * 60))
        _within("desk.away_minutes", self.away_minutes, range(1, 31))


@dataclass(frozen=True, kw_only=True)
class ServerSection:
    """Where the pages are."""

    host: str = "127.0.0.1"
    port: int = 8080
    names: tuple[str, ...] = ()
    """What else browsers may call this box; loopback, *.local and its own addresses need not be said."""
    behind_tls: bool = False
    """A TLS terminator on this machine stands before the pages: it says whether TLS was spoken, and for whom."""

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        _within("server.port", self.port, range(65536))
        for name in self.names:
            if not _NAME.fullmatch(name):
                raise ConfigError("server.names", f"{name!r} is not a name of a machine, without https:// and port")


@dataclass(frozen=True, kw_only=True)
class LimitsSection:
    """How often one browser or program may ask; a press of a button is never limited."""

    sign_ins_per_minute: int = 20
    """Attempts to sign in from one address."""
    writes_per_second: int = 60
    """Writes with one token, from another machine."""
    pages_per_second: int = 60
    """Everything that one address asks, from another machine."""

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        for name in ("sign_ins_per_minute", "writes_per_second", "pages_per_second"):
            _within(f"limits.{name}", getattr(self, name), range(1, 10_001))


@dataclass(frozen=True, kw_only=True)
class StateSection:
    """Where the box keeps what it must not forget, and for how long."""

    directory: Path
    keep_days: int = 400
    """What the town hall has opened stays so long; what it has not stays until it has."""

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        _within("state.keep_days", self.keep_days, range(90, 3661))


@dataclass(frozen=True, kw_only=True)
class DevicesSection:
    """Which hands and ears are there; a kind that is absent costs nothing."""

    buttons: str = "absent"
    lamps: str = "absent"
    voice: str = "absent"
    card: str = "absent"
    """What reads cards: a reader behind pcscd, simulated cards on a page, or nothing."""
    card_reader: str = ""
    """Part of the name of the reader that is meant; empty takes the best one."""
    button_lines: Mapping[str, int] = field(default_factory=dict)
    """Button number -> GPIO line."""
    lamp_lines: Mapping[str, int] = field(default_factory=dict)
    """Button number -> GPIO line of the lamp beside it."""
    button_pull: Pull = Pull.UP
    closed_contact: Level = Level.LOW
    """What a closed contact makes of its line: low to ground, high to 3.3 V."""
    lamp_lit: Level = Level.HIGH
    """At which level a lamp, or the transistor in front of it, is lit."""
    hid_buttons: Mapping[str, str] = field(default_factory=dict)
    """Button number -> a USB button or pedal, as /dev/input/by-id names it; any of its keys is the button."""
    simulated_gpio: bool = False
    """Drive gpiozero's own mock pins instead of a chip; for demonstration and tests."""

    @property
    def are_virtual(self) -> bool:
        """Whether buttons are pressed or cards laid down on a page instead of by a hand."""
        return "simulated" in {self.buttons, self.card} or (self.buttons == "gpio" and self.simulated_gpio)

    @property
    def _rests_closed(self) -> bool:
        at_rest = {Pull.UP: Level.HIGH, Pull.DOWN: Level.LOW, Pull.NONE: None}
        return at_rest[self.button_pull] is self.closed_contact

    @property
    def _other_level(self) -> Level:
        return Level.LOW if self.closed_contact is Level.HIGH else Level.HIGH

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        kinds = {"buttons": DEVICE_KINDS, "lamps": DEVICE_KINDS, "voice": VOICE_KINDS, "card": CARD_KINDS}
        for name, known in kinds.items():
            if (kind := getattr(self, name)) not in known:
                raise ConfigError(f"devices.{name}", f"{kind!r} is none of {', '.join(known)}")
        _lines("devices.button_lines", self.button_lines)
        _lines("devices.lamp_lines", self.lamp_lines)
        _each_its_own_line(self.button_lines, self.lamp_lines)
        _usb_buttons(self.hid_buttons, self.button_lines)
        if self._rests_closed:
            raise ConfigError(
                "devices.closed_contact",
                f"{self.closed_contact.value!r} is where button_pull = {self.button_pull.value!r} keeps an open"
                f" contact: every button would be down for ever; did you mean {self._other_level.value!r}?",
            )
        if self.buttons == "gpio" and not self.button_lines:
            raise ConfigError("devices.button_lines", "at least one button needs a GPIO line")


@dataclass(frozen=True, kw_only=True)
class VoiceSection:
    """How the voice speaks."""

    volume: int | None = None
    """Percent, 0 is silent but for emergencies; 80, in a library 0."""
    speed: int = 85
    """Percent of the recorded voice."""
    times: int = 2
    """How often a sentence is said."""
    numbers: int = 0
    """So many tickets are called by their number; each needs its own sound."""
    quiet: tuple[str, ...] = ()
    """Times of day without a voice, like 20:00-08:00."""
    sound_card: str = "default"
    """What `aplay -D` calls it."""
    hearing_friendly: bool = False
    """For a hall where many hear badly: slower, lower, once more, and every lamp flashes with it."""

    @property
    def spoken_speed(self) -> int:
        """Percent of the recorded voice."""
        return min(self.speed, _SPEED_FOR_BAD_EARS) if self.hearing_friendly else self.speed

    @property
    def spoken_times(self) -> int:
        """How often a sentence is said."""
        return _TIMES_FOR_BAD_EARS if self.hearing_friendly else self.times

    @property
    def pitch(self) -> int:
        """Half tones above the recorded voice: what is high is lost first."""
        return _PITCH_FOR_BAD_EARS if self.hearing_friendly else 0

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        _within("voice.volume", self.volume or 0, range(101))
        _within("voice.speed", self.speed, range(70, 121))
        _within("voice.times", self.times, range(1, 4))
        _within("voice.numbers", self.numbers, range(1000))
        for period in self.quiet:
            if not _PERIOD.fullmatch(period):
                raise ConfigError("voice.quiet", f"{period!r} is not a time like 20:00-08:00")


@dataclass(frozen=True, kw_only=True)
class TownSection:
    """Who may open what is written here, and where it goes."""

    keys: Path
    """The municipality's public keys, made by `madoguchi town keys`."""
    receiver: str = ""
    """Address of the receiver; empty where a stick is the only way."""

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        if self.receiver and not self.receiver.startswith(("https://", "http://")):
            raise ConfigError("town.receiver", "must begin with https:// (or http:// inside one building)")


@dataclass(frozen=True, kw_only=True)
class CourierSection:
    """When records may leave, and through which door."""

    hold_seconds: int = 15
    """So long a record stays here first, so that an undone one never left."""
    socket: Path | None = None
    """The courier door; default `courier.sock` beside the state."""
    user: str = ""
    """The only other user who may come to the door."""

    def __post_init__(self) -> None:
        """Check what the types do not say."""
        _within("courier.hold_seconds", self.hold_seconds, range(3601))


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that is set from outside."""

    desk: DeskSection
    state: StateSection
    town: TownSection
    server: ServerSection = field(default_factory=ServerSection)
    devices: DevicesSection = field(default_factory=DevicesSection)
    courier: CourierSection = field(default_factory=CourierSection)
    limits: LimitsSection = field(default_factory=LimitsSection)
    voice: VoiceSection = field(default_factory=VoiceSection)

    @property
    def volume(self) -> int:
        """How loud the voice is, in percent."""
        if self.voice.volume is not None:
            return self.voice.volume
        return 0 if self.desk.facility_type is FacilityType.LIBRARY else _USUAL_VOLUME

    @property
    def door(self) -> Path:
        """Where the courier door is."""
        return self.courier.socket or self.state.directory / "courier.sock"


def load_config(path: Path) -> Config:
    """The configuration in `path`; relative paths in it are relative to it. `ConfigError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("", f"{path} cannot be read: {error}") from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("", f"{path} is not TOML: {error}") from None
    return read_section(Config, content, "", path.parent)


Section = TypeVar("Section")


def read_section(kind: type[Section], content: Mapping[str, object], prefix: str, folder: Path) -> Section:
    """The table `content` as a `kind`; `prefix` names it in a `ConfigError`, `folder` is what paths are relative to."""
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    for key in content:
        if key not in known:
            raise ConfigError(f"{prefix}{key}", f"nobody knows this key{did_you_mean(key, list(known))}")
    hints = get_type_hints(kind)
    values = {name: _value(hints[name], content[name], f"{prefix}{name}", folder) for name in known if name in content}
    for name, one in known.items():
        if name not in values and _is_required(one):
            raise ConfigError(f"{prefix}{name}", "is missing")
    return kind(**values)


def _is_required(one: "Field[Any]") -> bool:
    return one.default is MISSING and one.default_factory is MISSING


class _Types:
    """What a TOML value must be for a field of that type, in words."""

    words: ClassVar[Mapping[type, str]] = {str: "a text", int: "a whole number", bool: "true or false"}


def _value(hint: Any, value: object, key: str, folder: Path) -> object:
    if isinstance(hint, UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if hint is Path:
        return _path(value, key, folder)
    if hint in _Types.words:
        if type(value) is not hint:
            raise ConfigError(key, f"must be {_Types.words[hint]}")
        return value
    if get_origin(hint) is tuple:
        return _texts(value, key)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _word(hint, value, key)
    if not isinstance(value, dict):
        raise ConfigError(key, "must be a table")
    return value if get_args(hint) else read_section(hint, value, f"{key}.", folder)


def _path(value: object, key: str, folder: Path) -> Path:
    if not isinstance(value, str) or not value:
        raise ConfigError(key, "must be a path")
    return folder / Path(value).expanduser()


def _texts(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigError(key, "must be a list of texts")
    return tuple(value)


def _word(kind: type[StrEnum], value: object, key: str) -> StrEnum:
    known = [one.value for one in kind]
    if value not in known:
        raise ConfigError(key, f"{value!r} is none of them{did_you_mean(str(value), known)}")
    return kind(value)


def did_you_mean(key: str, known: list[str]) -> str:
    """What to add to a refusal of `key`: the word that was probably meant, or else all of them."""
    import difflib  # noqa: PLC0415 (a desk that is set up right never needs it, nor its memory)

    close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known here: {', '.join(known)}"


def _within(key: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise ConfigError(key, f"must be {allowed.start} to {allowed.stop - 1}")


def _lines(key: str, lines: Mapping[str, int]) -> None:
    for button, line in lines.items():
        _button_number(key, button)
        if type(line) is not int or line not in GPIO_LINES:
            raise ConfigError(f"{key}.{button}", f"{line!r} is not a GPIO line (0-27)")


def _button_number(key: str, button: str) -> None:
    if not (button.isascii() and button.isdigit()) or int(button) not in range(1, 100) or button.startswith("0"):
        raise ConfigError(key, f"{button!r} is not a button number (1 to 99)")


def _each_its_own_line(buttons: Mapping[str, int], lamps: Mapping[str, int]) -> None:
    """Two things on one line are an error that names both, and a line that is free."""
    taken: dict[int, str] = {}
    things = [("button", number, line) for number, line in buttons.items()]
    things += [("lamp", number, line) for number, line in lamps.items()]
    used = {line for _, _, line in things}
    for kind, number, line in things:
        if line in taken:
            free = min((one for one in GPIO_LINES if one not in used), key=lambda one: abs(one - line))
            raise ConfigError(
                f"devices.{kind}_lines.{number}",
                f"one GPIO line is used twice: {taken[line]} and {kind} {number} are both on {line};"
                f" {free} is free, if it is wired there",
            )
        taken[line] = f"{kind} {number}"


def _usb_buttons(devices: Mapping[str, str], wired: Mapping[str, int]) -> None:
    for number, device in devices.items():
        key = f"devices.hid_buttons.{number}"
        _button_number("devices.hid_buttons", number)
        if not isinstance(device, str) or not device.startswith("/dev/input/"):
            raise ConfigError(key, f"{device!r} is not a path below /dev/input/")
        if number in wired:
            raise ConfigError(key, f"button {number} is wired to GPIO {wired[number]} as well; one button, one source")
    if len(set(devices.values())) != len(devices):
        raise ConfigError("devices.hid_buttons", "one USB device is used twice; any of its keys is the same button")
