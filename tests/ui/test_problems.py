import logging
from typing import ClassVar

import msgspec
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.exceptions import BadRequest, TooManyRequests

from ui.design.design import add_design
from ui.problems import Refusal, add_problems, problem

SECRET = "町の人の名前"


class Worded(Exception):
    code: ClassVar[str] = "too_late"
    ja: ClassVar[str] = "もう おわりました。"
    en: ClassVar[str] = "Too late."


class FarTooLate(Worded):
    code: ClassVar[str] = "far_too_late"


class DiskIsFull(Worded):
    code: ClassVar[str] = "disk_full"


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    button: int
    topics: list[str] = []


def boom(error: Exception) -> Response:
    raise error


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    add_design(app)
    add_problems(app, api_prefix="/api/", statuses={Worded: 409, DiskIsFull: 507}, home="/start")
    errors: dict[str, Exception] = {
        "own": FarTooLate("closed at noon"),
        "full": DiskIsFull("sector 12"),
        "kept": Refusal(403, "stale", "古い画面です。", kept=f"<b>{SECRET}</b>"),
        "busy": TooManyRequests(retry_after=7),
        "bad": BadRequest(SECRET),
        "bug": ValueError(SECRET),
    }
    for name, error in errors.items():
        for prefix in ("/api/", "/"):
            app.add_url_rule(prefix + name, prefix + name, lambda error=error: boom(error))
    app.add_url_rule("/api/only-post", view_func=lambda: problem(200, "fine", "よい"), methods=["POST"])

    @app.get("/api/decode/<body>")
    def decode(body: str) -> str:
        return str(msgspec.json.decode(body.encode(), type=Entry))

    return app.test_client()


def test_a_program_gets_a_problem_document(client: FlaskClient) -> None:
    response = client.get("/api/own")
    assert response.content_type == "application/problem+json"
    assert response.json == {
        "type": "urn:madoguchi:problem:far_too_late",
        "title": "もう おわりました。",
        "status": 409,
        "code": "far_too_late",
        "detail": "closed at noon",
    }


def test_a_subclass_follows_its_class_and_the_nearest_class_wins(client: FlaskClient) -> None:
    assert client.get("/api/own").status_code == 409
    assert client.get("/api/full").status_code == 507


def test_what_is_wrong_with_the_box_is_not_told_in_detail(client: FlaskClient) -> None:
    assert client.get("/api/full").json == {
        "type": "urn:madoguchi:problem:disk_full",
        "title": "もう おわりました。",
        "status": 507,
        "code": "disk_full",
        "detail": "Too late.",
    }


def test_a_person_gets_a_page_that_leads_back(client: FlaskClient) -> None:
    response = client.get("/own")
    assert response.status_code == 409
    assert response.content_type == "text/html; charset=utf-8"
    assert "もう おわりました。" in response.text
    assert 'href="/start"' in response.text
    assert "<h1>" in response.text
    assert "far_too_late" in response.text


def test_typed_text_is_handed_back_and_is_not_markup(client: FlaskClient) -> None:
    page = client.get("/kept").text
    assert f"&lt;b&gt;{SECRET}&lt;/b&gt;" in page
    assert f"<b>{SECRET}" not in page


def test_a_refusal_of_http_keeps_its_headers(client: FlaskClient) -> None:
    assert client.get("/api/busy").headers["Retry-After"] == "7"
    response = client.get("/api/only-post")
    assert (response.status_code, response.json and response.json["code"]) == (405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("where", ["/api/bug", "/bug", "/api/bad", "/bad"])
def test_nothing_sent_comes_back_or_into_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = client.get(where)
    assert SECRET not in response.text
    assert SECRET not in caplog.text


def test_an_unexpected_error_is_logged_once_with_the_place(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get("/api/bug")
    assert (response.status_code, response.json and response.json["code"]) == (500, "unexpected")
    assert len(caplog.records) == 1
    assert "ValueError" in caplog.text
    assert "in boom" in caplog.text


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ("{", 400, "malformed_json", None),
        ("{}", 422, "invalid", "button"),
        ('{"button": "1"}', 422, "invalid", "button"),
        ('{"button": 1, "more": 1}', 422, "invalid", "more"),
        ('{"button": 1, "topics": ["a", 2]}', 422, "invalid", "topics[1]"),
        ("[]", 422, "invalid", None),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_by_field(
    client: FlaskClient, body: str, status: int, code: str, field: str | None
) -> None:
    response = client.get(f"/api/decode/{body}")
    assert response.json
    assert (response.status_code, response.json["code"], response.json.get("field")) == (status, code, field)


def test_an_address_that_is_nowhere_is_answered_in_the_language_of_who_asked(client: FlaskClient) -> None:
    assert client.get("/api/nowhere").content_type == "application/problem+json"
    assert client.get("/nowhere").content_type == "text/html; charset=utf-8"
