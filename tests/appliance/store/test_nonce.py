"""The promise that no data key ever meets the same nonce twice, whatever the disk does."""

from pathlib import Path
from typing import Any

import pytest

from appliance.desk.errors import MadoguchiError
from appliance.desk.facts.call import CallSource
from appliance.desk.facts.consultation import ConsultationEntry
from appliance.desk.facts.staff import StaffRole
from appliance.desk.ports import Once
from appliance.store.store import Store
from sync.envelope import OpenEpoch, Sealed, parse_epoch, parse_record, record_body
from sync.keys import RecipientKey, SigningKey, TownKeys
from sync.sealing import RecordSealer
from tests.failing_disk import FailingDisk
from tests.fakes import build_world

ENTRY = ConsultationEntry(topics=("phone",), age_band="to39", outcome="resolved", memo="memo")


def town() -> TownKeys:
    return TownKeys(
        municipality="999997",
        recipient=RecipientKey.generate().public,
        recovery=RecipientKey.generate().public,
        receiver=SigningKey.generate().public,
        office=SigningKey.generate().public,
    )


@pytest.mark.parametrize("after", [False, True], ids=["refused", "in-doubt"])
def test_failing_every_statement_once_never_uses_a_nonce_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    used: list[tuple[bytes, bytes]] = []
    sealing = OpenEpoch.seal

    def remembering(epoch: OpenEpoch, *args: Any, **kwargs: Any) -> Sealed:
        sealed = sealing(epoch, *args, **kwargs)
        body = record_body(header=sealed.header, ciphertext=sealed.ciphertext, signature=bytes(64))
        # the commitment names the data key without being it
        used.append((parse_epoch(epoch.body).commitment, parse_record(body).nonce))
        return sealed

    monkeypatch.setattr(OpenEpoch, "seal", remembering)
    failing = FailingDisk(monkeypatch)
    store = Store(tmp_path / "desk.db")
    sealer = RecordSealer(town(), SigningKey.generate(), start=store.run.start)
    world = build_world(storage=store, sealer=sealer)
    failing.after = after
    acknowledged, failures = 0, 0
    for statement in range(40):
        failing.left = statement
        for _ in range(3):
            once = Once(key=f"{statement}", fingerprint=b"f")
            try:
                call = world.desk.calls.pressed(1, source=CallSource.API, once=once)
                again = Once(key=f"c{statement}", fingerprint=b"f")
                world.desk.consultations.log(ENTRY, by=StaffRole.PROMOTION_VOLUNTEER, call=call.id, once=again)
            except MadoguchiError:
                failures += 1
                continue
            acknowledged += 1
            break
        failing.left = None
    assert len(set(used)) == len(used)
    assert acknowledged == 40
    assert failures > 5
