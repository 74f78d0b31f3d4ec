"""The description of the office's JSON API, with the sentence that defines each measure."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from sync.office.definitions import DEFINITIONS, FILTERS_EN
from ui.office.messages import Health, Problem, ReconcileAnswer, StatisticsAnswer

VERSION = "1.3.0"
"""Rises with every change that a program can notice."""

_DAY = {"type": "string", "format": "date"}
_ID = {"type": "string", "minLength": 1}
_DESCRIBED = {"description": HTTPStatus.OK.phrase, "content": {"application/json": {"schema": {"type": "object"}}}}
_REF = "#/components/schemas/{name}"


def document() -> Mapping[str, Any]:
    """The OpenAPI 3.1 document."""
    kinds = (StatisticsAnswer, ReconcileAnswer, Health, Problem)
    _, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    _define(components["StatisticsAnswer"]["properties"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Madoguchi office API", "version": VERSION, "description": FILTERS_EN},
        "paths": {
            "/office/api/v1/statistics": _get(
                "statistics",
                "The internal numbers of a period. Not for publication: small numbers are not suppressed.",
                StatisticsAnswer,
                [*_days(), _parameter("facility", _ID), _parameter("topic", _ID)],
            ),
            "/office/api/v1/reconcile": _get(
                "reconcile",
                "Whether everything recorded at the desks has arrived and was opened.",
                ReconcileAnswer,
                _days(),
            ),
            "/office/api/v1/openapi.json": _open("openapi", "This description.", {"200": _DESCRIBED}),
            "/office/healthz": _open(
                "healthz",
                "Whether the office answers and can read its database.",
                _found(Health) | {"500": _failed(500)},
            ),
        },
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _define(properties: dict[str, Any]) -> None:
    for definition in DEFINITIONS:
        properties[definition.measure] = {
            "description": f"{definition.en} / {definition.name}: {definition.ja}",
            **properties[definition.measure],
        }


def _get(name: str, summary: str, gives: type, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    operation = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "security": [{"token": ["office"]}],
        "responses": _found(gives) | {str(code): _failed(code) for code in (400, 401, 403, 422, 429, 503)},
    }
    return {"get": operation}


def _open(name: str, summary: str, responses: Mapping[str, Any]) -> dict[str, Any]:
    """An operation for everybody."""
    told = {**responses, "400": _failed(400)}
    return {"get": {"operationId": name, "summary": summary, "security": [], "responses": told}}


def _days() -> list[dict[str, Any]]:
    return [_parameter("from", _DAY, required=True), _parameter("to", _DAY, required=True)]


def _parameter(name: str, schema: Mapping[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _found(gives: type) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _REF.format(name=gives.__name__)}}}
    return {"200": {"description": HTTPStatus.OK.phrase, "content": content}}


def _failed(code: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(name=Problem.__name__)}}}
    return {"description": HTTPStatus(code).phrase, "content": content}
