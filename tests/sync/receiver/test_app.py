import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.receipt import Reply
from sync.receiver import errors
from sync.receiver.app import create_receiver_app
from sync.wire import MAX_BATCH_BYTES, Pulled, Signed, encode
from tests.sync.receiver.road import (
    OFFICE_TOKEN,
    OFFICE_TOKENS,
    RECEIVER_KEY,
    STRANGER_KEY,
    Desk,
    Town,
    entry,
    hollow,
    opened_list,
)

CBOR = {"Content-Type": "application/cbor"}
OFFICE = {"Authorization": f"Bearer {OFFICE_TOKEN}"}


@dataclass
class Answer:
    status: int
    code: str


@pytest.fixture
def client(town: Town) -> Iterator[FlaskClient]:
    app = create_receiver_app(town.receiver, office_tokens=OFFICE_TOKENS)
    with app.test_client() as client:
        yield client


def post(client: FlaskClient, path: str, body: bytes, headers: dict[str, str] = CBOR) -> Answer:
    response = client.post(path, data=body, headers=headers)
    code = response.get_json()["code"] if response.mimetype == "application/problem+json" else ""
    return Answer(status=response.status_code, code=code)


def pull(client: FlaskClient, query: str = "") -> Pulled:
    response = client.get(f"/v1/records{query}", headers=OFFICE)
    assert (response.status_code, response.mimetype) == (200, "application/cbor")
    return Pulled.from_bytes(response.data)


def test_a_batch_is_answered_by_a_signed_reply(client: FlaskClient, desk: Desk) -> None:
    record = desk.seal()
    response = client.post("/v1/batches", data=desk.batch([record]), headers=CBOR)
    assert (response.status_code, response.mimetype) == (200, "application/cbor")
    assert Reply.from_bytes(response.data, receiver=RECEIVER_KEY.public).receipt.entries == (entry(record),)


def test_refusals_are_problem_documents_with_a_stable_code(client: FlaskClient, desk: Desk) -> None:
    stranger = Desk()
    response = client.post("/v1/batches", data=stranger.batch([]), headers=CBOR)
    assert (response.status_code, response.content_type) == (403, "application/problem+json")
    assert response.get_json() == {
        "type": "urn:madoguchi:problem:unknown_device",
        "title": "この機器は まだ 登録されていません。役所で 機器を 登録してください。",
        "status": 403,
        "code": "unknown_device",
        "detail": stranger.id.hex(),
    }
    assert response.headers["Cache-Control"] == "no-store"


def test_each_mistake_has_its_own_code(client: FlaskClient, desk: Desk) -> None:
    batch = desk.batch([])
    assert post(client, "/v1/batches", b"?") == Answer(400, "malformed_message")
    assert post(client, "/v1/batches", b"") == Answer(400, "malformed_message")
    assert post(client, "/v1/batches", batch, {"Content-Type": "text/html"}) == Answer(415, "wrong_content_type")
    assert post(client, "/v1/batches", b"x" * (MAX_BATCH_BYTES + 1)) == Answer(413, "too_large")
    assert post(client, "/v1/batches", desk.batch([], signed_by=STRANGER_KEY)) == Answer(403, "bad_batch_signature")
    assert post(client, "/v1/batches", desk.batch([], municipality="131024")) == Answer(403, "other_municipality")
    newer = Signed(payload=encode([3, "?"]), signature=bytes(64)).to_bytes()
    assert post(client, "/v1/batches", newer) == Answer(400, "unsupported_version")
    assert post(client, "/v1/elsewhere", batch) == Answer(404, "not_found")
    assert client.get("/v1/batches").status_code == 405
    assert client.get("/").get_json()["code"] == "not_found"


def test_the_office_fetches_page_by_page(client: FlaskClient, desk: Desk, town: Town) -> None:
    records = desk.records(250)
    for begin in range(0, 250, 50):
        town.take(desk.batch(records[begin : begin + 50]))
    first = pull(client, "?limit=220")
    assert (first.records, first.waiting) == (tuple(records[:220]), 30)
    assert first.epochs == tuple(desk.epoch_bodies)
    second = pull(client, f"?after={first.last}&limit=220")
    assert (second.records, second.waiting) == (tuple(records[220:]), 0)
    assert second.epochs == (desk.epoch_bodies[1],)
    nothing = pull(client, f"?after={second.last}")
    assert (nothing.records, nothing.epochs, nothing.last, nothing.waiting) == ((), (), second.last, 0)


def test_a_page_is_never_larger_than_a_message(client: FlaskClient, desk: Desk, town: Town) -> None:
    records = [desk.seal(os.urandom(50_000)) for _ in range(100)]
    for begin in range(0, 100, 10):
        town.take(desk.batch(records[begin : begin + 10]))
    page = pull(client)
    assert 0 < len(page.records) < 100
    assert page.records + pull(client, f"?after={page.last}").records == tuple(records)


def test_a_withdrawn_record_reaches_the_office_hollow(client: FlaskClient, desk: Desk, town: Town) -> None:
    record = desk.seal()
    town.take(desk.batch([record]))
    town.take(desk.batch([hollow(record)]))
    assert pull(client).records == (hollow(record),)


def test_only_the_office_may_fetch_and_publish(client: FlaskClient, desk: Desk) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {OFFICE_TOKEN}"},
        {"Authorization": "é"},
    ):
        response = client.get("/v1/records", headers=headers)
        assert (response.status_code, response.get_json()["code"]) == (401, "not_the_office")
        assert post(client, "/v1/opened", opened_list(desk, 1, []), CBOR | headers) == Answer(401, "not_the_office")


def test_a_page_begins_at_a_number(client: FlaskClient) -> None:
    for query in ("after=x", "after=-1", "limit=0", "limit=1.5", f"after={2**63}", "after=" + "9" * 5000):
        response = client.get(f"/v1/records?{query}", headers=OFFICE)
        assert (response.status_code, response.get_json()["code"]) == (400, "bad_request")


def test_an_opened_list_waits_for_its_desk(client: FlaskClient, desk: Desk, town: Town) -> None:
    other = Desk()
    town.admit(other)
    lists = [opened_list(desk, number, desk.records(1)) for number in (3, 4)]
    for body in (*lists, lists[0]):
        assert post(client, "/v1/opened", body, CBOR | OFFICE) == Answer(204, "")
    assert town.take(desk.batch([])).inbox == ((3, lists[0]), (4, lists[1]))
    assert town.take(desk.batch([], inbox_after=3)).inbox == ((4, lists[1]),)
    assert town.take(desk.batch([], inbox_after=4)).inbox == ()
    assert town.take(other.batch([])).inbox == ()


def test_opened_lists_that_are_not_the_offices_are_refused(client: FlaskClient, desk: Desk) -> None:
    records = desk.records(1)
    own = CBOR | OFFICE
    assert post(client, "/v1/opened", opened_list(desk, 1, [], signed_by=STRANGER_KEY), own).code == "not_the_office"
    assert post(client, "/v1/opened", opened_list(Desk(municipality="131024"), 1, []), own).code == "other_municipality"
    assert post(client, "/v1/opened", b"?", own) == Answer(400, "malformed_message")
    assert post(client, "/v1/opened", opened_list(desk, 1, records), own).status == 204
    assert post(client, "/v1/opened", opened_list(desk, 1, []), own) == Answer(409, "opened_number_taken")


def test_an_inbox_fits_into_one_reply(desk: Desk, town: Town) -> None:
    records = desk.records(500)
    bodies = [opened_list(desk, number, records * 10) for number in range(1, 5)]
    for body in bodies:
        town.receiver.publish(body)
    assert [number for number, _ in town.take(desk.batch([])).inbox] == [1, 2]
    assert [number for number, _ in town.take(desk.batch([], inbox_after=2)).inbox] == [3, 4]


def test_a_full_disk_asks_to_come_later(client: FlaskClient, desk: Desk, town: Town) -> None:
    [(pages,)] = town.sql("PRAGMA page_count")
    town.sql(f"PRAGMA max_page_count = {pages}")
    batch = desk.batch(desk.records(100))
    response = client.post("/v1/batches", data=batch, headers=CBOR)
    assert (response.status_code, response.get_json()["code"]) == (507, "storage_full")
    assert response.headers["Retry-After"] == "3600"
    assert post(client, "/v1/batches", batch).status == 200  # the connection was opened anew, without the limit
    assert len(town.records) == 100


def test_a_broken_list_of_devices_is_our_fault_and_not_the_desks(client: FlaskClient, desk: Desk, town: Town) -> None:
    (town.folder / "devices.toml").write_text("[[device]")
    assert post(client, "/v1/batches", desk.batch([])) == Answer(503, "registry_broken")


def test_health_and_description(client: FlaskClient, town: Town) -> None:
    assert client.get("/v1/healthz").get_json() == {"status": "ok"}
    document = client.get("/v1/openapi.json").get_json()
    paths = {rule.rule for rule in app_of(client).url_map.iter_rules()}
    assert set(document["paths"]) == paths
    town.sql("DROP TABLE meta")
    assert client.get("/v1/healthz").status_code == 503


def test_every_code_is_in_the_protocol() -> None:
    protocol = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text("utf-8")
    codes = {kind.code for kind in errors.ReceiverError.__subclasses__()}
    assert [code for code in sorted(codes) if f"`{code}`" not in protocol] == []


def app_of(client: FlaskClient) -> Flask:
    app = client.application
    assert isinstance(app, Flask)
    return app


def test_what_the_receiver_stores_says_nothing_of_the_visit(desk: Desk, town: Town) -> None:
    town.take(desk.batch([desk.seal("スマホの 相談で 来ました 090-0000-0000".encode())]))
    town.store.close()
    stored = b"".join(file.read_bytes() for file in town.folder.glob("receiver.sqlite*"))
    assert "スマホ".encode() not in stored
    assert b"090-0000" not in stored
    town.restart()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=300) | st.builds(lambda payload: encode([payload, bytes(64)]), st.binary(min_size=1)))
def test_no_bytes_make_the_receiver_stumble(client: FlaskClient, body: bytes) -> None:
    assert client.post("/v1/batches", data=body, headers=CBOR).status_code in {400, 403}
    assert client.post("/v1/opened", data=body, headers=CBOR | OFFICE).status_code in {400, 401}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.binary(max_size=40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=7),
    max_leaves=20,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(records=st.lists(st.binary(min_size=1, max_size=200) | _VALUES.map(encode), max_size=4), value=_VALUES)
def test_no_signed_nonsense_makes_the_receiver_stumble(
    client: FlaskClient, desk: Desk, records: list[bytes], value: object
) -> None:
    batch = desk.batch(records, epochs=records)
    response = client.post("/v1/batches", data=batch, headers=CBOR)
    assert response.status_code == 200
    assert len(Reply.from_bytes(response.data, receiver=RECEIVER_KEY.public).refused) == len(records)
    assert client.post("/v1/batches", data=encode(value), headers=CBOR).status_code in {400, 403}
