"""The sheets of the recovery key are tried by one button, and nothing of them stays."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.ui_office.screens import Screens, csrf_of

PATH = "/office/recovery"


def try_sheets(client: FlaskClient, *sheets: str) -> TestResponse:
    typed = {f"sheet.{number}": sheet for number, sheet in enumerate(sheets, 1)}
    return client.post(PATH, data={"csrf": csrf_of(client, PATH), **typed})


def test_a_sheet_that_opens_is_said_to_and_does_not_come_back(screens: Screens) -> None:
    officer = screens.officer()
    assert f'href="{PATH}"' in officer.get("/office/security").text
    answer = try_sheets(officer, "right", "  ")
    assert answer.status_code == 200
    assert "この紙で 記録が 開けます" in answer.text
    assert "right" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_sheet_with_a_slip_can_be_mended(screens: Screens) -> None:
    answer = try_sheets(screens.officer(), "361 809", "right")
    assert answer.status_code == 422
    assert "紙の数字と 合いません" in answer.text
    assert "361 809" in answer.text


def test_only_officers_with_a_page_of_theirs_may_try(screens: Screens) -> None:
    assert screens.client().get(PATH).status_code == 303
    assert screens.client().post(PATH, data={"sheet.1": "right"}).status_code == 303
    assert screens.officer().post(PATH, data={"csrf": "x", "sheet.1": "right"}).status_code == 403
