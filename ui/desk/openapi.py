"""The description of the JSON API, built from the same table that the API is served from."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from ui.desk.messages import Problem

VERSION = "1.3.0"
"""Rises with every change that a program can notice."""

_ALWAYS = frozenset({400, 429})
"""Any request can be garbled, or one too many."""

_WRITING = frozenset({413, 422, 503, 507})


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One thing a program can ask for."""

    method: str
    path: str
    """As Flask writes it, below the prefix."""
    view: Callable[..., Any]
    summary: str
    gives: Any
    takes: Any = None
    status: int = 200
    refusals: frozenset[int] = frozenset()
    scopes: tuple[str, ...] = ("desk",)
    """A token for one of these is needed; without any the route is open to all."""
    media_type: str = "application/json"
    days: tuple[str, ...] = ()
    """Days it may be asked for behind the path, as in `?date=2026-11-20`."""

    @property
    def name(self) -> str:
        """The name of its view."""
        return self.view.__name__

    @property
    def failures(self) -> list[int]:
        """Every status with a problem document that it can answer."""
        token = frozenset() if not self.scopes else frozenset({401, 403})
        writing = _WRITING if self.method == "POST" else frozenset()
        body = frozenset({415}) if self.takes else frozenset()
        return sorted(_ALWAYS | self.refusals | token | writing | body)


def document(routes: Sequence[Route], *, prefix: str) -> Mapping[str, Any]:
    """The OpenAPI 3.1 document of these routes."""
    types = [Problem, *(kind for route in routes for kind in (route.takes, route.gives) if kind is not None)]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(map(str, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Madoguchi desk API", "version": VERSION},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(route: Route, schema_of: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": list(_parameters(route)),
        "responses": _responses(route, schema_of),
        "security": [{"token": [scope]} for scope in route.scopes],
    }
    if route.takes is not None:
        body = {"schema": schema_of[str(route.takes)]}
        operation["requestBody"] = {"required": True, "content": {"application/json": body}}
    return operation


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"<uuid:(\w+)>", route.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    for name in route.days:
        yield {"name": name, "in": "query", "required": False, "schema": {"type": "string", "format": "date"}}
    if route.method == "POST":
        schema = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"}
        yield {"name": "Idempotency-Key", "in": "header", "required": False, "schema": schema}


def _responses(route: Route, schema_of: Mapping[str, Any]) -> dict[str, Any]:
    gives = {"schema": schema_of[str(route.gives)]} if route.gives is not None else {}
    failed = {"application/problem+json": {"schema": schema_of[str(Problem)]}}
    responses = {str(route.status): {"description": _phrase(route.status), "content": {route.media_type: gives}}}
    return responses | {str(code): {"description": _phrase(code), "content": failed} for code in route.failures}


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
