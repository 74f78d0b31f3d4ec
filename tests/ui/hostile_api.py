"""Hostile requests at a JSON API, made from its own OpenAPI document by schemathesis and then made worse."""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.openapi import from_wsgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.transport.wsgi import WSGI_TRANSPORT

from tests.ui.hostile_text import MARKUP, garbled
from tests.ui.judge import ALWAYS_POSSIBLE, Judge, Sent

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CASES_AT_ONCE = 20
REFUSED_TOKENS = ("", "Bearer", "Bearer wrong", "Basic Zm9vOmJhcg==", "bearer \xff\xfe", "Bearer " + "a" * 5000)

Request = dict[str, Any]
Generated: TypeAlias = Case[Any]
Live = Callable[[Random], Mapping[str, object]]
"""Values that reach deep: ids of what is really there, for path parameters and fields of a body."""


class ApiAttack:
    """Everything an API's description allows and forbids, again and again."""

    def __init__(
        self, judge: Judge, app: Any, document: str, *, token: str, live: Live, tidy: Callable[[], None], number: int
    ) -> None:
        """`tidy` is called now and then, so that what hostile requests have made does not pile up."""
        self._judge = judge
        self._schema = from_wsgi(document, app)
        self._token = {"Authorization": f"Bearer {token}"}
        self._live = live
        self._tidy = tidy
        self._chance = Random(number)
        self._number = number

    def run(self, requests: int) -> None:
        """Send so many requests, or a few more."""
        until, turn = self._judge.sent + requests, 0
        operations = [found.ok() for found in self._schema.get_all_operations() if isinstance(found, Ok)]
        while self._judge.sent < until:
            for operation in operations:
                for mode in GenerationMode:
                    self._some(operation, mode, self._number + turn)
                self._tidy()
                if self._judge.sent >= until:
                    return
            turn += 1

    def _some(self, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, number: int) -> None:
        cases: list[Generated] = []

        @seed(number)
        @settings(
            max_examples=CASES_AT_ONCE,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(mode))
        def collect(case: Generated) -> None:
            cases.append(case)

        try:
            collect()
        except Unsatisfiable:
            return  # nothing can be wrong with a request that has no parts
        for case in cases:
            self._as_generated(case)
            self._made_worse(case)

    def _as_generated(self, case: Generated) -> None:
        response = case.call(headers=self._token, environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
        sent = Sent(method=case.method, path=case.formatted_path)
        self._judge.sent += 1
        self._judge.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                self._judge.found(sent, f"{failure}")

    def _made_worse(self, case: Generated) -> None:
        documented = _documented(case) | ALWAYS_POSSIBLE
        request: Request = WSGI_TRANSPORT.serialize_case(case, headers=self._token)
        for worse in (self._aimed, self._aimed_and_said_twice, self._garbled, self._unknown):
            self._judge.send(documented, **worse(_as_bytes(request), case))

    def _aimed(self, request: Request, case: Generated) -> Request:
        """With ids and words that are really there, and markup where free text may stand."""
        live = self._live(self._chance)
        path = case.path
        for name in case.path_parameters or {}:
            path = path.replace("{" + name + "}", str(live.get(name, "")))
        body = {**_object(request.get("data", b"")), "memo": self._chance.choice(MARKUP), **live}
        known = _fields(case)
        return request | {
            "path": path,
            "data": json.dumps({name: body[name] for name in known if name in body}).encode() if known else b"",
            "headers": {**self._token, "Content-Type": "application/json"},
        }

    def _aimed_and_said_twice(self, request: Request, case: Generated) -> Request:
        """With a key of a few that come back again and again, with other bodies behind them."""
        aimed = self._aimed(request, case)
        return aimed | {"headers": aimed["headers"] | {"Idempotency-Key": f"key-{self._chance.randrange(20)}"}}

    def _garbled(self, request: Request, _case: Generated) -> Request:
        kind = self._chance.choice(
            ("application/json", "application/json", "text/plain", "", "application/json;charset=x")
        )
        headers = {**self._token, "Content-Type": kind}
        return request | {"data": garbled(request.get("data", b""), self._chance), "headers": headers}

    def _unknown(self, request: Request, _case: Generated) -> Request:
        headers = {**request["headers"], "Authorization": self._chance.choice(REFUSED_TOKENS)}
        return request | {"headers": headers, "method": self._chance.choice((request["method"], "PUT", "BREW", "HEAD"))}


def _documented(case: Generated) -> set[int]:
    responses: Mapping[str, object] = case.operation.definition.raw["responses"]
    return {int(status) for status in responses if status.isdecimal()}


def _fields(case: Generated) -> Sequence[str]:
    """The names of what the body may hold."""
    for body in case.operation.body:
        schema = body.optimized_schema
        return list(schema.get("properties", {})) if isinstance(schema, dict) else ()
    return ()


def _as_bytes(request: Request) -> Request:
    """The same with a body of bytes, and header values that a socket would carry."""
    headers = {name: value for name, value in request["headers"].items() if value.isprintable()}
    body = request.get("data") or b""
    if "json" in request:
        body = json.dumps(request["json"]).encode()
    kept = {name: request[name] for name in ("method", "path", "query_string") if name in request}
    return kept | {"headers": headers, "data": body if isinstance(body, bytes) else str(body).encode()}


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
