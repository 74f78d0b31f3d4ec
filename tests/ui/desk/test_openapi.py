import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(client.get("/api/v1/openapi.json").data)
    return answer


def test_every_route_of_the_api_is_described_and_no_other(app: Flask, document: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {(path, method) for path, methods in document["paths"].items() for method in methods}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    references = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document))
    assert references
    assert set(references) <= set(document["components"]["schemas"])


def test_an_operation_tells_its_body_its_answers_and_its_token(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/v1/consultations"]["post"]
    assert operation["security"] == [{"token": ["desk"]}]
    assert set(operation["responses"]) == {
        "201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503", "507",
    }  # fmt: skip
    body = document["components"]["schemas"]["ConsultationRequest"]
    assert body["additionalProperties"] is False
    assert set(body["required"]) == {"topics", "age_band", "outcome"}
    assert [one["name"] for one in operation["parameters"]] == ["Idempotency-Key"]


def test_whoever_has_no_token_may_read_the_description(document: dict[str, Any]) -> None:
    assert document["paths"]["/api/v1/openapi.json"]["get"]["security"] == []
