"""The JSON API of the desk: decode, one call, encode."""

from collections.abc import Callable
from functools import partial, update_wrapper, wraps
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import msgspec
from flask import Flask, Response, g, request

from appliance.desk.desk import Desk
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.sheet import day_of
from appliance.desk.facts.staff import StaffRole
from ui.desk.access import Access
from ui.desk.card_messages import CardAnswer
from ui.desk.day_messages import (
    ClosingAnswer,
    DayAnswer,
    OpeningAnswer,
    OpeningRequest,
    TallyAnswer,
    TallyRequest,
)
from ui.desk.day_view import day_in
from ui.desk.events import Streams, board_json
from ui.desk.limits import Turnstile
from ui.desk.messages import (
    AgeBandAnswer,
    BoardAnswer,
    CallAnswer,
    CallRequest,
    ChoiceAnswer,
    ConsultationAnswer,
    ConsultationRequest,
    CorrectionRequest,
    Health,
    VisitAnswer,
    VoiceAnswer,
    encode,
)
from ui.desk.once import OnceKeys, sent_whole
from ui.desk.openapi import Route, document
from ui.desk.wording import say
from ui.problems import Refusal

PREFIX = "/api/v1/"
_JSON = "application/json"

ROLE_OF_A_PROGRAM = StaffRole.PROMOTION_VOLUNTEER
"""A program serves calls on behalf of whoever stands at the desk."""

T = TypeVar("T")
P = ParamSpec("P")

_call_request = msgspec.json.Decoder(CallRequest)
_correction_request = msgspec.json.Decoder(CorrectionRequest)
_consultation_request = msgspec.json.Decoder(ConsultationRequest)
_opening_request = msgspec.json.Decoder(OpeningRequest)
_tally_request = msgspec.json.Decoder(TallyRequest)


class Api:
    """The views; each may count on a valid token."""

    def __init__(self, desk: Desk, once: OnceKeys, streams: Streams) -> None:
        self._desk = desk
        self._once = once
        self._streams = streams
        self._board = streams.teller(board_json(desk))
        self._description = encode(document(ROUTES, prefix=PREFIX))

    def raise_call(self) -> Response:
        """Somebody pressed."""
        asked = _body(_call_request)
        once = self._once.of_program()
        source = CallSource.BUTTON if g.scope == "button" else CallSource.API
        call = self._desk.calls.pressed(asked.button, source=source, once=once)
        now = call.raised if once is None else self._desk.clock.now()  # without a key it was raised just now
        return _json(CallAnswer.of(call, now), 201)

    def answer_call(self, call: UUID) -> Response:
        """Somebody goes."""
        answered = self._desk.calls.answer(call, by=ROLE_OF_A_PROGRAM, once=self._once.of_program())
        return _json(CallAnswer.of(answered, self._desk.clock.now()))

    def cancel_call(self, call: UUID) -> Response:
        """Nobody needs to go."""
        cancelled = self._desk.calls.cancel(call, by=None, once=self._once.of_program())
        return _json(CallAnswer.of(cancelled, self._desk.clock.now()))

    def say_again(self) -> Response:
        """Somebody did not catch it."""
        return _json(VoiceAnswer(repeats=self._desk.room.say_again()), 202)

    def begin_visit(self) -> Response:
        """Somebody came without pressing."""
        visit = self._desk.consultations.walk_in(once=self._once.of_program())
        return _json(VisitAnswer.of(visit, self._desk.clock.now()), 201)

    def save_consultation(self) -> Response:
        """A visit was served."""
        asked = _body(_consultation_request)
        saved = self._desk.consultations.log(
            asked.entry(), by=ROLE_OF_A_PROGRAM, visit=asked.visit, call=asked.call, once=self._once.of_program()
        )
        return _json(ConsultationAnswer.of(saved, memo=asked.memo), 201)

    def correct_consultation(self, consultation: UUID) -> Response:
        """Something else is right."""
        asked = _body(_correction_request)
        saved = self._desk.consultations.correct(consultation, asked.entry(), once=self._once.of_program())
        return _json(ConsultationAnswer.of(saved, memo=asked.memo), 201)

    def withdraw_consultation(self, consultation: UUID) -> Response:
        """It was a slip."""
        taken = self._desk.consultations.withdraw(consultation, once=self._once.of_program())
        return _json(ConsultationAnswer.of(taken))

    def show_board(self) -> Response:
        """How things stand."""
        return _json(BoardAnswer.of(self._desk.board.snapshot, self._desk.clock.now()))

    def show_card(self) -> Response:
        """What lies on the reader."""
        return _json(CardAnswer.of(self._desk.cards.sight.state, self._desk.clock.now()))

    def stream_board(self) -> Response:
        """How things stand, again after each change."""
        return self._streams.open(self._board, device=f"token:{sha256(g.token.encode()).hexdigest()}")

    def list_topics(self) -> Response:
        """What a consultation can be about."""
        return _json(ChoiceAnswer.all_of(self._desk.catalogue.topics))

    def list_outcomes(self) -> Response:
        """How it can end."""
        return _json(ChoiceAnswer.all_of(self._desk.catalogue.outcomes))

    def list_age_bands(self) -> Response:
        """The age bands."""
        bands = self._desk.catalogue.age_bands
        return _json([AgeBandAnswer(id=one.id, name=one.name, lower=one.lower, upper=one.upper) for one in bands])

    def list_referrals(self) -> Response:
        """Where else somebody can be sent."""
        return _json(ChoiceAnswer.all_of(self._desk.catalogue.referrals))

    def list_channels(self) -> Response:
        """How a visitor can reach the desk."""
        return _json(ChoiceAnswer.all_of(self._desk.catalogue.channels))

    def open_day(self) -> Response:
        """Somebody looked at a watch."""
        asked = _body(_opening_request)
        opening = self._desk.opening.open(by=ROLE_OF_A_PROGRAM, said=asked.said, once=self._once.of_program())
        return _json(OpeningAnswer.of(opening), 201)

    def close_day(self) -> Response:
        """きょうはおしまい."""
        return _json(ClosingAnswer.of(self._desk.opening.close(once=self._once.of_program())), 201)

    def show_day(self) -> Response:
        """What a day came to."""
        today = day_of(self._desk.clock.now().wall)
        day = day_in(request.args["date"]) if "date" in request.args else today
        return _json(DayAnswer.of(self._desk.opening.sheet(day)))

    def enter_tally(self) -> Response:
        """A sheet of paper was read off."""
        entry = _body(_tally_request).entry()
        tally = self._desk.tallies.enter(entry, by=ROLE_OF_A_PROGRAM, once=self._once.of_program())
        return _json(TallyAnswer.of(tally), 201)

    def withdraw_tally(self, tally: UUID) -> Response:
        """It was wrong."""
        return _json(TallyAnswer.of(self._desk.tallies.withdraw(tally, once=self._once.of_program())))

    def show_health(self) -> Response:
        """Whether the service answers."""
        return _json(Health())

    def show_description(self) -> Response:
        """This API, described."""
        return Response(self._description, mimetype="application/json")


CALLING = ("desk", "button")
"""The scopes of a program that calls."""
LOOKING = ("desk", "board")
"""The scopes of a program that only looks."""

_GONE = frozenset({404, 409})

ROUTES = (
    Route(
        method="POST", path="calls", view=Api.raise_call,
        summary="Raise a call; a token for buttons raises no second one while the first waits",
        takes=CallRequest, gives=CallAnswer, status=201, scopes=CALLING,
    ),
    Route(
        method="POST", path="calls/<uuid:call>/answer", view=Api.answer_call,
        summary="Answer a call; its visit begins", gives=CallAnswer, refusals=_GONE,
    ),
    Route(
        method="POST", path="calls/<uuid:call>/cancel", view=Api.cancel_call,
        summary="Cancel a call", gives=CallAnswer, refusals=_GONE,
    ),
    Route(
        method="POST", path="voice/again", view=Api.say_again,
        summary="Let the voice say what it said last once more, slower and louder",
        gives=VoiceAnswer, status=202, scopes=CALLING,
    ),
    Route(
        method="POST", path="visits", view=Api.begin_visit,
        summary="Begin the visit of a walk-in", gives=VisitAnswer, status=201,
    ),
    Route(
        method="POST", path="consultations", view=Api.save_consultation,
        summary="Save a consultation and end its visit",
        takes=ConsultationRequest, gives=ConsultationAnswer, status=201, refusals=_GONE,
    ),
    Route(
        method="POST", path="consultations/<uuid:consultation>/withdraw", view=Api.withdraw_consultation,
        summary="Take a consultation back", gives=ConsultationAnswer, refusals=_GONE,
    ),
    Route(
        method="POST", path="consultations/<uuid:consultation>/correct", view=Api.correct_consultation,
        summary="Put another entry in the place of a consultation",
        takes=CorrectionRequest, gives=ConsultationAnswer, status=201, refusals=_GONE,
    ),
    Route(
        method="GET", path="board", view=Api.show_board, summary="Everything open at the desk",
        gives=BoardAnswer, scopes=LOOKING,
    ),
    Route(
        method="GET", path="card", view=Api.show_card,
        summary="What lies on the card reader, without any PIN or name, for a minute", gives=CardAnswer,
    ),
    Route(
        method="GET", path="events", view=Api.stream_board, summary="The board now and after each change",
        gives=BoardAnswer, media_type="text/event-stream", refusals=frozenset({503}), scopes=LOOKING,
    ),
    Route(
        method="GET", path="catalogue/topics", view=Api.list_topics,
        summary="What a consultation can be about", gives=list[ChoiceAnswer],
    ),
    Route(
        method="GET", path="catalogue/outcomes", view=Api.list_outcomes,
        summary="How a consultation can end", gives=list[ChoiceAnswer],
    ),
    Route(
        method="GET", path="catalogue/age_bands", view=Api.list_age_bands,
        summary="Age bands", gives=list[AgeBandAnswer],
    ),
    Route(
        method="GET", path="catalogue/referrals", view=Api.list_referrals,
        summary="Where a visitor can be sent", gives=list[ChoiceAnswer],
    ),
    Route(
        method="GET", path="catalogue/channels", view=Api.list_channels,
        summary="How a visitor can reach the desk", gives=list[ChoiceAnswer],
    ),
    Route(
        method="GET", path="healthz", view=Api.show_health,
        summary="Whether the service answers", gives=Health, scopes=(),
    ),
    Route(
        method="GET", path="openapi.json", view=Api.show_description,
        summary="This description", gives=None, scopes=(),
    ),
    Route(
        method="POST", path="openings", view=Api.open_day,
        summary="Open the desk; `said` is what a watch shows, without it the desk's own clock is vouched for",
        takes=OpeningRequest, gives=OpeningAnswer, status=201,
    ),
    Route(
        method="POST", path="closings", view=Api.close_day,
        summary="Close the day; 409 while an attended call waits or a visit is being served",
        gives=ClosingAnswer, status=201, refusals=frozenset({409}),
    ),
    Route(
        method="GET", path="day", view=Api.show_day,
        summary="What a day came to; today where no date is given", gives=DayAnswer,
        refusals=frozenset({422, 503}), days=("date",),
    ),
    Route(
        method="POST", path="tallies", view=Api.enter_tally,
        summary="Enter the counts of a day that were taken on paper",
        takes=TallyRequest, gives=TallyAnswer, status=201,
    ),
    Route(
        method="POST", path="tallies/<uuid:tally>/withdraw", view=Api.withdraw_tally,
        summary="Take a tally back", gives=TallyAnswer, refusals=_GONE,
    ),
)  # fmt: skip


def add_api(app: Flask, *, desk: Desk, access: Access, once: OnceKeys, streams: Streams, turnstile: Turnstile) -> None:
    """Serve the routes of the table, and /healthz at the root too."""
    api = Api(desk, once, streams)
    for route in ROUTES:
        view: Callable[..., Any] = update_wrapper(partial(route.view, api), route.view)
        if route.method == "POST":
            view = _counted(view, turnstile)
        guarded = access.programs_only(route.scopes, view) if route.scopes else view
        app.add_url_rule(PREFIX + route.path, f"api.{route.name}", guarded, methods=[route.method])
    app.add_url_rule("/healthz", "healthz", api.show_health)


def _counted(view: Callable[P, Response], turnstile: Turnstile) -> Callable[P, Response]:
    @wraps(view)
    def counted(*args: P.args, **kwargs: P.kwargs) -> Response:
        turnstile.check_write(g.token)
        return view(*args, **kwargs)

    return counted


def _body(decoder: "msgspec.json.Decoder[T]") -> T:
    if request.environ.get("CONTENT_TYPE") != _JSON and request.mimetype != _JSON:
        raise Refusal(415, "unsupported_media_type", say("api.json"))
    try:
        return decoder.decode(sent_whole())
    except UnicodeDecodeError:  # msgspec lets it through where the name of a field is not UTF-8
        raise msgspec.DecodeError from None


def _json(answer: object, status: int = 200) -> Response:
    return Response(encode(answer), status=status, content_type=_JSON)
