"""Queries on the chain of hashes over all entries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from county import database
from county.ledger import rules
from county.ledger.store import entries
from county.ledger.tables import ACCOUNTS, ENTRIES, POSTINGS, SEALS
from county.ledger.types import Entry, Seal
from county.lists import among

_ENTRY = ENTRIES.c
_SEAL = SEALS.c
# One number per chain among PostgreSQL's advisory locks of this database.
_CHAIN_LOCK = text("SELECT pg_advisory_xact_lock(7219003)")
_LAST = select(_SEAL.sequence, _SEAL.entry_id, _SEAL.hash).order_by(_SEAL.sequence.desc()).limit(1)
_THERE = {
    dialect: select(_ENTRY.id).where(among(_ENTRY.id, "entry_ids", dialect=dialect))
    for dialect in entries.DIALECTS
}
_ADD = "INSERT INTO county_ledger_seal (sequence, entry_id, hash) VALUES (?, ?, ?)"
_ADD_AT_ONCE = text(
    "INSERT INTO county_ledger_seal (sequence, entry_id, hash) SELECT * FROM unnest("
    "CAST(:sequence AS bigint[]), CAST(:entry_id AS uuid[]), CAST(:hash AS text[]))"
)


def find_head(db: Session) -> Seal | None:
    """Give the newest seal."""
    row = db.execute(_LAST).first()
    return None if row is None else Seal(sequence=row.sequence, entry_id=row.entry_id, hash=row.hash)


@dataclass(frozen=True, slots=True)
class Link:
    """What a seal says of an entry besides the seal before it."""

    entry_id: UUID
    at: datetime
    effective_on: date
    late_for_on: date | None
    content: str


@dataclass
class Waiting:
    """The entries of a transaction that wait for their seals; inside a savepoint some may be taken back."""

    links: list[Link] = field(default_factory=list)
    may_be_gone: bool = False


def seal(db: Session, *, waiting: Waiting) -> None:
    """Append entries to the chain in the given order; other transactions that seal wait for our commit."""
    links = _still_there(db, waiting.links) if waiting.may_be_gone else waiting.links
    if not links:
        return
    if database.is_postgresql(db):
        db.execute(_CHAIN_LOCK)
    head = find_head(db)
    sequence, previous = (head.sequence, head.hash) if head else (0, rules.FIRST_HASH)
    seals: list[tuple[int, Any, str]] = []
    for link in links:
        previous = rules.seal_hash(
            previous, link.entry_id, link.at, link.effective_on, link.late_for_on, link.content
        )
        sequence += 1
        seals.append((sequence, link.entry_id, previous))
    if database.is_postgresql(db):
        db.execute(_ADD_AT_ONCE, entries.columns(("sequence", "entry_id", "hash"), seals))
    else:
        rows = [(sequence, entry_id.hex, hashed) for sequence, entry_id, hashed in seals]
        db.connection().exec_driver_sql(_ADD, rows)


def _still_there(db: Session, links: Sequence[Link]) -> list[Link]:
    """Leave out the entries that a savepoint took back; nothing else can have changed them."""
    asked = {"entry_ids": [link.entry_id for link in links]}
    there = set(db.scalars(_THERE[db.get_bind().dialect.name], asked))
    return [link for link in links if link.entry_id in there]


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
    content = rules.content_hash(entry)
    return rules.seal_hash(previous, entry.id, entry.at, entry.effective_on, entry.late_for_on, content)


def count_unsealed(db: Session) -> int:
    """Count the entries that have no seal."""
    unsealed = ~select(_SEAL.sequence).where(_SEAL.entry_id == _ENTRY.id).exists()
    return db.execute(select(func.count()).select_from(ENTRIES).where(unsealed)).scalar_one()
