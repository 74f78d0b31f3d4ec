"""What the receiver answers when it says no: problem documents (RFC 9457) with a stable `code`."""

import json
import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sync.errors import MalformedMessage, SyncError
from sync.receiver.errors import BadRequest, ReceiverError, StoreFailed

log = logging.getLogger(__name__)

_HTTP = {
    404: ("not_found", "その場所は ありません。"),
    405: ("method_not_allowed", "その方法では 使えません。"),
    408: ("too_slow", "時間が かかりすぎました。もう一度 送ってください。"),
    413: ("too_large", "一度に 送る量が 多すぎます。分けて 送ってください。"),
}

_UNKNOWN = 401


def add_problems(app: Flask) -> None:
    """Answer every error of `app` as a problem document."""
    app.register_error_handler(SyncError, _of_ours)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_unexpected)


def problem(status: int, code: str, title: str, detail: str = "") -> Response:
    """One problem document: Japanese `title`, stable `code`, where it helps `detail`."""
    members = {"type": f"urn:madoguchi:problem:{code}", "title": title, "status": status, "code": code}
    if detail:
        members["detail"] = detail
    return Response(json.dumps(members, ensure_ascii=False), status=status, content_type="application/problem+json")


def _of_ours(error: SyncError) -> Response:
    log.warning("%s %s refused: %s (%s)", request.method, request.path, error.code, error)
    if isinstance(error, MalformedMessage):
        return problem(BadRequest.status, error.code, error.ja, str(error))
    if not isinstance(error, ReceiverError):  # something of the town itself, such as its list of devices
        return _later(problem(StoreFailed.status, error.code, error.ja), StoreFailed.retry_after)
    response = problem(error.status, error.code, error.ja, str(error))
    if error.status == _UNKNOWN:
        response.headers["WWW-Authenticate"] = 'Bearer realm="madoguchi-receiver"'
    return _later(response, error.retry_after)


def _later(response: Response, seconds: int | None) -> Response:
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _of_http(error: HTTPException) -> Response:
    status = error.code or BadRequest.status
    code, title = _HTTP.get(status, (BadRequest.code, BadRequest.ja))
    response = problem(status, code, title)
    response.headers.extend(item for item in error.get_headers() if item[0] in {"Allow", "Retry-After"})
    return response


def _of_unexpected(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, "unexpected", StoreFailed.ja)
