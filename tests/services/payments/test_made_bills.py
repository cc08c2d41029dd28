"""Made bills with differences of every kind: all are found, none is invented, and once is enough."""

import pytest
from sqlalchemy import text

from benchmarks.bills import make, reading
from county import database
from county.outbox import service as outbox
from county.payments import jobs, service
from county.payments.service import wires
from county.payments.types import FeeCharged, FindingKind

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def unwired(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have provider and receiver as they were after each test."""
    for name in ("make_provider", "provider", "receiver"):
        monkeypatch.setattr(wires._Wired, name, getattr(wires._Wired, name))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_difference_of_a_made_day_is_found_and_none_is_invented(database_url: str, seed: int) -> None:
    day = make.make_day(count=700, each=4, seed=seed)
    make.fill(database.engine(), day)

    counted = reading.read(make.pack(day), day)

    assert all(must >= 4 for must, _, _ in counted.values()), f"seed {seed}"
    assert {kind: (right, wrong) for kind, (must, right, wrong) in counted.items()} == {
        kind: (counted[kind][0], 0) for kind in FindingKind
    }, f"seed {seed}"


def test_a_day_without_differences_has_no_finding_and_one_fee_a_line(database_url: str) -> None:
    day = make.make_day(count=300, each=0, seed=7)
    make.fill(database.engine(), day)

    counted = reading.read(make.pack(day), day)
    again = jobs.read_bill(make.ON)

    assert set(counted.values()) == {(0, 0, 0)}
    assert again is False
    with database.reading() as db:
        lines = db.execute(text("SELECT count(*) FROM county_payment_bill_line")).scalar_one()
        fees = len(outbox.list_announcements(db, event=FeeCharged, limit=1_000))
        assert service.was_bill_read(db, on=make.ON)
    assert (lines, fees) == (len(day.rows), sum(row[5] != 0 for row in day.rows))


def test_reading_the_same_bill_in_two_transactions_keeps_it_once(database_url: str) -> None:
    day = make.make_day(count=100, each=1, seed=8)
    make.fill(database.engine(), day)
    reading.read(make.pack(day), day)
    bill = service.provider().bill(on=make.ON)

    with database.transaction() as db:
        found = service.record_bill(db, bill=bill, lost=(), executed={}, now=reading.after_the_day())  # type: ignore[arg-type]

    assert found == []
    with database.reading() as db:
        assert db.execute(text("SELECT count(*) FROM county_payment_bill_line")).scalar_one() == len(day.rows)
