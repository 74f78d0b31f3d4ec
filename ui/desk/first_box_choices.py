"""What 「はじめの1台」 offers to choose from, and what it says of an entry that cannot be used."""

from collections.abc import Mapping, Sequence

from appliance.desk.errors import Invalid
from appliance.desk.facts.catalogue import Choice
from ui.desk.first_box_form import BUTTONS, FACILITIES, PEOPLE, WEEKDAYS
from ui.desk.people_words import PERMISSIONS, ROLES, choices
from ui.desk.wording import say

MUNICIPALITY: Mapping[str, tuple[str, str]] = {
    "code": ("first_box.code", "first_box.code_hint"),
    "name": ("first_box.name", "first_box.name_hint"),
    "hall": ("first_box.hall", "first_box.hall_hint"),
    "hall_reading": ("first_box.hall_reading", "first_box.hall_reading_hint"),
    "head": ("first_box.head", "first_box.head_hint"),
    "section": ("first_box.section", "first_box.section_hint"),
    "telephone": ("first_box.telephone", "first_box.telephone_hint"),
}
"""The municipality's words: what each is called on the page, and the hint."""

_WRONG: Sequence[tuple[str, str, str]] = (
    ("municipality", "code", "first_box.wrong.code"),
    ("facility", "id", "first_box.wrong.id"),
    ("person", "name", "first_box.wrong.person"),
    ("person", "facility", "first_box.wrong.person_facility"),
    ("facility", "facility", "first_box.wrong.facility"),
    ("hours", "", "first_box.wrong.hours"),
    ("closed", "", "first_box.wrong.closed"),
    ("devices", "", "first_box.wrong.devices"),
    ("voice", "", "first_box.wrong.volume"),
    ("retention", "", "first_box.wrong.retention"),
    ("update_key", "", "first_box.wrong.update_key"),
    ("receiver", "", "first_box.wrong.receiver"),
    ("passphrase", "", "first_box.wrong.passphrase"),
    ("town", "", "first_box.wrong.town"),
)
"""A part of an entry's dotted name, the last part (or any), and the words."""


def wrong_words(error: Invalid) -> str:
    """What to say beside the entry that it names."""
    parts = error.field.split(".")
    found = (words for part, last, words in _WRONG if part in parts and last in ("", parts[-1]))
    return say(next(found, "first_box.wrong"))


def _plain(*words: str) -> Sequence[Choice]:
    return [Choice(id=word, name=word) for word in words]


def _devices(*kinds: str) -> Sequence[Choice]:
    words = {
        "absent": "first_box.absent",
        "gpio": "first_box.gpio",
        "open_jtalk": "first_box.open_jtalk",
        "simulated": "first_box.simulated",
    }
    return [Choice(id=kind, name=say(words[kind])) for kind in kinds]


_DAYS = ("月", "火", "水", "木", "金", "土", "日")
DAYS = [Choice(id=day, name=f"{name}曜日") for day, name in zip(WEEKDAYS, _DAYS, strict=True)]

OFFERED: Mapping[str, object] = {
    "municipality": MUNICIPALITY,
    "facilities": FACILITIES,
    "people": PEOPLE,
    "buttons": BUTTONS,
    "days": DAYS,
    "kinds": _plain("市", "町", "村", "特別区"),
    "types": _plain("公民館", "図書館", "庁舎", "福祉施設", "郵便局", "学校", "その他"),
    "authorities": [
        Choice(id="head", name=say("first_box.head_of_town")),
        *_plain("教育委員会", "指定管理者", "郵便局"),
    ],
    "presets": [Choice(id="town", name=say("first_box.town")), Choice(id="city", name=say("first_box.city"))],
    "holidays": [
        Choice(id="closed", name=say("first_box.holiday_closed")),
        Choice(id="open", name=say("first_box.holiday_open")),
    ],
    "permissions": choices(PERMISSIONS),
    "roles": choices(ROLES),
    "places": [Choice(id=str(one), name=say("first_box.facility", number=one)) for one in FACILITIES],
    "devices": {
        "buttons": (say("first_box.buttons"), _devices("absent", "gpio", "simulated")),
        "lamps": (say("first_box.lamps"), _devices("absent", "gpio", "simulated")),
        "voice": (say("first_box.voice"), _devices("absent", "open_jtalk", "simulated")),
    },
}
"""Everything the form is made of."""
