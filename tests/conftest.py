"""What holds over the whole suite."""

from collections.abc import Iterator

import pytest

from tests.drivers.card.record import GateRecord


@pytest.fixture(scope="session")
def gate_record() -> Iterator[GateRecord]:
    with GateRecord() as record:
        yield record


@pytest.fixture(autouse=True)
def nothing_else_leaves_the_gate(gate_record: GateRecord) -> Iterator[None]:
    """Whatever a test does with cards in its process: each command that left was one that may, in its place."""
    yield
    wrong, gate_record.wrong = gate_record.wrong, []
    assert wrong == []
