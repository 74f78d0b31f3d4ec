"""「はじめの1台」: the site kit made in the browser, for people whose own computer allows nothing.

Only ICT support, only on the box's own screen, only while the box has no kit. The town's keys are not made here: the
office brings them on its stick.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Flask, abort, render_template, request
from flask.typing import ResponseReturnValue

from appliance.desk.desk import Desk
from appliance.desk.errors import Invalid, MadoguchiError
from appliance.desk.facts.catalogue import Choice
from appliance.desk.facts.staff import Permission
from ui.desk.access import Access
from ui.desk.view import status_view
from ui.desk.wording import say
from ui.problems import Refusal

FACILITIES = (1, 2, 3)
"""So many can be described here; more are written into a file at the office."""

_MUNICIPALITY = {
    "code": ("first_box.code", "first_box.code_hint"),
    "name": ("first_box.name", "first_box.name_hint"),
    "hall": ("first_box.hall", "first_box.hall_hint"),
    "hall_reading": ("first_box.hall_reading", "first_box.hall_reading_hint"),
    "head": ("first_box.head", "first_box.head_hint"),
    "section": ("first_box.section", "first_box.section_hint"),
    "telephone": ("first_box.telephone", "first_box.telephone_hint"),
}
"""The municipality's words: what each is called on the page, and the hint."""

_WRONG = {
    "code": "first_box.wrong.code",
    "id": "first_box.wrong.id",
    "facility": "first_box.wrong.facility",
    "receiver": "first_box.wrong.receiver",
    "passphrase": "first_box.wrong.passphrase",
    "town": "first_box.wrong.town",
}
"""What to say of a wrong entry, by the last part of its name."""

_FACILITY = ("id", "name", "type", "authority", "section")
_KINDS = tuple(Choice(id=kind, name=kind) for kind in ("市", "町", "村", "特別区"))
_TYPES = tuple(
    Choice(id=kind, name=kind) for kind in ("公民館", "図書館", "庁舎", "福祉施設", "郵便局", "学校", "その他")
)
_AUTHORITIES = (
    Choice(id="head", name=say("first_box.head_of_town")),
    *(Choice(id=who, name=who) for who in ("教育委員会", "指定管理者", "郵便局")),
)
_PRESETS = (Choice(id="town", name=say("first_box.town")), Choice(id="city", name=say("first_box.city")))
_MOST_TEXT = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """A municipality's site as it was typed; names as in `site.toml`."""

    municipality: Mapping[str, str]
    facilities: Sequence[Mapping[str, str]]
    """`authority` is `head` for the head of the municipality, whatever its kind calls that."""
    receiver: str
    """Its address, or `stick`."""
    preset: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeKit:
    """A kit that lies on the stick now."""

    digest: str
    """By which the office knows it."""
    place: str
    """The folder where it lies."""
    facilities: Sequence[Choice]


class FirstBox(Protocol):
    """Where a kit can be made."""

    def is_needed(self) -> bool:
        """Whether this box has no kit yet."""
        ...

    def municipality(self) -> str:
        """団体コード of the keys on the office's stick; empty where no such stick is in."""
        ...

    def make(self, site: Description, passphrase: str) -> MadeKit:
        """Make the kit of that site and lay it on the stick, signed with the key that the passphrase opens.

        `Invalid` with the dotted name of the entry, `MadoguchiError`.
        """
        ...


class NoFirstBox:
    """Port `FirstBox` of a box that has its kit."""

    def is_needed(self) -> bool:
        """See the port."""
        return False

    def municipality(self) -> str:
        """See the port."""
        return ""

    def make(self, site: Description, passphrase: str) -> MadeKit:  # noqa: ARG002 # the port asks so
        """See the port."""
        raise MadoguchiError("this box has its kit")


class FirstBoxPages:
    """The views."""

    def __init__(self, desk: Desk, first_box: FirstBox, access: Access) -> None:
        self._desk = desk
        self._first_box = first_box
        self._access = access

    def offered(self) -> bool:
        """Whether whoever looks may make a kit here."""
        member = self._access.member
        is_support = member is not None and member.permission is Permission.ICT_SUPPORT
        return is_support and self._access.place == "screen" and self._first_box.is_needed()

    def ask(self) -> ResponseReturnValue:
        """The empty form."""
        self._must_be_here()
        return self._form_page(None)

    def make(self) -> ResponseReturnValue:
        """A kit on the stick."""
        self._must_be_here()
        try:
            made = self._first_box.make(described(request.form), request.form.get("passphrase", ""))
        except Invalid as error:
            return self._form_page(_words_of(error), error.field), 422
        except MadoguchiError as error:
            return self._form_page(error.ja), 422
        return self._page("first_box_made.html", made=made)

    def _must_be_here(self) -> None:
        if self._access.place != "screen":
            raise Refusal(403, "own_screen_only", say("first_box.only_here"))
        if not self._first_box.is_needed():
            abort(404)

    def _form_page(self, wrong: str | None, field: str = "") -> str:
        typed = {name: request.form.get(name, "")[:_MOST_TEXT] for name in _NAMES}
        return self._page(
            "first_box.html",
            stick=self._first_box.municipality(),
            typed=typed,
            wrong=wrong,
            wrong_field=field if field in (*_NAMES, "passphrase") else "",
            kinds=_KINDS,
            types=_TYPES,
            authorities=_AUTHORITIES,
            presets=_PRESETS,
            municipality=_MUNICIPALITY,
            facilities=FACILITIES,
        )

    def _page(self, template: str, **values: object) -> str:
        status = status_view(self._desk, self._desk.board.snapshot, self._desk.clock.now())
        return render_template(template, desk=self._desk, status=status, **values)


_NAMES = (
    "municipality.kind",
    *(f"municipality.{name}" for name in _MUNICIPALITY),
    *(f"facility.{number}.{name}" for number in FACILITIES for name in _FACILITY),
    "receiver",
    "preset",
)


def described(form: Mapping[str, str]) -> Description:
    """What was typed; facilities after the last one that has a name or id are none."""

    def of(name: str) -> str:
        return form.get(name, "").strip()[:_MOST_TEXT]

    last = max((one for one in FACILITIES if of(f"facility.{one}.id") or of(f"facility.{one}.name")), default=0)
    return Description(
        municipality={name: of(f"municipality.{name}") for name in ("kind", *_MUNICIPALITY)},
        facilities=[{name: of(f"facility.{one}.{name}") for name in _FACILITY} for one in FACILITIES[:last]],
        receiver=of("receiver") or "stick",
        preset=of("preset") or "town",
    )


def _words_of(error: Invalid) -> str:
    return say(_WRONG.get(error.field.rpartition(".")[2], "first_box.wrong"))


def add_first_box(app: Flask, *, desk: Desk, first_box: FirstBox, access: Access) -> None:
    """Serve /first-box."""
    pages = FirstBoxPages(desk, first_box, access)
    app.jinja_env.globals["offers_first_box"] = pages.offered
    blueprint = Blueprint("first_box", __name__, url_prefix="/first-box")
    blueprint.before_request(access.check_csrf)
    support = access.allowed(Permission.ICT_SUPPORT)
    blueprint.add_url_rule("", "ask", support(pages.ask))
    blueprint.add_url_rule("", "make", support(pages.make), methods=["POST"])
    app.register_blueprint(blueprint)
