import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from appliance.desk.facts.staff import Permission
from appliance.store.proof import Finding, FolderProver, Kind, Proof
from tests.fakes import FakeProver, FakeSealer, FakeTokens, FakeWorld
from tests.ui.people import PROGRAM, Person
from ui.desk.app import create_desk_app
from ui.desk.proof_page import LOOK_AGAIN_SECONDS, Prover

SECRET = b"secret key of a test"
NUMBER = "123456789018"
"""A number nobody has been given, with a right check digit."""
SEARCHING = "いま 調べています"


def proof_app(world: FakeWorld, prover: Prover) -> Flask:
    return create_desk_app(world.desk, practice=world.practice, prover=prover, tokens=FakeTokens(), secret_key=SECRET)


def search(person: Person) -> None:
    """Press the button and look until the search is over."""
    person.press("/proof")
    deadline = time.monotonic() + 30
    while SEARCHING in person.page:
        assert time.monotonic() < deadline
        time.sleep(0.01)
        person.look("/proof")


def facility_staff(world: FakeWorld, prover: Prover) -> Person:
    person = Person(proof_app(world, prover).test_client())
    person.sign_in_as(Permission.FACILITY_STAFF)
    return person


@pytest.mark.parametrize("permission", [Permission.FACILITY_STAFF, Permission.ICT_SUPPORT])
def test_whoever_looks_after_the_box_finds_nothing_forbidden_in_it(world: FakeWorld, permission: Permission) -> None:
    person = Person(proof_app(world, FakeProver()).test_client())
    person.sign_in_as(permission)
    person.look("/proof")
    assert "まだ 調べていません" in person.page
    search(person)
    assert "禁止データ 0件" in person.page
    assert "2026年11月20日 12:00 に 調べました" in person.page
    assert "ファイル 5個、1,234,567バイト" in person.page


def test_the_page_says_what_is_searched_for_and_what_it_cannot_prove(world: FakeWorld) -> None:
    person = facility_staff(world, FakeProver())
    person.look("/proof")
    assert "マイナンバーのような数字" in person.page
    assert "これでは わからないこと" in person.page
    assert "封をした記録の 中身" in person.page
    assert person.page.count("<h1") == person.page.count("<main") == person.page.count("<title>") == 1
    assert "<script" not in person.page


def test_a_volunteer_is_told_who_may(world: FakeWorld) -> None:
    prover = FakeProver()
    person = Person(proof_app(world, prover).test_client())
    person.sign_in()
    person.look("/")
    assert person.press("/proof").status_code == 403
    assert "館の職員・ICT支援員が 使うところ" in person.page
    assert person.look("/proof").status_code == 403
    assert prover.asked == 0


def test_nobody_searches_without_signing_in_or_from_elsewhere(world: FakeWorld) -> None:
    prover = FakeProver()
    stranger = Person(proof_app(world, prover).test_client())
    assert stranger.look("/proof").location == "/sign-in"
    stranger.look("/sign-in")
    assert stranger.press("/proof").status_code == 403
    stranger.sign_in()
    assert stranger.client.post("/proof", data={"csrf": "old"}).status_code == 403
    assert prover.asked == 0


def test_what_is_found_is_told_by_file_and_kind_with_whom_to_tell(world: FakeWorld) -> None:
    found = (Finding("desk.db", Kind.MY_NUMBER), Finding("<b>.log", Kind.PRIVATE_KEY), Finding("x", Kind.DECOY))
    person = facility_staff(world, FakeProver(Proof(files=3, bytes=9, found=found, unread=())))
    person.look("/proof")
    search(person)
    assert "禁止データ 3件" in person.page
    assert "禁止データ 0件" not in person.page
    assert "desk.db" in person.page
    assert "&lt;b&gt;.log" in person.page
    assert "町役場の 企画情報課" in person.page


def test_a_file_that_cannot_be_read_keeps_the_page_from_saying_none(world: FakeWorld) -> None:
    person = facility_staff(world, FakeProver(Proof(files=3, bytes=9, found=(), unread=("broken.db",))))
    person.look("/proof")
    search(person)
    assert "0件" not in person.page
    assert "読めないファイルが 1個" in person.page
    assert "broken.db" in person.page


def test_a_search_that_fails_is_told_and_leaves_no_older_verdict(world: FakeWorld) -> None:
    prover = FakeProver()
    person = facility_staff(world, prover)
    person.look("/proof")
    search(person)
    prover.broken = True
    search(person)
    assert "さいごまで 調べられませんでした" in person.page
    assert "0件" not in person.page
    prover.broken = False
    search(person)
    assert "禁止データ 0件" in person.page


def test_a_search_that_meets_the_unexpected_is_told_too(world: FakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    class OddProver(FakeProver):
        def prove(self) -> Proof:
            raise ValueError("odd")

    person = facility_staff(world, OddProver())
    person.look("/proof")
    search(person)
    assert "さいごまで 調べられませんでした" in person.page
    assert "unexpected fault" in caplog.text


def test_a_clock_nobody_vouches_for_is_said_to_be_one(world: FakeWorld) -> None:
    person = facility_staff(world, FakeProver())
    world.clock.reboot(hours=1)
    person.look("/proof")
    search(person)
    assert "箱の時計は まだ 確かめていません" in person.page


def test_two_who_ask_at_once_are_served_by_one_search_that_they_can_watch(world: FakeWorld) -> None:
    go_on = threading.Event()

    class SlowProver(FakeProver):
        def prove(self) -> Proof:
            go_on.wait(10)
            return super().prove()

    prover = SlowProver()
    app = proof_app(world, prover)
    people = Person(app.test_client()), Person(app.test_client())
    for person in people:
        person.sign_in_as(Permission.FACILITY_STAFF)
        person.look("/proof")
    for person in people:
        form = {"csrf": person.hidden("csrf")}
        assert person.client.post("/proof", data=form).location == "/proof"
        person.look("/proof")
        assert f"{SEARCHING}（12:00 に はじめました）" in person.page
        assert f'data-seconds="{LOOK_AGAIN_SECONDS}"' in person.page
        assert f'<noscript><meta http-equiv="refresh" content="{LOOK_AGAIN_SECONDS}"></noscript>' in person.page
        assert "いま 調べる" not in person.page
    go_on.set()
    for person in people:
        while SEARCHING in person.page:
            person.look("/proof")
        assert "禁止データ 0件" in person.page
        assert "data-seconds" not in person.page
    assert prover.asked == 1


@pytest.mark.parametrize("permission", list(Permission))
def test_the_page_is_found_where_those_look_who_may_use_it(world: FakeWorld, permission: Permission) -> None:
    person = Person(proof_app(world, FakeProver()).test_client())
    person.sign_in_as(permission)
    linked = [path for path in ("/day", "/people", "/tokens") if 'href="/proof"' in person.look(path).text]
    assert (
        linked
        == {
            Permission.VOLUNTEER: [],
            Permission.FACILITY_STAFF: ["/day", "/people"],
            Permission.ICT_SUPPORT: ["/day", "/people", "/tokens"],
        }[permission]
    )


def test_the_page_and_the_search_of_a_folder_fit_together(world: FakeWorld, tmp_path: Path) -> None:
    person = facility_staff(world, FolderProver(tmp_path))
    (tmp_path / "desk.log").write_text("2026-11-20 12:00")
    person.look("/proof")
    search(person)
    assert "禁止データ 0件" in person.page
    (tmp_path / "desk.log").write_text(NUMBER)
    search(person)
    assert "禁止データ 1件" in person.page
    assert NUMBER not in person.page


# ------------------------------------------------------------------------ what is not taken in need not be searched for


def sealed_before(world: FakeWorld) -> int:
    assert isinstance(world.sealer, FakeSealer)
    return len(world.sealer.sealed)


def test_a_memo_with_a_my_number_is_refused_on_the_page_with_everything_kept(
    world: FakeWorld, volunteer: Person
) -> None:
    visit = world.desk.consultations.walk_in().id
    volunteer.look(f"/visits/{visit}/log")
    memo, before = f"カードを見ました。{NUMBER}", sealed_before(world)
    response = volunteer.press(f"/visits/{visit}/log", topics="phone", cell="75to84 resolved", people="2", memo=memo)
    assert response.status_code == 422
    assert "マイナンバーのような 12けたの数字が あります" in volunteer.page
    assert "長すぎます" not in volunteer.page
    assert memo in volunteer.page
    assert 'value="2" checked' in volunteer.page
    assert sealed_before(world) == before
    volunteer.press(f"/visits/{visit}/log", topics="phone", cell="75to84 resolved", memo="カードを見ました。")
    assert len(world.desk.logged_today()) == 1


def test_a_program_is_refused_too_and_the_number_is_not_repeated(
    world: FakeWorld, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    entry = {"topics": ["phone"], "age_band": "75to84", "outcome": "resolved", "channel": "in_person"}
    before = sealed_before(world)
    with caplog.at_level("DEBUG"):
        response = client.post("/api/v1/consultations", json=entry | {"memo": NUMBER}, headers=PROGRAM)
    assert response.json
    assert (response.status_code, response.json["code"], response.json["field"]) == (422, "forbidden_text", "memo")
    assert NUMBER not in response.text + caplog.text
    assert sealed_before(world) == before
