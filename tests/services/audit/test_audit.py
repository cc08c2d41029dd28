"""The log keeps every row as it was written, in one chain; what was tampered with is found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from county import database
from county.audit import service
from county.audit.types import Actor

pytestmark = pytest.mark.database

NOW = datetime(2026, 10, 5, 8, 0, 0, 123456, tzinfo=UTC)
AGENT = Actor(person_id=UUID(int=1), role="village_agent", on_behalf_of=UUID(int=2), request_id="r-1")


def write(count: int = 1, **more: Any) -> list[int]:
    with database.transaction() as db:
        return [
            service.record(db, actor=AGENT, action="lot.priced", object=("lot", f"L{n}"), now=NOW, **more)
            for n in range(count)
        ]


def faults(**more: Any) -> list[str]:
    with database.reading() as db:
        return service.verify_chain(db, **more)


def without_guards(statement: str) -> None:
    """Change the past the way somebody with full rights over the database could."""
    with database.transaction() as db:
        if database.is_postgresql(db):
            db.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in db.scalars(
                text(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'county_audit%'"
                )
            ).all():
                db.execute(text(f"DROP TRIGGER {name}"))
        db.execute(text(statement))


def test_row_says_who_did_what_for_whom(database_url: str) -> None:
    write(before={"price_fen": 6800}, after={"price_fen": 6850, "at": NOW, "id": UUID(int=3), "tags": ("a",)})

    with database.reading() as db:
        (row,) = service.list_records(db, object=("lot", "L0"))

    assert (row.at, row.person_id, row.role, row.on_behalf_of) == (
        NOW,
        UUID(int=1),
        "village_agent",
        UUID(int=2),
    )
    assert (row.action, row.object_kind, row.object_ref, row.request_id) == ("lot.priced", "lot", "L0", "r-1")
    assert row.before == {"price_fen": 6800}
    assert row.after == {
        "price_fen": 6850,
        "at": "2026-10-05T08:00:00.123456+00:00",
        "id": str(UUID(int=3)),
        "tags": ["a"],
    }


def test_records_are_listed_by_person_and_action_newest_last(database_url: str) -> None:
    write(3)
    with database.transaction() as db:
        service.record(db, actor=Actor.system("job:x"), action="lot.sold", object=("lot", "L9"), now=NOW)

    with database.reading() as db:
        assert [r.object_ref for r in service.list_records(db, person_id=UUID(int=1), limit=2)] == [
            "L1",
            "L2",
        ]
        (sold,) = service.list_records(db, action="lot.sold")

    assert (sold.person_id, sold.role, sold.request_id) == (None, "system", "job:x")


def test_personal_fields_are_kept_only_as_salted_digests_that_can_be_erased(database_url: str) -> None:
    write(2, personal={"phone": "13900000001", "name": None})
    with database.reading() as db:
        row, other = service.list_records(db)
        assert "13900000001" not in repr(row)
        assert set(row.personal) == {"phone"}
        assert row.personal["phone"] != other.personal["phone"]
        assert service.is_about(db, record=row, field="phone", value="13900000001")
        assert not service.is_about(db, record=row, field="phone", value="13900000002")

    with database.transaction() as db:
        assert service.erase_personal(db, object=("lot", "L0")) == 1

    with database.reading() as db:
        assert not service.is_about(db, record=row, field="phone", value="13900000001")
        assert service.is_about(db, record=other, field="phone", value="13900000001")
    assert faults() == []


def test_floats_have_no_place_in_the_log(db: Session) -> None:
    with pytest.raises(TypeError, match="whole numbers"):
        service.record(
            db, actor=AGENT, action="lot.priced", object=("lot", "L"), after={"price": 68.5}, now=NOW
        )

    assert service.list_records(db) == []


def test_record_of_a_rolled_back_transaction_is_gone_and_one_of_a_savepoint_too(database_url: str) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as db:
        service.record(db, actor=AGENT, action="a", object=("lot", "1"), now=NOW)
        raise ZeroDivisionError
    with database.transaction() as db:
        service.record(db, actor=AGENT, action="b", object=("lot", "1"), now=NOW)
        with pytest.raises(ZeroDivisionError), db.begin_nested():
            service.record(db, actor=AGENT, action="c", object=("lot", "1"), now=NOW)
            raise ZeroDivisionError
        service.record(db, actor=AGENT, action="d", object=("lot", "1"), now=NOW)

    with database.reading() as db:
        assert [r.action for r in service.list_records(db)] == ["b", "d"]
    assert faults() == []


@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-(2**62), 2**62),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9),
            st.lists(st.integers(0, 9), max_size=3),
            st.datetimes(timezones=st.just(UTC)),
        ),
        max_size=4,
    )
)
def test_chain_holds_for_any_content(database_url: str, content: dict[str, Any]) -> None:
    write(2, before=content, after={"inner": content})

    assert faults() == []


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (
            "UPDATE county_audit SET after = '[]' WHERE object_ref = 'L1'",
            "does not fit its seal 2",
        ),
        ("UPDATE county_audit SET role = 'farmer' WHERE object_ref = 'L2'", "does not fit its seal 3"),
        (
            "DELETE FROM county_audit_seal WHERE sequence = 2",
            "audit seal 3 follows 1: seals are missing in between",
        ),
        (
            "INSERT INTO county_audit (id, at, role, action, object_kind, object_ref, personal, request_id) "
            "VALUES (999999, '2026-10-05 08:00:00', 'farmer', 'x', 'lot', 'L', '{}', '')",
            "1 audit records have no seal: they were not written by this program",
        ),
    ],
)
def test_tampering_is_found(database_url: str, tamper: str, fault: str) -> None:
    write(4, after={"a": 1})
    assert faults() == []

    without_guards(tamper)

    assert [each for each in faults() if each.endswith(fault)] != []


def test_cutting_off_the_end_is_found_by_the_head_that_was_written_out(database_url: str) -> None:
    write(3)
    with database.reading() as db:
        head = service.find_head(db)
    assert head is not None and head.sequence == 3

    without_guards("DELETE FROM county_audit_seal WHERE sequence = 3")
    without_guards("DELETE FROM county_audit WHERE object_ref = 'L2'")

    assert faults() == []
    assert faults(heads={3: head.hash}) == ["audit seal 3 was written out as head but is missing"]
    assert faults(heads={2: "0" * 64}) == ["audit seal 2 differs from the head that was written out"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE county_audit SET role = 'farmer'",
        "DELETE FROM county_audit",
        "UPDATE county_audit_seal SET hash = 'x'",
        "DELETE FROM county_audit_seal WHERE sequence = 1",
        "INSERT INTO county_audit_seal SELECT 7, id, 'x' FROM county_audit",
    ],
)
def test_database_refuses_to_change_the_past(database_url: str, statement: str) -> None:
    write(1)

    with pytest.raises(DBAPIError), database.transaction() as db:
        db.execute(text(statement))

    assert faults() == []
    with database.reading() as db:
        assert [r.role for r in service.list_records(db)] == ["village_agent"]


def test_sqlite_refuses_insert_or_replace(database_url: str, database_kind: str) -> None:
    if database_kind != "sqlite":
        return
    write(1)

    for recursive in ("ON", "OFF"):
        with pytest.raises(DBAPIError, match="append-only|no gaps"), database.transaction() as db:
            db.execute(text(f"PRAGMA recursive_triggers={recursive}"))
            db.execute(
                text(
                    "INSERT OR REPLACE INTO county_audit "
                    "(id, at, role, action, object_kind, object_ref, personal, request_id) "
                    "VALUES (1, '2026-10-05 08:00:00', 'farmer', 'x', 'lot', 'L', '{}', '')"
                )
            )

    assert faults() == []


def test_many_writers_make_one_chain(database_url: str) -> None:
    def work(many: Callable[[], object]) -> None:
        for _ in range(5):
            many()

    threads = [Thread(target=work, args=(lambda: write(2),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as db:
        head = service.find_head(db)
    assert head is not None and head.sequence == 40
    assert faults() == []


def test_times_are_kept_to_the_microsecond(database_url: str) -> None:
    with database.transaction() as db:
        at = NOW + timedelta(microseconds=1)
        service.record(db, actor=AGENT, action="a", object=("lot", "1"), now=at)

    with database.reading() as db:
        assert service.list_records(db)[0].at == at
