"""Stored statements: read by a job, replaced before they are agreed, never afterwards."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.audit import service as audit
from county.errors import BadInput, IllegalMove, NotFound, Stale
from county.jobs import service as jobs
from county.ledger import service as ledger
from county.people.types import Role
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction
from logistics.settlements import service
from logistics.settlements.types import BadPeriod, PeriodClosed, StatementAgreed, StatementState
from logistics.tracking.types import EventKind
from tests.makers.logistics import (
    CONSIGNEE,
    MONTH_OVER,
    PERIOD,
    agree,
    csv_bytes,
    make_pool,
    make_rates,
    make_sent,
    make_statement,
    tell,
)
from tests.makers.people import NOW, ROBOT, make_person

SHA = "a" * 64
HEAD = ("单号", "目的省份", "结算重量(kg)", "运费(元)")


@pytest.fixture
def admin(db):
    make_pool(db)
    return make_person(db, Role.ASSOCIATION_ADMIN)


def store(db, admin, *, carrier="中通", period=PERIOD, sha256=SHA, now=NOW):
    return service.store_statement(
        db,
        period=period,
        carrier=carrier,
        file_name="对账单.csv",
        sha256=sha256,
        person_id=admin.id,
        actor=ROBOT,
        now=now,
    )


def statements_of(db):
    return [(each.carrier, each.period, each.state, each.sha256) for each in service.list_statements(db)]


def reconcile(db, folder: Path, *rows, carrier="中通", period=PERIOD):
    path = folder / "statement.csv"
    path.write_bytes(csv_bytes([HEAD, *rows], encoding="gb18030"))
    return service.reconcile_file(
        path,
        period=period,
        carrier=carrier,
        sent=service.parcels_sent(db, carrier=carrier),
        cards=service.cards_of(db, carrier=carrier),
    )


def test_upload_waits_for_its_job(db, admin):
    statement_id = store(db, admin)

    assert service.get_statement(db, statement_id=statement_id).state is StatementState.UPLOADED
    (job,) = jobs.list_jobs(db)
    assert (job.kind, job.payload) == (
        "reconcile_statement",
        {"statement_id": str(statement_id), "sha256": SHA},
    )


def test_statement_is_read_against_our_parcels_and_cards(db, tmp_path, admin):
    make_rates(db)
    make_sent(db, waybill="78001001", weight_g=1_000)
    make_sent(db, waybill="78001002", weight_g=2_000)
    make_sent(db, waybill="78001003", carrier="圆通")

    found = reconcile(
        db,
        tmp_path,
        ("78001001", "陕西省", "1", "8.00"),
        ("78001002", "陕西省", "3", "12.00"),
        ("78001003", "陕西省", "1", "8.00"),
        ("合计", "", "", "28.00"),
    )

    assert (found.lines, found.waybills, found.matched) == (3, 3, 1)
    assert (found.charged_fen, found.expected_fen) == (2_800, 1_800)
    assert [(each.waybill, each.reason, each.charged_fen, each.expected_fen) for each in found.items] == [
        ("78001002", "weight", 1_200, 1_000),
        ("78001003", "unknown_waybill", 800, 0),
    ]
    assert (found.disputed_fen, found.agreed_fen) == (1_000, 1_800)


def test_parcel_counts_in_the_month_in_which_a_van_first_had_it(db, tmp_path, admin):
    make_rates(db)
    make_sent(db, waybill="78001001", at=MONTH_OVER)

    october = reconcile(db, tmp_path, ("78001001", "陕西省", "1", "8.00"))
    november = reconcile(db, tmp_path, ("78001001", "陕西省", "1", "8.00"), period="2026-11")

    assert [each.reason for each in october.items] == ["out_of_period"]
    assert november.items == ()


def test_parcel_that_never_left_is_not_ours_to_pay(db, admin):
    parcel = parcels.take_in(
        db,
        waybill="78001001",
        carrier="中通",
        direction=Direction.OUT,
        station="S1",
        weight_g=500,
        consignee=CONSIGNEE,
        actor=ROBOT,
        now=NOW,
    )
    assert service.parcels_sent(db, carrier="中通") == []

    tell(db, parcel.parcel_no, EventKind.COLLECTED_FROM_SENDER)

    assert [each.parcel.waybill for each in service.parcels_sent(db, carrier="中通")] == ["78001001"]


def test_returned_parcel_is_charged_once(db, tmp_path, admin):
    make_rates(db)
    parcel = make_sent(db, waybill="78001001")
    tell(db, parcel.parcel_no, EventKind.RETURNED, at=NOW + timedelta(days=1))

    found = reconcile(db, tmp_path, ("78001001", "陕西省", "1", "8.00"), ("78001001", "陕西省", "1", "8.00"))

    assert [(each.reason, each.charged_fen, each.expected_fen) for each in found.items] == [
        ("returned", 1_600, 800)
    ]


def test_file_that_is_no_statement_is_refused_and_a_failed_one_can_be_replaced(db, tmp_path, admin):
    make_rates(db)
    path = tmp_path / "statement.csv"
    path.write_bytes("今天天气很好\n".encode())
    with pytest.raises(BadInput):
        service.reconcile_file(
            path, period=PERIOD, carrier="中通", sent=[], cards=service.cards_of(db, carrier="中通")
        )

    statement_id = store(db, admin)
    service.record_findings(
        db, statement_id=statement_id, sha256=SHA, findings=None, why="no header", now=NOW
    )
    failed = service.get_statement(db, statement_id=statement_id)
    assert (failed.state, failed.why, failed.findings) == (StatementState.FAILED, "no header", None)
    with pytest.raises(IllegalMove):
        agree(db, statement_id)

    assert store(db, admin, sha256="b" * 64) == statement_id
    again = service.get_statement(db, statement_id=statement_id)
    assert (again.state, again.why, again.sha256) == (StatementState.UPLOADED, "", "b" * 64)


def test_read_statement_is_replaced_before_it_is_agreed_and_the_old_digest_stays_on_record(db, admin):
    statement_id = make_statement(db, person_id=admin.id)
    old = service.get_statement(db, statement_id=statement_id)

    assert store(db, admin) == statement_id

    found = service.get_statement(db, statement_id=statement_id)
    assert (found.state, found.findings, found.version) == (StatementState.UPLOADED, None, old.version + 1)
    records = audit.list_records(db, object=("statement", f"{PERIOD} 中通"))
    uploads = [each for each in records if each.action == "statement.uploaded"]
    assert {each.before["sha256"] for each in uploads} == {"", old.sha256}


def test_findings_of_a_replaced_file_are_thrown_away(db, admin):
    statement_id = store(db, admin)
    store(db, admin, sha256="b" * 64)

    service.record_findings(db, statement_id=statement_id, sha256=SHA, findings=None, why="old", now=NOW)

    found = service.get_statement(db, statement_id=statement_id)
    assert (found.state, found.why) == (StatementState.UPLOADED, "")


def test_agreed_is_fixed_and_refuses_replacement(db, admin):
    statement_id = make_statement(db, person_id=admin.id, charged_fen=1_000, too_much_fen=150)

    assert agree(db, statement_id) == 850
    agreed = service.get_statement(db, statement_id=statement_id)
    assert (agreed.state, agreed.agreed_fen, agreed.agreed_at) == (StatementState.AGREED, 850, NOW)

    with pytest.raises(StatementAgreed):
        store(db, admin)
    with pytest.raises(IllegalMove):
        agree(db, statement_id)
    assert service.get_statement(db, statement_id=statement_id) == agreed


def test_agreeing_on_what_was_replaced_meanwhile_is_stale(db, admin):
    statement_id = make_statement(db, person_id=admin.id)
    seen = service.get_statement(db, statement_id=statement_id)
    make_statement(db, person_id=admin.id, charged_fen=9_000)

    with pytest.raises(Stale):
        service.agree(db, statement_id=statement_id, version=seen.version, actor=ROBOT, now=NOW)

    found = service.get_statement(db, statement_id=statement_id)
    assert (found.state, found.agreed_fen) == (StatementState.RECONCILED, None)


@pytest.mark.parametrize("period", ["2026-13", "next month", ""])
def test_what_is_no_month_is_refused(db, admin, period):
    with pytest.raises(BadPeriod):
        store(db, admin, period=period)

    assert statements_of(db) == []


def test_closed_month_takes_no_statement(db, admin):
    from datetime import date

    ledger.close_period(db, ends_on=date(2026, 11, 1), now=MONTH_OVER)

    with pytest.raises(PeriodClosed):
        store(db, admin, now=MONTH_OVER)

    assert statements_of(db) == []
    assert jobs.list_jobs(db) == []
    store(db, admin, period="2026-11", now=MONTH_OVER)
    assert len(statements_of(db)) == 1


def test_other_carriers_statement_does_not_exist(db, admin):
    statement_id = make_statement(db, person_id=admin.id)

    with pytest.raises(NotFound):
        service.get_statement(db, statement_id=statement_id, carrier="圆通")
    with pytest.raises(NotFound):
        service.get_statement(db, statement_id=uuid4())
    assert service.list_statements(db, carrier="圆通") == []


def test_agreed_without_an_amount_cannot_be_stored(db, admin):
    make_statement(db, person_id=admin.id)

    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text("UPDATE logistics_statement SET state = 'agreed'"))

    assert db.execute(text("SELECT state FROM logistics_statement")).scalars().all() == ["reconciled"]


def test_kept_file_lies_under_its_digest(tmp_path):
    path = tmp_path / "x.CSV"
    path.write_bytes(b"abc")

    sha256 = service.keep_file(tmp_path / "files", path=path)

    kept = service.statement_path(tmp_path / "files", sha256=sha256, name="对账单.csv")
    assert kept.read_bytes() == b"abc"
    assert [each.name for each in kept.parent.iterdir()] == [sha256 + ".csv"]
