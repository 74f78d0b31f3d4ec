"""What is answered when a request cannot be carried out: problem documents for programs, calm pages for people."""

import logging
import re
import traceback
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

log = logging.getLogger(__name__)

_INVALID = "入力に 合わないところが あります。なおしてから もう一度 どうぞ。"
_UNEXPECTED = "うまく いきませんでした。少し待って、もう一度 ためしてください。"

_HTTP = {
    400: ("bad_request", "送られた内容を 読みとれませんでした。"),
    401: ("not_signed_in", "使うには 鍵（トークン）か 暗証番号が いります。"),
    403: ("not_allowed", "ここは 使えません。"),
    404: ("not_found", "その場所は ありません。"),
    405: ("method_not_allowed", "その方法では 使えません。"),
    408: ("too_slow", "時間が かかりすぎました。もう一度 どうぞ。"),
    411: ("length_required", "内容の長さを 先に 知らせてください。"),
    413: ("too_large", "内容が 大きすぎます。短くしてから もう一度 どうぞ。"),
    414: ("address_too_long", "アドレスが 長すぎます。"),
    415: ("unsupported_media_type", "この形式は 受けとれません。application/json で 送ってください。"),
    422: ("invalid", _INVALID),
    429: ("too_many_requests", "回数が 多すぎます。少し待って もう一度 どうぞ。"),
    500: ("unexpected", _UNEXPECTED),
    503: ("busy", "いま こみあっています。少し待って もう一度 どうぞ。"),
}

_OURS = 500
"""From this status on it is not the fault of whoever asked."""

_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"missing required field `(?P<name>\w{1,40})`")
_UNKNOWN = re.compile(r"contains unknown field `(?P<name>\w{1,40})`")


class Refusal(Exception):
    """A request is refused, in words; `kept` is typed text to be handed back to whoever typed it."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        *,
        detail: str | None = None,
        field: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        kept: str = "",
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.field = field
        self.headers = headers
        self.kept = kept


def problem(status: int, code: str, title_ja: str, detail: str | None = None, field: str | None = None) -> Response:
    """A problem document (RFC 9457): Japanese `title`, stable `code`, where it helps `detail` and `field`."""
    members = {"type": f"urn:madoguchi:problem:{code}", "title": title_ja, "status": status, "code": code}
    if detail:
        members["detail"] = detail
    if field:
        members["field"] = field
    return Response(msgspec.json.encode(members), status=status, content_type="application/problem+json")


def add_problems(
    app: Flask,
    *,
    api_prefix: str,
    statuses: Mapping[type[Exception], int] = MappingProxyType({}),
    home: str = "/",
) -> None:
    """Answer every error of `app`: as JSON under `api_prefix`, elsewhere as a page that leads back to `home`.

    `statuses` maps the classes of the app's own errors, which carry `code`, `ja` and `en`; subclasses follow.
    """

    def answer(error: Exception) -> Response:
        refusal = refusal_of(error, statuses)
        as_json = request.path.startswith(api_prefix)
        response = _document(refusal) if as_json else _page(refusal, home)
        response.headers.update(refusal.headers)
        return response

    app.register_error_handler(Exception, answer)


def refusal_of(error: Exception, statuses: Mapping[type[Exception], int]) -> Refusal:
    """What `error` means to whoever asked; an unexpected one is logged here, without anything that was sent."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, msgspec.ValidationError):
        return Refusal(422, "invalid", _INVALID, detail=_without_values(error), field=_field(error))
    if isinstance(error, msgspec.DecodeError):
        return Refusal(400, "malformed_json", _HTTP[400][1], detail="the body is not well-formed JSON")
    if isinstance(error, HTTPException):
        return _of_http(error)
    status = next((statuses[kind] for kind in type(error).__mro__ if kind in statuses), None)
    return _of_unexpected(error) if status is None else _of_own(error, status)


def _of_own(error: Exception, status: int) -> Refusal:
    """A refusal in the words the error class carries; only an error of the caller is told in detail."""
    code, ja, en = (str(getattr(error, name, "")) for name in ("code", "ja", "en"))
    if status >= _OURS:
        log.error("%s: %s", code, type(error).__name__)
        return Refusal(status, code, ja, detail=en)
    return Refusal(status, code, ja, detail=str(error), field=getattr(error, "field", None))


def _of_http(error: HTTPException) -> Refusal:
    status = error.code or 500
    code, title = _HTTP.get(status, _HTTP[400 if status < _OURS else 500])
    given = error.get_response().headers
    return Refusal(status, code, title, headers={name: given[name] for name in _KEPT_HEADERS if name in given})


def _of_unexpected(error: Exception) -> Refusal:
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s at %s %s\n%s", type(error).__name__, request.method, request.url_rule, where)
    code, title = _HTTP[500]
    return Refusal(500, code, title)


def _document(refusal: Refusal) -> Response:
    return problem(refusal.status, refusal.code, refusal.title, refusal.detail, refusal.field)


def _page(refusal: Refusal, home: str) -> Response:
    page = render_template("problem.html", refusal=refusal, home=request.script_root + home)
    return Response(page, status=refusal.status, content_type="text/html; charset=utf-8")


def _field(error: msgspec.ValidationError) -> str | None:
    """The name of the field that a validation error is about, by the API's names."""
    message = str(error)
    named = _MISSING.search(message) or _UNKNOWN.search(message)
    at = _PATH.search(message)
    path = at["path"] if at else ""
    parts = [part for part in (path, named["name"] if named else "") if part]
    return ".".join(parts) or None


def _without_values(error: msgspec.ValidationError) -> str:
    """The message as far as it speaks of types and names; a wrong value is not repeated."""
    message = str(error)
    return "not one of the allowed values" if "enum value" in message else message
