"""Queries on the chain of hashes over all entries."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from county import database
from county.ledger import rules
from county.ledger.store import entries
from county.ledger.store.lists import among
from county.ledger.tables import ACCOUNTS, ENTRIES, POSTINGS, SEALS
from county.ledger.types import Entry, Seal

_ENTRY = ENTRIES.c
_SEAL = SEALS.c
# One number per chain among PostgreSQL's advisory locks of this database.
_CHAIN_LOCK = text("SELECT pg_advisory_xact_lock(7219003)")
_LAST = select(_SEAL.sequence, _SEAL.entry_id, _SEAL.hash).order_by(_SEAL.sequence.desc()).limit(1)
_WAITING = {
    dialect: select(_ENTRY.id, _ENTRY.at, _ENTRY.effective_on, _ENTRY.late_for_on, _ENTRY.content_hash).where(
        among(_ENTRY.id, "entry_ids", dialect=dialect)
    )
    for dialect in entries.DIALECTS
}
_ADD = insert(SEALS)
_ADD_AT_ONCE = text(
    "INSERT INTO county_ledger_seal (sequence, entry_id, hash) SELECT * FROM unnest("
    "CAST(:sequence AS bigint[]), CAST(:entry_id AS uuid[]), CAST(:hash AS text[]))"
)


def find_head(db: Session) -> Seal | None:
    """Give the newest seal."""
    row = db.execute(_LAST).first()
    return None if row is None else Seal(sequence=row.sequence, entry_id=row.entry_id, hash=row.hash)


def seal(db: Session, *, entry_ids: Sequence[UUID]) -> None:
    """Append entries to the chain in the given order; other transactions that seal wait for our commit."""
    # Read back, so that what is sealed is what the database holds, without what a savepoint took back.
    waiting = _WAITING[db.get_bind().dialect.name]
    there = {row.id: row for row in db.execute(waiting, {"entry_ids": list(entry_ids)})}
    if not there:
        return
    if database.is_postgresql(db):
        db.execute(_CHAIN_LOCK)
    head = find_head(db)
    sequence, previous = (head.sequence, head.hash) if head else (0, rules.FIRST_HASH)
    seals = []
    for row in (there[entry_id] for entry_id in entry_ids if entry_id in there):
        sequence, previous = sequence + 1, _hash_of(row, previous, row.content_hash)
        seals.append({"sequence": sequence, "entry_id": row.id, "hash": previous})
    if database.is_postgresql(db):
        db.execute(_ADD_AT_ONCE, entries.columns(seals))
    else:
        db.execute(_ADD, seals)


def iterate_chain(db: Session) -> Iterator[tuple[Seal, Entry | None, str]]:
    """Read the whole chain in order: each seal, its entry and the content hash stored with the entry."""
    statement = (
        select(
            _SEAL.sequence,
            _SEAL.hash,
            _SEAL.entry_id.label("sealed_id"),
            _ENTRY.content_hash,
            *entries.LINE_COLUMNS,
        )
        .select_from(SEALS)
        .outerjoin(ENTRIES, _ENTRY.id == _SEAL.entry_id)
        .outerjoin(POSTINGS, POSTINGS.c.entry_id == _ENTRY.id)
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == POSTINGS.c.account_id)
        .outerjoin(entries.FIRST, entries.FIRST.c.id == _ENTRY.reverses_id)
        .order_by(_SEAL.sequence, POSTINGS.c.line)
    )
    rows = db.execute(statement.execution_options(yield_per=entries.STREAMED))
    for key, lines in entries.grouped(rows, "sequence"):
        first = lines[0]
        found = Seal(sequence=key, entry_id=first.sealed_id, hash=first.hash)
        yield found, (entries.entry_from(lines) if first.id is not None else None), first.content_hash


def hash_of(entry: Entry, *, previous: str) -> str:
    """Compute the hash that an entry should have after the one before it."""
    return _hash_of(entry, previous, rules.content_hash(entry))


def count_unsealed(db: Session) -> int:
    """Count the entries that have no seal."""
    unsealed = ~select(_SEAL.sequence).where(_SEAL.entry_id == _ENTRY.id).exists()
    return db.execute(select(func.count()).select_from(ENTRIES).where(unsealed)).scalar_one()


def _hash_of(row: Any, previous: str, content: str) -> str:
    return rules.seal_hash(
        previous,
        entry_id=row.id,
        at=row.at,
        effective_on=row.effective_on,
        late_for_on=row.late_for_on,
        content=content,
    )
