import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.ui.documented import Documented


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(client.get("/api/v1/openapi.json").data)
    return answer


def test_every_route_of_the_api_is_described_and_no_other(app: Flask) -> None:
    api = Documented(app, "/api/v1/openapi.json")
    assert api.served == set(api.announced)


def test_an_answer_or_a_route_that_is_not_announced_is_noticed() -> None:
    """The test of the test: an API that does what its document does not say."""
    app = Flask("undocumented")
    app.add_url_rule("/api/<int:number>", "a", lambda number: ("", 418 if number else 200))
    app.add_url_rule("/api/other", "b", lambda: "")
    found: dict[str, Any] = {"get": {"responses": {"200": {}}}}
    paths = {"/api/{number}": found, "/api/openapi.json": found}
    app.add_url_rule("/api/openapi.json", "c", lambda: {"paths": paths})
    api = Documented(app, "/api/openapi.json")
    client = app.test_client()
    client.get("/api/0")
    assert api.undocumented == []
    client.get("/api/1")
    client.head("/api/other")
    assert api.undocumented == ["get /api/other 200", "get /api/{number} 418"]
    assert ("/api/other", "get") in api.served - set(api.announced)


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
