"""Two people pressing the same button at the same moment, each in a transaction of their own."""

from datetime import timedelta

from county import database
from county.errors import Refused
from county.ledger import service as ledger
from county.ledger.types import Cause
from county.people.types import Role
from logistics.intake import service as intake
from logistics.netting import service as netting
from logistics.netting.types import PeriodState
from logistics.parcels import service as parcels
from logistics.settlements import service as settlements
from logistics.settlements.types import StatementState
from logistics.stations import service as stations
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind, Source
from tests.makers.logistics import (
    HEAD,
    MONTH_OVER,
    PERIOD,
    daily_row,
    make_clerk,
    make_month,
    make_pool,
    make_statement,
    write_csv,
)
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.tours import make_parcel
from tests.makers.web import all_at_once


def tried(work):
    """Do a piece of work in its own transaction; give the refusal's code when it was refused."""
    try:
        return database.in_transaction(work)
    except Refused as refusal:
        return refusal.code


def test_two_clerks_take_the_same_file_in_once(database_url, tmp_path):
    with database.transaction() as db:
        make_pool(db)
        clerk = make_clerk(db)
        rows = [daily_row(f"7800{number:04d}") for number in range(20)]
        read = intake.read_file(
            write_csv(tmp_path, [HEAD, *rows]), name="日单", places=stations.list_stations(db)
        )
        file_id = intake.store_file(db, carrier="中通", read=read, person_id=clerk.id, actor=ROBOT, now=NOW)

    def press(_number):
        return tried(
            lambda db: intake.take_in_file(
                db, file_id=file_id, carrier="中通", chosen={}, actor=ROBOT, now=NOW
            )
        )

    answers = all_at_once(press, [1, 2])

    assert sorted(answers, key=str) == [20, "nothing_to_take_in"]
    with database.reading() as db:
        assert len(parcels.list_parcels(db, limit=None)) == 20
        assert intake.get_file(db, file_id=file_id).taken_in == 20


def test_two_files_with_the_same_waybills_taken_in_together_make_each_parcel_once(database_url, tmp_path):
    with database.transaction() as db:
        make_pool(db)
        clerk = make_clerk(db)
        files = []
        for last in ("78009998", "78009999"):
            rows = [*(daily_row(f"7800{number:04d}") for number in range(20)), daily_row(last)]
            read = intake.read_file(
                write_csv(tmp_path, [HEAD, *rows]), name="日单", places=stations.list_stations(db)
            )
            files.append(
                intake.store_file(db, carrier="中通", read=read, person_id=clerk.id, actor=ROBOT, now=NOW)
            )

    def press(file_id):
        return tried(
            lambda db: intake.take_in_file(
                db, file_id=file_id, carrier="中通", chosen={}, actor=ROBOT, now=NOW
            )
        )

    answers = all_at_once(press, files)

    assert sum(answers) == 22
    with database.reading() as db:
        assert len(parcels.list_parcels(db, limit=None)) == 22


def test_the_same_event_told_by_many_at_once_is_one_row(database_url):
    with database.transaction() as db:
        parcel = make_parcel(db, waybill="78001", at_hub=False)

    def press(number):
        def work(db):
            return tracking.record_event(
                db,
                parcel_no=parcel.parcel_no,
                kind=EventKind.LOADED if number % 2 else EventKind.HUB_IN,
                at=NOW + timedelta(hours=number % 2),
                where="县分拨中心",
                source=Source.SCAN,
                actor=ROBOT,
                now=NOW,
            )

        return database.in_transaction(work)

    all_at_once(press, list(range(8)), threads=4)

    with database.reading() as db:
        kinds = [each.kind for each in tracking.list_events(db, parcel_no=parcel.parcel_no)]
        found = parcels.get_parcel(db, parcel_no=parcel.parcel_no)
    assert kinds == [EventKind.LOADED, EventKind.HUB_IN]
    assert found.state.value == "out_for_delivery"


def test_two_admins_close_a_month_once(database_url):
    with database.transaction() as db:
        _first, second = make_month(db)
        third = make_person(db, Role.ASSOCIATION_ADMIN)
        version = netting.get_period(db, period=PERIOD).version

    def press(person):
        return tried(
            lambda db: netting.close_period(
                db, period=PERIOD, version=version, person_id=person.id, actor=ROBOT, now=MONTH_OVER
            )
        )

    answers = all_at_once(press, [second, third])

    assert sorted(answers, key=str) in ([None, "illegal_move"], ["illegal_move", None])
    with database.reading() as db:
        assert netting.get_period(db, period=PERIOD).state is PeriodState.CLOSED
        assert len(ledger.list_entries(db, cause=Cause(kind="period", ref=PERIOD))) == 1


def test_statement_read_in_while_the_month_is_closed_is_never_left_behind(database_url):
    with database.transaction() as db:
        first, second = make_month(db)
        version = netting.get_period(db, period=PERIOD).version

    def close():
        return tried(
            lambda db: netting.close_period(
                db, period=PERIOD, version=version, person_id=second.id, actor=ROBOT, now=MONTH_OVER
            )
        )

    def upload():
        return tried(
            lambda db: make_statement(db, person_id=first.id, carrier="圆通", now=MONTH_OVER) and None
        )

    answers = all_at_once(lambda work: work(), [close, upload])

    with database.reading() as db:
        state = netting.get_period(db, period=PERIOD).state
        waiting = [
            each.carrier
            for each in settlements.list_statements(db, period=PERIOD)
            if each.state is not StatementState.AGREED
        ]
    assert (answers, state, waiting) in (
        ([None, "period_closed"], PeriodState.CLOSED, []),
        (["statements_open", None], PeriodState.RECONCILED, ["圆通"]),
    )
