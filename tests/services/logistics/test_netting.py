"""A month: shares that add up, replayed bit for bit, one balanced entry, closed for good."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county import clock
from county.errors import IllegalMove, NotFound, Stale
from county.jobs import service as jobs
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.people.types import Role, SamePerson
from logistics.carriers import service as carriers
from logistics.netting import service
from logistics.netting.types import (
    EarlierMonthOpen,
    MonthNotOver,
    NothingToNet,
    PeriodClosed,
    PeriodOutdated,
    PeriodState,
    StatementsOpen,
)
from logistics.settlements.types import BadPeriod
from logistics.tours import service as tours
from logistics.tracking.types import EventKind
from tests.makers.logistics import (
    MONTH_OVER,
    PERIOD,
    agree,
    close_month,
    compute_month,
    make_month,
    make_rates,
    make_statement,
    tell,
)
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.tours import ask, make_parcel, write_plan_of

COST_FEN = 22_600
AGREED_FEN = 900


def accounts(db):
    return {each.name: each.id for each in carriers.list_carriers(db)}


def assert_open(db, before):
    """Nothing was booked, closed or changed."""
    assert service.get_period(db, period=PERIOD) == before
    assert ledger.find_entry(db, key=f"net:{PERIOD}") is None
    assert ledger.list_periods(db) == []


def publish_another(db):
    """Publish a second tour in the month."""
    parcel = make_parcel(db, waybill="2001", carrier="圆通")
    tour = ask(db)
    tours.store_plan(
        db,
        tour_no=tour.tour_no,
        plan=write_plan_of(in_s1=[parcel.parcel_no], in_s2=[], out_s2=[]),
        now=NOW + timedelta(seconds=9),
    )
    tours.publish_tour(db, tour_no=tour.tour_no, actor=ROBOT, now=NOW)


def test_asking_plans_one_job_for_an_open_month(db):
    admin = make_person(db, Role.ASSOCIATION_ADMIN)

    service.ask_for_netting(db, period=PERIOD, person_id=admin.id, actor=ROBOT, now=NOW)

    found = service.get_period(db, period=PERIOD)
    assert (found.state, found.lines, found.cost_rule) == (PeriodState.OPEN, (), "bound-v1")
    assert [(each.kind, each.payload["period"]) for each in jobs.list_jobs(db)] == [("net_period", PERIOD)]


@pytest.mark.parametrize("period", ["2026-13", "x", ""])
def test_what_is_no_month_is_not_computed(db, period):
    with pytest.raises(BadPeriod):
        service.ask_for_netting(db, period=period, person_id=make_person(db).id, actor=ROBOT, now=NOW)

    assert (service.list_periods(db), jobs.list_jobs(db)) == ([], [])


def test_shares_add_up_to_the_tours_and_agreed_charges_stand_beside_them(db):
    make_month(db)

    found = service.get_period(db, period=PERIOD)

    assert (found.state, found.cost_fen, len(found.tours)) == (PeriodState.RECONCILED, COST_FEN, 1)
    assert [line.carrier for line in found.lines] == ["中通", "圆通"]
    assert sum(line.share_fen for line in found.lines) == COST_FEN
    assert [line.parcels for line in found.lines] == [2, 1]
    assert [line.agreed_fen for line in found.lines] == [AGREED_FEN, 0]
    assert all(line.share_fen < line.alone_fen for line in found.lines)
    assert (found.agreed_fen, found.net_fen) == (AGREED_FEN, COST_FEN - AGREED_FEN)


def test_month_computed_again_after_later_edits_is_the_same_bit_for_bit(db):
    first, _second = make_month(db)
    before = service.get_period(db, period=PERIOD)

    make_rates(db, first_fen=9_999)
    (tour,) = service.published_in(db, period=PERIOD)
    for parcel in tour.instance.parcels:
        tell(db, parcel.parcel, EventKind.RETURNED, at=NOW + timedelta(hours=1))
    db.execute(text("UPDATE logistics_parcel SET weight_g = 400000, units = 40, carrier = '圆通'"))
    db.execute(text("UPDATE logistics_road SET distance_m = distance_m * 7"))
    db.execute(text("UPDATE logistics_vehicle_type SET day_fen = 1, km_fen = 1"))
    db.expire_all()
    compute_month(db, person_id=first.id, now=MONTH_OVER + timedelta(days=1))

    after = service.get_period(db, period=PERIOD)
    assert (after.lines, after.cost_fen, after.tours, after.cost_rule) == (
        before.lines,
        before.cost_fen,
        before.tours,
        before.cost_rule,
    )
    assert after.version == before.version + 1


def test_closing_books_one_balanced_entry_on_the_last_day_and_shuts_the_month(db):
    _first, second = make_month(db)
    lines = {line.carrier: line for line in service.get_period(db, period=PERIOD).lines}

    close_month(db, person_id=second.id)

    found = service.get_period(db, period=PERIOD)
    assert (found.state, found.closed_at) == (PeriodState.CLOSED, MONTH_OVER)
    entry = ledger.get_entry(db, key=f"net:{PERIOD}")
    assert {posting.account: posting.fen for posting in entry.postings} == {
        f"receivable:courier:{accounts(db)['中通']}": lines["中通"].share_fen - AGREED_FEN,
        f"receivable:courier:{accounts(db)['圆通']}": lines["圆通"].share_fen,
        "income:joint-tours": -COST_FEN,
        "expense:linehaul": AGREED_FEN,
    }
    assert (entry.effective_on, entry.cause) == (date(2026, 10, 31), Cause(kind="period", ref=PERIOD))
    assert [each.ends_on for each in ledger.list_periods(db)] == [date(2026, 11, 1)]


def test_courier_that_is_owed_more_than_its_share_becomes_a_payable(db):
    first, second = make_month(db)
    agree(db, make_statement(db, person_id=first.id, carrier="圆通", charged_fen=900_000))
    compute_month(db, person_id=first.id)
    lines = {line.carrier: line for line in service.get_period(db, period=PERIOD).lines}

    close_month(db, person_id=second.id)

    entry = {posting.account: posting.fen for posting in ledger.get_entry(db, key=f"net:{PERIOD}").postings}
    assert entry[f"payable:courier:{accounts(db)['圆通']}"] == lines["圆通"].share_fen - 900_000 < 0
    assert sum(entry.values()) == 0


def test_posting_into_the_closed_month_goes_forward(db):
    _first, second = make_month(db)
    close_month(db, person_id=second.id)

    late = ledger.post(
        db,
        key="late",
        cause=Cause(kind="statement", ref=PERIOD),
        postings=[Posting("expense:linehaul", 100), Posting("payable:courier:late", -100)],
        effective_on=date(2026, 10, 9),
        now=MONTH_OVER,
    )

    assert late.effective_on == date(2026, 11, 1)
    assert ledger.balances(db, prefix="expense:linehaul", before_on=date(2026, 11, 1)) == {
        "expense:linehaul": AGREED_FEN
    }


def test_who_had_it_computed_does_not_close_it(db):
    first, _second = make_month(db)
    before = service.get_period(db, period=PERIOD)

    with pytest.raises(SamePerson):
        close_month(db, person_id=first.id)

    assert_open(db, before)


def test_month_that_is_not_over_stays_open(db):
    _first, second = make_month(db)
    before = service.get_period(db, period=PERIOD)

    with pytest.raises(MonthNotOver):
        # 23:59:59 in the county on the last of October.
        close_month(db, person_id=second.id, now=clock.day_start(date(2026, 11, 1)) - timedelta(seconds=1))

    assert_open(db, before)


def test_open_statement_keeps_the_month_open(db):
    first, second = make_month(db)
    make_statement(db, person_id=first.id, carrier="圆通")
    before = service.get_period(db, period=PERIOD)

    with pytest.raises(StatementsOpen) as refusal:
        close_month(db, person_id=second.id)

    assert refusal.value.facts == {"carriers": "圆通"}
    assert_open(db, before)


def test_statement_agreed_after_computing_must_be_computed_in(db):
    first, second = make_month(db)
    agree(db, make_statement(db, person_id=first.id, carrier="圆通", charged_fen=5_000))
    before = service.get_period(db, period=PERIOD)

    with pytest.raises(PeriodOutdated):
        close_month(db, person_id=second.id)
    assert_open(db, before)

    compute_month(db, person_id=first.id)
    close_month(db, person_id=second.id)
    assert service.get_period(db, period=PERIOD).agreed_fen == AGREED_FEN + 5_000


def test_tour_published_after_computing_must_be_computed_in(db):
    first, second = make_month(db)
    publish_another(db)
    before = service.get_period(db, period=PERIOD)

    with pytest.raises(PeriodOutdated):
        close_month(db, person_id=second.id)
    assert_open(db, before)

    compute_month(db, person_id=first.id)
    close_month(db, person_id=second.id)
    assert service.get_period(db, period=PERIOD).cost_fen == 2 * COST_FEN


def test_later_month_waits_for_the_earlier_one(db):
    first, second = make_month(db)
    later = "2026-11"
    december = MONTH_OVER + timedelta(days=31)
    agree(db, make_statement(db, person_id=first.id, carrier="圆通", period=later, now=MONTH_OVER))
    compute_month(db, person_id=first.id, period=later, now=december)

    with pytest.raises(EarlierMonthOpen) as refusal:
        close_month(db, person_id=second.id, period=later, now=december)
    assert refusal.value.facts == {"period": PERIOD}
    assert ledger.list_periods(db) == []

    close_month(db, person_id=second.id, now=december)
    close_month(db, person_id=second.id, period=later, now=december)
    assert [each.ends_on for each in ledger.list_periods(db)] == [date(2026, 11, 1), date(2026, 12, 1)]


def test_tours_of_a_month_that_nobody_computed_hold_the_next_one_open(db):
    first, second = make_month(db)
    db.execute(text("DELETE FROM logistics_period_party"))
    db.execute(text("DELETE FROM logistics_period"))
    db.execute(text("DELETE FROM logistics_statement"))
    db.expire_all()
    agree(db, make_statement(db, person_id=first.id, period="2026-11", now=MONTH_OVER))
    december = MONTH_OVER + timedelta(days=31)
    compute_month(db, person_id=first.id, period="2026-11", now=december)

    with pytest.raises(EarlierMonthOpen) as refusal:
        close_month(db, person_id=second.id, period="2026-11", now=december)

    assert refusal.value.facts == {"period": PERIOD}


def test_month_with_nothing_in_it_is_not_closed(db):
    first, second = make_person(db), make_person(db)
    compute_month(db, person_id=first.id)

    with pytest.raises(NothingToNet):
        close_month(db, person_id=second.id)

    assert ledger.list_periods(db) == []


def test_month_changed_since_it_was_looked_at_is_stale(db):
    first, second = make_month(db)
    seen = service.get_period(db, period=PERIOD)
    compute_month(db, person_id=first.id)

    with pytest.raises(Stale):
        service.close_period(
            db, period=PERIOD, version=seen.version, person_id=second.id, actor=ROBOT, now=MONTH_OVER
        )

    assert ledger.list_periods(db) == []


def test_month_that_is_only_asked_for_cannot_be_closed(db):
    admin, second = make_person(db), make_person(db)
    service.ask_for_netting(db, period=PERIOD, person_id=admin.id, actor=ROBOT, now=NOW)

    with pytest.raises(IllegalMove):
        close_month(db, person_id=second.id)
    with pytest.raises(NotFound):
        service.close_period(
            db, period="2026-09", version=1, person_id=second.id, actor=ROBOT, now=MONTH_OVER
        )


def test_closed_month_is_neither_computed_nor_closed_again(db):
    first, second = make_month(db)
    published = service.published_in(db, period=PERIOD)
    close_month(db, person_id=second.id)
    before = service.get_period(db, period=PERIOD)

    with pytest.raises(PeriodClosed):
        service.ask_for_netting(db, period=PERIOD, person_id=first.id, actor=ROBOT, now=MONTH_OVER)
    with pytest.raises(IllegalMove):
        close_month(db, person_id=second.id)
    # A job that was still on its way when the month was closed.
    service.record_netting(
        db, period=PERIOD, person_id=first.id, published=published, shares=[], now=MONTH_OVER
    )

    assert service.get_period(db, period=PERIOD) == before
    assert len(ledger.list_entries(db, cause=Cause(kind="period", ref=PERIOD))) == 1


CHANGES = [
    "UPDATE logistics_period SET cost_fen = 1",
    "UPDATE logistics_period SET state = 'reconciled', closed_at = NULL",
    "UPDATE logistics_period SET name = '2026-09' WHERE name = '2026-10'",
    "DELETE FROM logistics_period",
    "UPDATE logistics_period_party SET share_fen = share_fen + 1",
    "UPDATE logistics_period_party SET period = '2026-11' WHERE period = '2026-10'",
    "UPDATE logistics_period_party SET period = '2026-10', carrier = '申通' WHERE period = '2026-11'",
    "DELETE FROM logistics_period_party WHERE period = '2026-10'",
    "INSERT INTO logistics_period_party (period, carrier, share_fen, alone_fen, parcels, agreed_fen) "
    "VALUES ('2026-10', '申通', 1, 1, 1, 1)",
    "UPDATE logistics_statement SET agreed_fen = agreed_fen + 1 WHERE period = '2026-10'",
    "UPDATE logistics_statement SET period = '2026-12' WHERE period = '2026-10'",
    "UPDATE logistics_statement SET period = '2026-10' WHERE period = '2026-11'",
    "DELETE FROM logistics_statement WHERE period = '2026-10'",
]


@pytest.mark.parametrize("change", CHANGES)
def test_database_itself_refuses_every_change_of_a_closed_month(db, change):
    first, second = make_month(db)
    carriers.add_carrier(db, name="申通", kind=carriers.CarrierKind.EXPRESS, actor=ROBOT, now=NOW)
    close_month(db, person_id=second.id)
    agree(db, make_statement(db, person_id=first.id, carrier="圆通", period="2026-11", now=MONTH_OVER))
    compute_month(db, person_id=first.id, period="2026-11")
    before = rows_of(db)

    with pytest.raises(DBAPIError, match="the period is closed"), db.begin_nested():
        db.execute(text(change))

    assert rows_of(db) == before


def test_open_month_can_still_change_beside_a_closed_one(db):
    first, second = make_month(db)
    close_month(db, person_id=second.id)
    agree(db, make_statement(db, person_id=first.id, carrier="圆通", period="2026-11", now=MONTH_OVER))
    compute_month(db, person_id=first.id, period="2026-11")

    changed = db.execute(text("UPDATE logistics_period_party SET parcels = 7 WHERE period = '2026-11'"))

    assert changed.rowcount == 1


def test_postgresql_does_not_empty_the_tables_of_a_closed_month(db, database_kind):
    _first, second = make_month(db)
    close_month(db, person_id=second.id)
    before = rows_of(db)
    statement = "TRUNCATE logistics_period CASCADE"
    if database_kind == "sqlite":
        # Has no TRUNCATE: emptying is DELETE, refused row by row.
        statement = "DELETE FROM logistics_period_party"

    with pytest.raises(DBAPIError, match="period is closed"), db.begin_nested():
        db.execute(text(statement))

    assert rows_of(db) == before


def rows_of(db):
    return [
        db.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")).all()
        for table in ("logistics_period", "logistics_period_party", "logistics_statement")
    ]
