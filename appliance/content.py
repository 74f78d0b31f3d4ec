"""The packs: TOML in, one frozen catalogue out, or an error that names file, id and reason."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from appliance.boundary_pack import boundary_of, with_known_referrals
from appliance.card_pack import card_pack_of
from appliance.desk.errors import PackError
from appliance.desk.facts.catalogue import AgeBand, Catalogue, Choice, Outcome, Tip, Topic, Words
from appliance.desk.facts.visit import Channel
from appliance.telephone_pack import telephone_memo_of

BUILT_IN = Path(__file__).parent / "content"
NOTHING: Mapping[str, str] = MappingProxyType({})
PHRASES = ("call_raised", "call_unattended", "call_answered")
SPARE_PHRASES = ("call_unattended_hurry", "call_impossible", "call_ahead", "call_wait", "ticket_called", "emergency")
"""What a pack may say or leave out."""
BLANKS = {"ticket_called": "{number}", "call_ahead": "{count}", "call_wait": "{minutes}"}
"""What is filled in when it is said; no other phrase has a blank."""
_WORDS = ("{hall}", "{municipality}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
EMPTY_PROMISE = "まいります"
"""What no visitor may hear while nobody is there."""
MAX_TIP = 160
"""So many characters are read at a glance."""
AGES = range(131)
KINDS = ("市", "町", "村", "特別区")
AGES_OF_LAW = (65, 75)
"""前期高齢者 and 後期高齢者 begin here; sealed history could not be banded again."""

Entry = Mapping[str, object]
Read = Callable[[str], dict[str, object]]
"""Gives the table in the file of that name."""
SomeChoice = TypeVar("SomeChoice", bound=Choice)


def load_catalogue(
    folder: Path = BUILT_IN, *, words: Words | None = None, sent: Mapping[str, str] = NOTHING
) -> Catalogue:
    """The catalogue in `folder`; a file that is not there is taken from the built-in packs. `PackError`.

    `sent`: files that the town hall has sent, by name; they go before those of the folder.
    """
    if not folder.is_dir():
        raise PackError(f"{folder}: there is no such folder")
    read = _reader(folder, sent)
    spoken = words or words_of_municipality(read("municipality.toml"))
    text = _filled(spoken)
    channels = _choices(read, "channels.toml", "channel", lambda entry: Choice(id=_id(entry), name=text(entry)))
    if unknown := {choice.id for choice in channels} - {channel.value for channel in Channel}:
        raise PackError(f"channels.toml: {sorted(unknown)[0]}: not one of {', '.join(Channel)}")
    topics = _choices(read, "topics.toml", "topic", lambda entry: _topic(entry, spoken))
    referrals = _choices(read, "referrals.toml", "referral", lambda entry: Choice(id=_id(entry), name=text(entry)))
    is_own = "topics.toml" in sent or (folder / "topics.toml").exists()
    return Catalogue(
        version="1",
        topics=with_known_referrals(topics, referrals, strict=is_own),
        outcomes=_choices(read, "outcomes.toml", "outcome", lambda entry: _outcome(entry, text)),
        age_bands=_choices(read, "age_bands.toml", "age_band", lambda entry: _age_band(entry, text)),
        referrals=referrals,
        channels=channels,
        phrases=_phrases(read, spoken),
        translations=_translations(read, spoken),
        words=spoken,
        card=card_pack_of(read("card.toml"), lambda text: _in_words(text, spoken)),
        telephone=telephone_memo_of(read("telephone.toml"), spoken),
        tips=_choices(read, "tips.toml", "tip", lambda entry: _tip(entry, spoken)),
    )


def load_stories(folder: Path = BUILT_IN, *, words: Words, sent: Mapping[str, str] = NOTHING) -> tuple[str, ...]:
    """What the pretend residents of practice tell, in their order; `sent` as for the catalogue. `PackError`."""
    told = _choices(_reader(folder, sent), "practice.toml", "resident", lambda entry: _resident(entry, words))
    return tuple(choice.name for choice in told)


def _reader(folder: Path, sent: Mapping[str, str]) -> Read:
    def read(name: str) -> dict[str, object]:
        path = folder / name if (folder / name).exists() else BUILT_IN / name
        try:
            return tomllib.loads(sent[name] if name in sent else path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise PackError(f"{name}: {error}") from None

    return read


def _choices(read: Read, name: str, table: str, make: Callable[[Entry], SomeChoice]) -> tuple[SomeChoice, ...]:
    content = read(name)
    entries = content.get(table)
    if not isinstance(entries, list) or not entries or set(content) != {table}:
        raise PackError(f"{name}: must hold one or more [[{table}]] and nothing else")
    chosen: list[SomeChoice] = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise PackError(f"{name}: [[{table}]] must be a table")
        try:
            chosen.append(make(entry))
        except PackError as error:
            raise PackError(f"{name}: {entry.get('id', '(no id)')}: {error}") from None
    ids = [choice.id for choice in chosen]
    if twice := {one for one in ids if ids.count(one) > 1}:
        raise PackError(f"{name}: {sorted(twice)[0]}: this id is there twice")
    return tuple(chosen)


def _filled(words: Words) -> Callable[[Entry], str]:
    """Gives an entry's name with the municipality's words in it."""

    def name(entry: Entry) -> str:
        return _in_words(_text(entry, "name"), words)

    return name


def _in_words(text: str, words: Words) -> str:
    return text.replace("{hall}", words.hall).replace("{municipality}", words.municipality)


def _only(entry: Entry, *known: str) -> None:
    if strangers := set(entry) - {"id", *known}:
        raise PackError(f"unknown key {sorted(strangers)[0]!r}")


def _id(entry: Entry) -> str:
    value = _text(entry, "id")
    if not re.fullmatch(r"[A-Za-z0-9_]{1,40}", value):
        raise PackError("id must be at most 40 ASCII letters, digits and _")
    return value


def _text(entry: Entry, key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise PackError(f"{key} must be a text")
    return value


def _resident(entry: Entry, words: Words) -> Choice:
    _only(entry, "story")
    return Choice(id=_id(entry), name=_in_words(_text(entry, "story"), words))


def _tip(entry: Entry, words: Words) -> Tip:
    _only(entry, "name", "text")
    name, text = (_in_words(_text(entry, key), words) for key in ("name", "text"))
    if len(text) > MAX_TIP:
        raise PackError(f"text: at most {MAX_TIP} characters")
    return Tip(id=_id(entry), name=name, text=text)


def _topic(entry: Entry, words: Words) -> Topic:
    _only(entry, "name", "kiosk_name", "boundary", "referral")
    name = _in_words(_text(entry, "name"), words)
    boundary, referral = boundary_of(entry)
    return Topic(
        id=_id(entry),
        name=name,
        kiosk_name=_text(entry, "kiosk_name") if "kiosk_name" in entry else name,
        boundary=_in_words(boundary, words),
        referral=referral,
    )


def _outcome(entry: Entry, text: Callable[[Entry], str]) -> Outcome:
    _only(entry, "name", "refers")
    refers = entry.get("refers", False)
    if not isinstance(refers, bool):
        raise PackError("refers must be true or false")
    return Outcome(id=_id(entry), name=text(entry), refers=refers)


def _age_band(entry: Entry, text: Callable[[Entry], str]) -> AgeBand:
    _only(entry, "name", "lower", "upper")
    band = AgeBand(id=_id(entry), name=text(entry), lower=_age(entry, "lower"), upper=_age(entry, "upper"))
    if band.lower is None and band.upper is None:
        return band
    lower, upper = band.lower or 0, 999 if band.upper is None else band.upper
    if lower > upper:
        raise PackError("lower is above upper")
    for age in AGES_OF_LAW:
        if lower < age <= upper:
            raise PackError(f"the band reaches across {age}; split it there")
    return band


def _age(entry: Entry, key: str) -> int | None:
    value = entry.get(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value not in AGES):
        raise PackError(f"{key} must be an age")
    return value


def _phrases(read: Read, words: Words) -> dict[str, str]:
    content = read("phrases.toml")
    for phrase in PHRASES:
        if not isinstance(content.get(phrase), str):
            raise PackError(f"phrases.toml: {phrase}: must be a text")
    phrases = {
        phrase: _in_words(str(content[phrase]), words) for phrase in (*PHRASES, *SPARE_PHRASES) if phrase in content
    }
    for phrase, text in phrases.items():
        _check_blanks(phrase, text)
        promises = EMPTY_PROMISE in text.replace(" ", "").replace("\u3000", "")
        if promises and phrase.startswith(("call_unattended", "call_impossible")):
            raise PackError(f"phrases.toml: {phrase}: must not promise that somebody comes")
    return phrases


def _translations(read: Read, words: Words) -> dict[str, dict[str, str]]:
    """What the tables of `phrases.toml` say in other languages, by tag; a phrase that one leaves out is Japanese."""
    tables = {tag: table for tag, table in read("phrases.toml").items() if isinstance(table, dict)}
    for tag, table in tables.items():
        if not _LANGUAGE.fullmatch(tag):
            raise PackError(f"phrases.toml: [{tag}]: is no language tag like en or zh-Hans")
        for phrase, text in table.items():
            if phrase not in (*PHRASES, *SPARE_PHRASES) or not isinstance(text, str):
                raise PackError(f"phrases.toml: [{tag}]: {phrase}: must be a text for a phrase that there is")
            _check_blanks(phrase, text)
    return {tag: {phrase: _in_words(text, words) for phrase, text in table.items()} for tag, table in tables.items()}


def _check_blanks(phrase: str, text: str) -> None:
    blank = BLANKS.get(phrase, "")
    if blank not in text:
        raise PackError(f"phrases.toml: {phrase}: must hold {blank}")
    if strangers := set(re.findall(r"[{}][^{}]*[{}]?", text)) - {blank, *_WORDS}:
        raise PackError(f"phrases.toml: {phrase}: nobody fills in {sorted(strangers)[0]}")


def words_of_municipality(content: Entry) -> Words:
    """The words in a table like `municipality.toml`; `PackError` for one that is missing, unknown or impossible."""
    names = [field.name for field in fields(Words)]
    if strangers := set(content) - set(names):
        raise PackError(f"municipality.toml: unknown key {sorted(strangers)[0]!r}")
    for name in names:
        if not isinstance(content.get(name), str) or not str(content[name]).strip():
            raise PackError(f"municipality.toml: the word {name!r} is missing")
    words = Words(**{name: str(content[name]) for name in names})
    if words.kind not in KINDS:
        raise PackError(f"municipality.toml: kind must be one of {', '.join(KINDS)}")
    if not is_municipality_code(words.code):
        raise PackError("municipality.toml: code is not a 全国地方公共団体コード (six digits with a right check digit)")
    return words


def is_municipality_code(code: str) -> bool:
    """Whether the check digit of a six-digit 全国地方公共団体コード is right (総務省, 全国地方公共団体コード仕様)."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return False
    total = sum(weight * int(digit) for weight, digit in zip((6, 5, 4, 3, 2), code[:5], strict=True))
    return int(code[5]) == (11 - total % 11) % 10
