"""Queries on accounts, entries and postings."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, insert, or_, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from county import database
from county.ledger.rules import kind_of
from county.ledger.tables import ACCOUNTS, ENTRIES, POSTINGS
from county.ledger.types import AccountLine, Book, Cause, Entry, Posting
from county.lists import among

STREAMED = 1000


@dataclass(frozen=True)
class Batch:
    """Entries to be written together, with the ids of their accounts, their hashes and what they reverse."""

    entries: Sequence[Entry]
    account_ids: Mapping[Book, Mapping[str, int]]
    hashes: Mapping[str, str]
    firsts: Mapping[str, UUID]


DIALECTS = ("sqlite", "postgresql")
_ACCOUNT = ACCOUNTS.c
_ENTRY = ENTRIES.c
_POSTING = POSTINGS.c
FIRST = ENTRIES.alias("first_entry")
_POSTING_NAMES = ("entry_id", "line", "account_id", "fen")
_ENTRY_NAMES = tuple(ENTRIES.columns.keys())

_ACCOUNTS = {
    dialect: select(_ACCOUNT.code, _ACCOUNT.id).where(
        _ACCOUNT.book == bindparam("book"), among(_ACCOUNT.code, "codes", dialect=dialect)
    )
    for dialect in DIALECTS
}
_OPEN = {
    "sqlite": insert(ACCOUNTS),
    "postgresql": postgresql.insert(ACCOUNTS).on_conflict_do_nothing(),
}
# The driver's own statements with values as the driver wants them: SQLAlchemy would spend more time on each
# row's parameters than SQLite on the row.
_ADD_POSTINGS = "INSERT INTO county_posting (entry_id, line, account_id, fen) VALUES (?, ?, ?, ?)"
_ADD_ENTRIES = (
    "INSERT INTO county_entry (id, key, book, cause_kind, cause_ref, memo, at, effective_on, late_for_on, "
    "reverses_id, content_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# One statement for the whole batch, three times as fast as a round trip per row. The entries are written
# after all postings, because they are joined with how many those were; so their guard sees what it adds up.
_ADD_BATCH = text(
    "WITH posting AS (INSERT INTO county_posting (entry_id, line, account_id, fen) "
    "SELECT * FROM unnest(CAST(:entry_id AS uuid[]), CAST(:line AS bigint[]), "
    "CAST(:account_id AS bigint[]), CAST(:fen AS bigint[])) RETURNING 1), "
    "written AS (SELECT count(*) AS lines FROM posting) "
    "INSERT INTO county_entry (id, key, book, cause_kind, cause_ref, memo, at, effective_on, late_for_on, "
    "reverses_id, content_hash) SELECT entry.* FROM written, unnest("
    "CAST(:id AS uuid[]), CAST(:key AS text[]), CAST(:book AS text[]), CAST(:cause_kind AS text[]), "
    "CAST(:cause_ref AS text[]), CAST(:memo AS text[]), CAST(:at AS timestamptz[]), "
    "CAST(:effective_on AS date[]), CAST(:late_for_on AS date[]), CAST(:reverses_id AS uuid[]), "
    "CAST(:content_hash AS text[])) AS entry WHERE written.lines > 0"
)
_HASHES = {
    dialect: select(_ENTRY.key, _ENTRY.content_hash).where(among(_ENTRY.key, "keys", dialect=dialect))
    for dialect in DIALECTS
}
_BALANCE = (
    select(func.coalesce(func.sum(_POSTING.fen), 0))
    .join(ACCOUNTS, _ACCOUNT.id == _POSTING.account_id)
    .where(_ACCOUNT.book == bindparam("book"), _ACCOUNT.code == bindparam("code"))
)
LINE_COLUMNS = (
    _ENTRY.id,
    _ENTRY.key,
    _ENTRY.book,
    _ENTRY.cause_kind,
    _ENTRY.cause_ref,
    _ENTRY.memo,
    _ENTRY.at,
    _ENTRY.effective_on,
    _ENTRY.late_for_on,
    FIRST.c.key.label("reverses"),
    _ACCOUNT.code,
    _POSTING.fen,
)
_ENTRY_LINES: Select[Any] = (
    select(*LINE_COLUMNS)
    .select_from(ENTRIES)
    .join(POSTINGS, _POSTING.entry_id == _ENTRY.id)
    .join(ACCOUNTS, _ACCOUNT.id == _POSTING.account_id)
    .outerjoin(FIRST, FIRST.c.id == _ENTRY.reverses_id)
)


def open_accounts(db: Session, *, book: Book, codes: Sequence[str], now: datetime) -> dict[str, int]:
    """Give the ids of accounts by code, opening those that are used for the first time."""
    known = _account_ids(db, book, codes)
    # In one order, so that two transactions opening the same accounts wait instead of deadlocking.
    missing = sorted(set(codes) - set(known))
    if missing:
        rows = [{"book": book, "code": code, "kind": kind_of(code), "opened_at": now} for code in missing]
        db.execute(_OPEN[_dialect(db)], rows)
        known |= _account_ids(db, book, missing)
    return known


def find_account_id(db: Session, *, book: Book, code: str) -> int | None:
    """Find the id of an account that was opened."""
    return _account_ids(db, book, [code]).get(code)


def _account_ids(db: Session, book: Book, codes: Sequence[str]) -> dict[str, int]:
    rows = db.execute(_ACCOUNTS[_dialect(db)], {"book": book, "codes": list(codes)})
    return {row.code: row.id for row in rows}


def add_batch(db: Session, batch: Batch) -> None:
    """Write a batch: postings first, then the entries, whose guard checks them."""
    if database.is_postgresql(db):
        postings, entries = _rows(batch, at=_same, on=_same, an_id=_same)
        db.execute(_ADD_BATCH, columns(_POSTING_NAMES, postings) | columns(_ENTRY_NAMES, entries))
    else:
        dialect = db.get_bind().dialect
        at = lru_cache(_ENTRY.at.type.bind_processor(dialect))
        on = lru_cache(_ENTRY.effective_on.type.dialect_impl(dialect).bind_processor(dialect))
        postings, entries = _rows(batch, at=at, on=on, an_id=attrgetter("hex"))
        connection = db.connection()
        connection.exec_driver_sql(_ADD_POSTINGS, postings)
        connection.exec_driver_sql(_ADD_ENTRIES, entries)


def _same(value: Any) -> Any:
    return value


def _rows(
    batch: Batch, *, at: Callable[[Any], Any], on: Callable[[Any], Any], an_id: Callable[[UUID], Any]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Make the rows of postings and entries, each value as the driver wants it."""
    postings: list[tuple[Any, ...]] = []
    entries: list[tuple[Any, ...]] = []
    for entry in batch.entries:
        entry_id, account_ids = an_id(entry.id), batch.account_ids[entry.book]
        for line, each in enumerate(entry.postings, 1):
            postings.append((entry_id, line, account_ids[each.account], each.fen))
        entries.append(
            (
                entry_id,
                entry.key,
                entry.book.value,
                entry.cause.kind,
                entry.cause.ref,
                entry.memo,
                at(entry.at),
                on(entry.effective_on),
                on(entry.late_for_on) if entry.late_for_on else None,
                an_id(batch.firsts[entry.reverses]) if entry.reverses else None,
                batch.hashes[entry.key],
            )
        )
    return postings, entries


def _dialect(db: Session) -> str:
    return db.get_bind().dialect.name


def columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """Turn rows into one list per column, for statements that take a whole batch."""
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def hashes_by_key(db: Session, *, keys: Sequence[str]) -> dict[str, str]:
    """Give the content hashes of the entries that have these keys."""
    rows = db.execute(_HASHES[_dialect(db)], {"keys": list(keys)})
    return {row.key: row.content_hash for row in rows}


def list_entries(
    db: Session,
    *,
    keys: Sequence[str] | None = None,
    cause: Cause | None = None,
    reverses_ids: Sequence[UUID] | None = None,
) -> list[Entry]:
    """List entries with their postings, in the order in which they were posted."""
    statement = _ENTRY_LINES.order_by(_ENTRY.at, _ENTRY.id, _POSTING.line)
    if keys is not None:
        statement = statement.where(_ENTRY.key.in_(keys))
    if cause is not None:
        statement = statement.where(_ENTRY.cause_kind == cause.kind, _ENTRY.cause_ref == cause.ref)
    if reverses_ids is not None:
        statement = statement.where(_ENTRY.reverses_id.in_(reverses_ids))
    return [entry_from(lines) for _, lines in grouped(db.execute(statement), "id")]


def iterate_entries(db: Session, *, books: Sequence[Book]) -> Iterator[Entry]:
    """Read all entries of some books by effective day, a thousand rows at a time."""
    ordered = _ENTRY_LINES.order_by(_ENTRY.effective_on, _ENTRY.at, _ENTRY.id, _POSTING.line)
    statement = ordered.where(_ENTRY.book.in_(books))
    rows = db.execute(statement.execution_options(yield_per=STREAMED))
    yield from (entry_from(lines) for _, lines in grouped(rows, "id"))


def grouped(rows: Iterable[Any], column: str) -> Iterator[tuple[Any, list[Any]]]:
    """Group consecutive rows that have the same value in a column."""
    for value, lines in groupby(rows, key=attrgetter(column)):
        yield value, list(lines)


def entry_from(lines: Sequence[Any]) -> Entry:
    """Put the lines of one entry, in order, back together."""
    first = lines[0]
    return Entry(
        id=first.id,
        key=first.key,
        book=first.book,
        cause=Cause(kind=first.cause_kind, ref=first.cause_ref),
        memo=first.memo,
        at=first.at,
        effective_on=first.effective_on,
        late_for_on=first.late_for_on,
        reverses=first.reverses,
        postings=tuple(Posting(account=row.code, fen=row.fen) for row in lines if row.code is not None),
    )


def read_at_one_moment(db: Session) -> None:
    """Let every query of this transaction see the same moment; must be its first statement."""
    if database.is_postgresql(db):
        db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def days_spanned(db: Session) -> tuple[date, date]:
    """Give the first and the last effective day of all entries; of an empty ledger, an arbitrary day."""
    row = db.execute(select(func.min(_ENTRY.effective_on), func.max(_ENTRY.effective_on))).one()
    return (
        (row[0], row[1]) if row[0] is not None else (date.min.replace(year=2000), date.min.replace(year=2000))
    )


def balance_fen(db: Session, *, book: Book, code: str) -> int:
    """Sum the postings of one account."""
    return int(db.execute(_BALANCE, {"book": book, "code": code}).scalar_one())


def listed_balances_fen(db: Session, *, book: Book, codes: Collection[str]) -> dict[str, int]:
    """Sum the postings of these accounts, by code; those without any are absent."""
    if not codes:
        return {}
    statement = (
        select(_ACCOUNT.code, func.sum(_POSTING.fen))
        .select_from(ACCOUNTS)
        .join(POSTINGS, _POSTING.account_id == _ACCOUNT.id)
        .where(_ACCOUNT.book == book, _ACCOUNT.code.in_(codes))
        .group_by(_ACCOUNT.code)
    )
    return {code: int(fen) for code, fen in db.execute(statement)}


def balances_fen(db: Session, *, book: Book, prefix: str, before_on: date | None) -> dict[str, int]:
    """Sum the postings of every account at or below a prefix, by code."""
    statement = (
        select(_ACCOUNT.code, func.coalesce(func.sum(_POSTING.fen), 0))
        .select_from(ACCOUNTS)
        .join(POSTINGS, _POSTING.account_id == _ACCOUNT.id)
        .where(_ACCOUNT.book == book)
        .group_by(_ACCOUNT.code)
        .order_by(_ACCOUNT.code)
    )
    if prefix:
        below = _ACCOUNT.code.startswith(prefix + ":", autoescape=True)
        statement = statement.where(or_(_ACCOUNT.code == prefix, below))
    if before_on is not None:
        statement = statement.join(ENTRIES, _ENTRY.id == _POSTING.entry_id)
        statement = statement.where(_ENTRY.effective_on < before_on)
    return {code: int(fen) for code, fen in db.execute(statement)}


def first_day_of(db: Session, *, book: Book, code: str) -> date | None:
    """Give the first day on which an account was moved."""
    day: date | None = db.scalar(
        select(func.min(_ENTRY.effective_on))
        .join(POSTINGS, _POSTING.entry_id == _ENTRY.id)
        .join(ACCOUNTS, _ACCOUNT.id == _POSTING.account_id)
        .where(_ACCOUNT.book == book, _ACCOUNT.code == code)
    )
    return day


def list_lines(
    db: Session,
    *,
    book: Book,
    code: str,
    limit: int | None,
    from_on: date | None = None,
    before_on: date | None = None,
) -> list[AccountLine]:
    """List the postings of an account within some days, the newest last; of the newest `limit` ones."""
    statement = (
        select(
            _ENTRY.key,
            _ENTRY.at,
            _ENTRY.effective_on,
            _ENTRY.cause_kind,
            _ENTRY.cause_ref,
            _ENTRY.memo,
            _POSTING.fen,
        )
        .join(POSTINGS, _POSTING.entry_id == _ENTRY.id)
        .join(ACCOUNTS, _ACCOUNT.id == _POSTING.account_id)
        .where(_ACCOUNT.book == book, _ACCOUNT.code == code)
        .order_by(_ENTRY.at.desc(), _ENTRY.id.desc(), _POSTING.line.desc())
        .limit(limit)
    )
    if from_on is not None:
        statement = statement.where(_ENTRY.effective_on >= from_on)
    if before_on is not None:
        statement = statement.where(_ENTRY.effective_on < before_on)
    return [
        AccountLine(
            row.key, row.at, row.effective_on, Cause(row.cause_kind, row.cause_ref), row.memo, row.fen
        )
        for row in reversed(db.execute(statement).all())
    ]
