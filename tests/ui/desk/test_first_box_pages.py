import pytest
from flask.testing import FlaskClient

from appliance.desk.errors import Invalid
from appliance.desk.facts.staff import Permission
from provisioning.errors import CannotWrite
from tests.fakes import FakeWorld
from tests.ui.first_box import TYPED, FakeFirstBox
from tests.ui.people import Person

LAN = {"REMOTE_ADDR": "192.0.2.7"}
PASSPHRASE = "合言葉は ながい"
FORM = TYPED | {"passphrase": PASSPHRASE}


@pytest.fixture
def first_box() -> FakeFirstBox:
    return FakeFirstBox()


def support_at(client: FlaskClient) -> Person:
    person = Person(client)
    assert person.sign_in_as(Permission.ICT_SUPPORT).status_code == 200
    return person


def make(client: FlaskClient, person: Person, **changed: str) -> tuple[int, str]:
    answer = client.post("/first-box", data={"csrf": person.hidden("csrf"), **FORM, **changed})
    return answer.status_code, answer.get_data(as_text=True)


def test_what_was_typed_becomes_a_kit_and_the_page_says_what_comes_next(
    client: FlaskClient, first_box: FakeFirstBox
) -> None:
    status, page = make(client, support_at(client))
    assert status == 200
    assert "キットを 作りました" in page
    assert "--facility kominkan-chuo" in page
    ((site, passphrase),) = first_box.given
    assert passphrase == PASSPHRASE
    assert (site.preset, site.receiver, site.municipality["hall"]) == ("town", "stick", "町役場")
    assert [one["id"] for one in site.facilities] == ["kominkan-chuo"]


def test_a_wrong_entry_is_said_beside_it_and_the_passphrase_never_comes_back(
    client: FlaskClient, first_box: FakeFirstBox
) -> None:
    first_box.failure = Invalid("municipality.code", "must be six digits")
    status, page = make(client, support_at(client), **{"municipality.code": "999998"})
    assert status == 422
    assert 'id="municipality.code-error"' in page
    assert "検査数字" in page
    assert 'value="999998"' in page
    assert PASSPHRASE not in page


def test_hours_people_and_devices_come_with_what_is_usual_and_stay_as_they_were_typed(
    client: FlaskClient, first_box: FakeFirstBox
) -> None:
    person = support_at(client)
    person.look("/first-box")
    assert 'name="hours.tuesday"' in person.page
    assert 'value="13:00-16:00"' in person.page
    assert 'name="person.6.name"' in person.page
    first_box.failure = Invalid("person.1.name", "must be hiragana")
    entries = {"hours.tuesday": "", "hours.sunday": "9:00-12:00", "person.1.name": "山田", "devices.buttons": "gpio"}
    status, page = make(client, person, **entries, **{"facility.1.hours.monday": "10:00-11:00"})
    assert status == 422
    assert 'id="person.1.name-error"' in page
    assert "ひらがな 12字まで" in page
    for typed in ("9:00-12:00", "山田", "10:00-11:00"):
        assert f'value="{typed}"' in page
    assert page.count('value="13:00-16:00"') == 1, "Friday's, which was not sent"
    assert '<input type="radio" name="devices.buttons" value="gpio" checked>' in page


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("hours.monday", "13:00-16:00 のように"),
        ("facility.2.hours.monday", "13:00-16:00 のように"),
        ("closed.days", "年末年始は"),
        ("devices", "GPIO は"),
        ("devices.button_lines.1", "GPIO は"),
        ("retention.daily", "1 から 100"),
        ("update_key", "minisign"),
        ("facility.1.id", "ハイフンで"),
        ("person.2.facility", "その番号の施設"),
        ("facility.1.name", "ここを なおして"),
    ],
)
def test_every_wrong_entry_has_its_words(client: FlaskClient, first_box: FakeFirstBox, field: str, words: str) -> None:
    first_box.failure = Invalid(field, "wrong")
    status, page = make(client, support_at(client))
    assert status == 422
    assert words in page


def test_a_stick_that_takes_nothing_is_told_of(client: FlaskClient, first_box: FakeFirstBox) -> None:
    first_box.failure = CannotWrite("site.kit")
    status, page = make(client, support_at(client))
    assert status == 422
    assert CannotWrite.ja in page


def test_a_kit_without_a_facility_is_refused(client: FlaskClient, first_box: FakeFirstBox) -> None:
    status, page = make(client, support_at(client), **{"facility.1.id": "", "facility.1.name": " "})
    assert status == 422
    assert "施設を ひとつ以上" in page
    assert first_box.given == []


def test_without_the_offices_stick_the_page_asks_for_it(client: FlaskClient, first_box: FakeFirstBox) -> None:
    support_at(client)
    assert "USBメモリーが あります（団体コード 999997）" in client.get("/first-box").get_data(as_text=True)
    first_box.stick = ""
    assert "見つかりません" in client.get("/first-box").get_data(as_text=True)


def test_it_is_there_on_the_boxs_own_screen_only(client: FlaskClient, first_box: FakeFirstBox) -> None:
    person = support_at(client)
    assert client.get("/first-box", environ_base=LAN).status_code == 403
    sent = {"csrf": person.hidden("csrf"), **FORM}
    assert client.post("/first-box", data=sent, environ_base=LAN).status_code == 403
    assert first_box.given == []


def test_a_box_with_a_kit_has_no_such_page(client: FlaskClient, first_box: FakeFirstBox) -> None:
    person = support_at(client)
    first_box.needed = False
    assert client.get("/first-box").status_code == 404
    assert make(client, person)[0] == 404


def test_the_first_page_leads_there_while_nothing_can_be_sealed(
    client: FlaskClient, world: FakeWorld, first_box: FakeFirstBox
) -> None:
    support_at(client)
    assert 'href="/first-box"' not in client.get("/").get_data(as_text=True)
    world.desk.board.show(can_seal=False)
    page = client.get("/").get_data(as_text=True)
    assert 'href="/first-box"' in page
    assert "自治体の鍵が まだ ありません" in page
    assert "/first-box" not in client.get("/", environ_base=LAN).get_data(as_text=True)
    first_box.needed = False
    assert "/first-box" not in client.get("/").get_data(as_text=True)
