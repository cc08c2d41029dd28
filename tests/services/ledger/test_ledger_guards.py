"""The database itself refuses what the ledger must never hold; what is forced past it is found."""

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError

from county import database
from county.ledger import service
from county.ledger.types import Draft
from tests.services.ledger.books import (
    NOW,
    ORDER,
    SALE,
    balance,
    count,
    execute,
    faults,
    post,
    without_guards,
)

pytestmark = pytest.mark.database

OTHER = "income:freight"
NEW = "00000000000000000000000000000009"
ENTRY = (
    "INSERT INTO county_entry (id, key, book, cause_kind, cause_ref, memo, at, effective_on, content_hash) "
    f"VALUES ('{NEW}', '{{key}}', '{{book}}', 'order', '1', '', '2026-10-05 08:00:00', '2026-10-05', 'x')"
)
POSTING = (
    "INSERT INTO county_posting (entry_id, line, account_id, fen) "
    "SELECT '{entry}', {line}, id, {fen} FROM county_account WHERE code = '{account}'"
)


def posting(line: int, fen: int, *, account: str = "cash:alipay") -> str:
    return POSTING.format(entry=NEW, line=line, account=account, fen=fen)


def entry(key: str = "raw", book: str = "real") -> str:
    return ENTRY.format(key=key, book=book)


def test_a_raw_balanced_entry_is_possible_so_that_the_refusals_below_mean_something(
    database_url: str,
) -> None:
    post()

    execute(posting(1, 5), posting(2, -5, account=OTHER), entry())

    assert count("county_entry") == 2


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE county_entry SET memo = 'x'"],
        ["DELETE FROM county_entry"],
        ["UPDATE county_posting SET fen = fen + 1 WHERE line = 1"],
        ["DELETE FROM county_posting WHERE line = 1"],
        ["UPDATE county_account SET code = 'cash:mine' WHERE code = 'cash:alipay'"],
        ["DELETE FROM county_account WHERE code = 'cash:alipay'"],
        ["UPDATE county_ledger_seal SET hash = 'x'"],
        ["DELETE FROM county_ledger_seal"],
        ["UPDATE county_period SET ends_on = '2027-01-01'"],
        ["DELETE FROM county_period"],
        [posting(1, 5), posting(2, -4, account=OTHER), entry()],
        [posting(1, 5), entry()],
        [entry()],
        [entry(), posting(1, 5), posting(2, -5, account=OTHER)],
        [posting(1, 5), posting(2, -5, account=OTHER)],
        [posting(1, 0), posting(2, 5), posting(3, -5), entry()],
        [posting(1, 5), posting(2, -5, account=OTHER), entry(book="memo")],
        [posting(1, 5), posting(2, -5, account=OTHER), entry(key="pay:1")],
        [posting(1, 5), posting(2, -5, account=OTHER), entry(key="")],
        [posting(1, 10**12 + 1), posting(2, -(10**12) - 1, account=OTHER), entry()],
        [posting(1, 5), posting(2, -5, account=OTHER), entry().replace("'2026-10-05'", "'2026-08-01'")],
        ["INSERT INTO county_posting SELECT entry_id, 6, account_id, 5 FROM county_posting WHERE line = 1"],
        ["INSERT INTO county_ledger_seal SELECT 7, id, 'y' FROM county_entry"],
        ["INSERT INTO county_period VALUES ('real', '2026-09-02', '2026-10-01', '2026-10-05 08:00:00')"],
        ["INSERT INTO county_period VALUES ('real', '2026-09-01', '2026-09-01', '2026-10-05 08:00:00')"],
    ],
)
def test_database_refuses_what_the_ledger_must_never_hold(database_url: str, statements: list[str]) -> None:
    post()
    with database.transaction() as db:
        service.close_period(db, ends_on=NOW.date().replace(month=9, day=1), now=NOW)

    with pytest.raises(DBAPIError):
        execute(*statements)

    assert (count("county_entry"), count("county_posting"), count("county_period")) == (1, 5, 1)
    assert balance("cash:alipay") == 7650
    assert faults() == []


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO county_posting "
        "SELECT entry_id, line, account_id, fen + 1 FROM county_posting",
        "INSERT OR REPLACE INTO county_entry SELECT id, key, book, cause_kind, cause_ref, 'x', at, "
        "effective_on, late_for_on, reverses_id, content_hash FROM county_entry",
        f"INSERT OR REPLACE INTO county_entry SELECT '{NEW}', key, book, cause_kind, cause_ref, 'x', at, "
        "effective_on, late_for_on, reverses_id, content_hash FROM county_entry",
        "INSERT OR REPLACE INTO county_account SELECT 99, book, code, kind, opened_at FROM county_account",
        "INSERT OR REPLACE INTO county_ledger_seal SELECT 2, entry_id, hash FROM county_ledger_seal",
        "INSERT OR REPLACE INTO county_ledger_seal SELECT sequence, entry_id, 'x' FROM county_ledger_seal",
    ],
)
def test_sqlite_refuses_insert_or_replace(
    database_url: str, database_kind: str, statement: str, recursive: str
) -> None:
    if database_kind != "sqlite":
        return
    post()

    with pytest.raises(DBAPIError):
        # Without recursive triggers a replaced row is deleted in silence: the insert itself must be refused.
        execute(f"PRAGMA recursive_triggers={recursive}", statement)

    assert (count("county_entry"), count("county_posting"), count("county_account")) == (1, 5, 5)
    assert faults() == []


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (
            ["UPDATE county_posting SET fen = fen + 1 WHERE line = 1"],
            "ledger entry pay:1 does not fit its seal 1",
        ),
        (
            ["UPDATE county_entry SET memo = 'x' WHERE key = 'pay:2'"],
            "ledger entry pay:2 does not fit its seal 2",
        ),
        (
            ["UPDATE county_entry SET effective_on = '2026-10-01' WHERE key = 'pay:3'"],
            "ledger entry pay:3 does not fit its seal 3",
        ),
        (
            ["UPDATE county_account SET code = 'cash:mine' WHERE code = 'cash:alipay'"],
            "ledger entry pay:1 does not fit its seal 1",
        ),
        (
            ["UPDATE county_entry SET content_hash = 'x' WHERE key = 'pay:2'"],
            "ledger entry pay:2 does not fit its seal 2",
        ),
        (
            ["DELETE FROM county_ledger_seal WHERE sequence = 2"],
            "ledger seal 3 follows 1: seals are missing in between",
        ),
        (
            ["DELETE FROM county_ledger_seal WHERE sequence = 3"],
            "1 ledger entries have no seal: they were not written by this program",
        ),
    ],
)
def test_tampering_is_found(database_url: str, tamper: list[str], fault: str) -> None:
    for number in (1, 2, 3):
        post(f"pay:{number}")
    assert faults() == []

    without_guards(*tamper)

    assert fault in faults()


def test_a_chain_that_lost_its_end_is_found_by_the_head_outside(database_url: str) -> None:
    post("pay:1")
    post("pay:2")
    with database.reading() as db:
        head = service.find_head(db)
    assert head is not None and head.sequence == 2

    without_guards(
        "DELETE FROM county_ledger_seal WHERE sequence = 2",
        "DELETE FROM county_posting WHERE entry_id IN (SELECT id FROM county_entry WHERE key = 'pay:2')",
        "DELETE FROM county_entry WHERE key = 'pay:2'",
    )

    assert faults() == []
    assert faults(heads={2: head.hash}) == ["ledger seal 2 was written out as head but is missing"]
    assert faults(heads={1: "0" * 64}) == ["ledger seal 1 differs from the head that was written out"]


def test_nothing_stays_of_a_transaction_that_fails_before_the_seal(database_url: str) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as db:
        service.post(db, key="pay:1", cause=ORDER, postings=SALE, now=NOW)
        raise ZeroDivisionError

    assert (count("county_entry"), count("county_posting"), count("county_account")) == (0, 0, 0)


def steps_of_one_entry(key: str) -> int:
    """Count the steps that SQLite's machine takes to book one entry."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with database.transaction() as db:
        driver = db.connection().connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_progress_handler(step, 1)
        service.post(db, key=key, cause=ORDER, postings=SALE, now=NOW)
        database.finish(db)
        driver.set_progress_handler(None, 0)
    return steps


def test_guards_cost_the_same_however_long_the_ledger_is(database_url: str, database_kind: str) -> None:
    # A fixed bug: after ANALYZE a guard read all entries for each new one.
    if database_kind != "sqlite":
        return
    post("first")
    few = steps_of_one_entry("few")
    with database.transaction() as db:
        drafts = [Draft(key=f"k{n}", cause=ORDER, postings=SALE) for n in range(1500)]
        service.post_many(db, drafts=drafts, now=NOW)
    execute("ANALYZE")
    database.connect(database_url)

    assert steps_of_one_entry("many") < 1.5 * few
