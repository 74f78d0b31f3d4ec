"""The receiver over HTTP, under `/v1`: desks bring batches, the office fetches records and brings opened lists."""

import hmac
from collections.abc import Callable, Collection
from functools import wraps
from hashlib import sha256

from flask import Blueprint, Flask, Response, jsonify, request

from sync.errors import MalformedMessage
from sync.receiver.errors import BadRequest, NotTheOffice, WrongType
from sync.receiver.openapi import DOCUMENT
from sync.receiver.problems import add_problems
from sync.receiver.receiver import MAX_PAGE, Receiver
from sync.wire import MAX_BATCH_BYTES, MAX_INTEGER, as_int

CBOR = "application/cbor"

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

View = Callable[[], Response]


def create_receiver_app(receiver: Receiver, *, office_tokens: Collection[bytes]) -> Flask:
    """The receiver's application; `office_tokens` are SHA-256 digests, the tokens themselves are kept nowhere."""
    app = Flask("madoguchi-receiver", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BATCH_BYTES, PROVIDE_AUTOMATIC_OPTIONS=False)
    app.register_blueprint(_desks(receiver), url_prefix="/v1")
    app.register_blueprint(_office(receiver, office_tokens), url_prefix="/v1")
    app.register_blueprint(_everybody(receiver), url_prefix="/v1")
    app.after_request(_hardened)
    add_problems(app)
    return app


def _desks(receiver: Receiver) -> Blueprint:
    desks = Blueprint("desks", __name__)

    @desks.post("/batches")
    def batches() -> Response:
        return _cbor(receiver.take(_body()))

    return desks


def _office(receiver: Receiver, tokens: Collection[bytes]) -> Blueprint:
    office = Blueprint("office", __name__)

    def for_the_office(view: View) -> View:
        @wraps(view)
        def guarded() -> Response:
            _check_token(tokens)
            return view()

        vars(guarded)["guarded_by"] = "program:office"
        return guarded

    @office.get("/records")
    @for_the_office
    def records() -> Response:
        after, limit = _number("after", lowest=0, otherwise=0), _number("limit", lowest=1, otherwise=MAX_PAGE)
        return _cbor(receiver.records(after, limit).to_bytes())

    @office.post("/opened")
    @for_the_office
    def opened() -> Response:
        receiver.publish(_body())
        return Response(status=204)

    @office.post("/notices")
    @for_the_office
    def notices() -> Response:
        receiver.announce(_body())
        return Response(status=204)

    @office.post("/admissions")
    @for_the_office
    def admissions() -> Response:
        receiver.admit(_body())
        return Response(status=204)

    @office.post("/leaving")
    @for_the_office
    def leaving() -> Response:
        receiver.take_leaving(_body())
        return Response(status=204)

    return office


def _everybody(receiver: Receiver) -> Blueprint:
    everybody = Blueprint("everybody", __name__)

    @everybody.get("/healthz")
    def healthz() -> Response:
        receiver.check()
        return jsonify(status="ok")

    @everybody.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(DOCUMENT)

    return everybody


def _check_token(tokens: Collection[bytes]) -> None:
    """Compare with every token there is, so that the time taken says nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = sha256(token.encode("utf-8", "surrogateescape")).digest()
    fits = [hmac.compare_digest(given, known) for known in tokens]
    if scheme.lower() != "bearer" or not any(fits):
        raise NotTheOffice


def _body() -> bytes:
    if request.mimetype != CBOR:
        raise WrongType
    return request.get_data(cache=False)


def _number(name: str, *, lowest: int, otherwise: int) -> int:
    text = request.args.get(name)
    if text is None:
        return otherwise
    try:
        return as_int(int(text), lowest=lowest, highest=MAX_INTEGER)
    except (ValueError, MalformedMessage):
        raise BadRequest(f"{name} is a whole number from {lowest}") from None


def _cbor(body: bytes) -> Response:
    return Response(body, content_type=CBOR)


def _hardened(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
