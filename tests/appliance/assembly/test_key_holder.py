"""The office that opens with the passphrase typed at its page, and locks itself."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from appliance.assembly.access import HashedTokens
from appliance.assembly.key_holder import KeyHolder
from appliance.assembly.office_pages import office_app, office_catalogue
from appliance.assembly.town import LocalSource, TownFolder, make_town, open_locked_office, open_receiver
from appliance.cli import main
from sync.office.errors import OfficeLocked
from tests.configured import MUNICIPALITY

PASSPHRASE = "合言葉は ながい"
IDLE = timedelta(minutes=15)


@dataclass
class OfficeBox:
    folder: TownFolder
    now: float = 0.0
    browser: Client = field(init=False)

    def __post_init__(self) -> None:
        make_town(self.folder, MUNICIPALITY, PASSPHRASE)
        self.office = open_locked_office(self.folder, LocalSource(open_receiver(self.folder)))
        self.holder = KeyHolder(self.office, self.folder, user="soumu", idle=IDLE, monotonic=lambda: self.now)
        self.app = office_app(
            self.office,
            catalogue=office_catalogue(None, MUNICIPALITY),
            users=self.holder,
            tokens=HashedTokens({"token": ["office"]}),
            key_holder=self.holder,
        )
        self.browser = Client(self.app)

    def sign_in(self, passphrase: str = PASSPHRASE, *, user: str = "soumu", browser: Client | None = None) -> int:
        chosen = browser or self.browser
        csrf = chosen.get("/office/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
        return chosen.post("/office/sign-in", data={"csrf": csrf, "user": user, "pin": passphrase}).status_code

    def look(self, browser: Client | None = None) -> int:
        return (browser or self.browser).get("/office/statistics").status_code

    def api(self, token: str = "token") -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return self.browser.get("/office/api/v1/statistics?from=2026-11-01&to=2026-11-30", headers=headers)

    def is_locked(self) -> bool:
        try:
            self.office.pull()
        except OfficeLocked:
            return True
        return False


@pytest.fixture
def box(tmp_path: Path) -> OfficeBox:
    return OfficeBox(TownFolder(tmp_path / "town"))


def test_the_page_asks_for_the_passphrase_and_opens_with_it(box: OfficeBox) -> None:
    assert "合言葉を 入れると 鍵が 開きます" in box.browser.get("/office/sign-in").text
    assert (box.is_locked(), box.look()) == (True, 303)
    assert box.sign_in("ちがう 合言葉") == 422
    assert box.sign_in(user="dareka") == 422
    assert box.is_locked()
    assert box.sign_in() == 303
    assert (box.is_locked(), box.look()) == (False, 200)


def test_programs_wait_until_somebody_has_unlocked(box: OfficeBox) -> None:
    locked = box.api()
    assert locked.json is not None
    assert (locked.status_code, locked.json["code"]) == (503, "office_locked")
    assert "合言葉" in locked.json["title"]
    assert box.api("wrong").status_code == 401
    box.sign_in()
    assert box.api().status_code == 200


def test_unused_it_locks_itself_and_every_session_ends(box: OfficeBox) -> None:
    box.sign_in()
    box.now += IDLE.total_seconds() - 1
    box.holder.lock_if_idle()
    assert box.look() == 200
    box.now += IDLE.total_seconds() - 1
    box.holder.lock_if_idle()
    assert box.look() == 200
    box.now += IDLE.total_seconds()
    box.holder.lock_if_idle()
    assert (box.is_locked(), box.look()) == (True, 303)
    assert box.sign_in(browser=Client(box.app)) == 303
    assert box.look() == 303, "an old session must not come alive again when somebody else unlocks"


def test_a_program_does_not_keep_it_open(box: OfficeBox) -> None:
    box.sign_in()
    box.now += IDLE.total_seconds()
    assert box.api().status_code == 200
    box.holder.lock_if_idle()
    assert box.is_locked()


def test_the_way_out_locks(box: OfficeBox) -> None:
    box.sign_in()
    csrf = box.browser.get("/office/statistics").text.split('name="csrf" value="')[1].split('"')[0]
    box.browser.post("/office/sign-out", data={"csrf": csrf})
    assert box.is_locked()


def test_while_it_is_watched_the_keys_go_in_time_and_at_the_end(
    box: OfficeBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.assembly.key_holder._LOOK_SECONDS", 0.01)
    box.sign_in()
    with box.holder.watched():
        assert not box.is_locked()
    assert box.is_locked()


def test_a_passphrase_file_without_a_pin_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["town", "office", "--folder", str(tmp_path), "--passphrase-file", str(tmp_path / "passphrase")]
    assert main(words) == 1
    assert "--pin" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["0", "-1", "x", "1.5", "1441"])
def test_minutes_that_are_none_are_wrong_usage(tmp_path: Path, word: str) -> None:
    with pytest.raises(SystemExit):
        main(["town", "office", "--folder", str(tmp_path), "--lock-after", word])
