"""The office's web side over a pretend town, for tests and for looking at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sync.office.office import Office
from tests.sync.office.town import TestDesk, Town
from ui.office.app import create_office_app
from ui.office.names import Names

NAMES = Names(
    municipality="見本町",
    hall="町役場",
    topics={
        "phone": "スマホの操作",
        "my_number_card": "マイナンバーカード",
        "online_application": "オンライン申請",
        "messages": "メール・LINE",
        "connection": "Wi-Fi・つながらない",
        "password": "パスワード",
        "fraud": "詐欺・心配なこと",
        "other": "その他",
    },
    age_bands={
        "to39": "〜39",
        "40to64": "40〜64",
        "65to74": "65〜74",
        "75to84": "75〜84",
        "from85": "85〜",
        "unknown": "不明",
        "declined": "答えない",
    },
    outcomes={"resolved": "解決した", "continued": "つづきは次回", "referred": "ほかへご案内", "partly": "途中まで"},
    age_from={"to39": 0, "40to64": 40, "65to74": 65, "75to84": 75, "from85": 85},
)
USER, PIN = "yakuba", "731904"
TOKEN, DESK_TOKEN = "office-token", "desk-token"


class OneUser:
    def allows(self, user: str, pin: str) -> bool:
        return (user, pin) == (USER, PIN)


class TwoTokens:
    def allows(self, token: str, scope: str) -> bool:
        return (token, scope) in {(TOKEN, "office"), (DESK_TOKEN, "desk")}


class FakeTrial:
    """Port `RecoveryTrial` of a town whose sheet says `right`."""

    def trouble(self, sheets: Sequence[str]) -> str:
        return "" if list(sheets) == ["right"] else "紙の数字と 合いません"


@dataclass
class Screens:
    """One app, and what moves it."""

    town: Town
    desk: TestDesk
    monotonic: float = 0.0
    office: Office = field(init=False)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.office = self.town.office()
        self.app = create_office_app(
            self.office,
            names=NAMES,
            users=OneUser(),
            tokens=TwoTokens(),
            secret_key=b"test" * 8,
            monotonic=lambda: self.monotonic,
            recovery=FakeTrial(),
        )
        self.app.testing = False

    def bring(self) -> None:
        self.town.source.bring(self.desk)

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def officer(self) -> FlaskClient:
        """A browser that is signed in."""
        client = self.client()
        response = sign_in(client)
        assert response.status_code == 303, response.get_data(as_text=True)
        return client


def csrf_of(client: FlaskClient, path: str = "/office/sign-in") -> str:
    page = client.get(path).get_data(as_text=True)
    return page.split('name="csrf" value="')[1].split('"')[0]


def sign_in(client: FlaskClient, *, user: str = USER, pin: str = PIN) -> TestResponse:
    return client.post("/office/sign-in", data={"csrf": csrf_of(client), "user": user, "pin": pin})


def bearer(token: str = TOKEN) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


def open_screens(folder: Path) -> Screens:
    town = Town(folder)
    desk = TestDesk(1)
    town.admit(desk)
    return Screens(town, desk)
