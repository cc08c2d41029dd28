"""Writes batches of checked drafts, and seals them just before the commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import clock, database, ids
from county.errors import NotFound
from county.ledger import rules
from county.ledger.store import chain, entries, holds
from county.ledger.types import AlreadyReversed, Book, Draft, Entry, LedgerConflict

_WAITING = "county_ledger_waiting"


def not_booked(
    db: Session, *, posted: Mapping[str, Draft], hashes: Mapping[str, str], made: Mapping[str, Entry]
) -> list[str]:
    """List the keys that are free, sorted; a key taken by other content is refused."""
    open_keys = [key for key in posted if key not in made]
    if not open_keys:
        return []
    there = entries.hashes_by_key(db, keys=open_keys)
    for key, content in there.items():
        if content != hashes[key]:
            raise LedgerConflict(key=key)
    return sorted(key for key in open_keys if key not in there)


def write(
    db: Session, drafts: Sequence[Draft], *, hashes: Mapping[str, str], now: datetime
) -> dict[str, Entry]:
    """Write drafts whose keys were free a moment ago; gives nothing when one was taken meanwhile."""
    firsts = _firsts_of(db, drafts)
    made: dict[str, Entry] = {}
    entry_rows: list[dict[str, Any]] = []
    posting_rows: list[dict[str, Any]] = []
    for book in Book:
        of_book = [draft for draft in drafts if draft.book is book]
        codes = sorted({posting.account for draft in of_book for posting in draft.postings})
        account_ids = entries.open_accounts(db, book=book, codes=codes, now=now) if codes else {}
        for draft in of_book:
            entry = _entry(db, draft, now)
            made[draft.key] = entry
            first = firsts[draft.reverses].id if draft.reverses else None
            entry_rows.append(_entry_row(entry, reverses_id=first, content=hashes[draft.key]))
            posting_rows += (
                {"entry_id": entry.id, "line": line, "account_id": account_ids[each.account], "fen": each.fen}
                for line, each in enumerate(entry.postings, 1)
            )
    if not _add(db, entry_rows, posting_rows):
        return {}
    db.info.setdefault(_WAITING, []).extend(row["id"] for row in entry_rows)
    database.before_commit(db, "county_ledger", _seal_waiting)
    return made


def _add(db: Session, entry_rows: list[dict[str, Any]], posting_rows: list[dict[str, Any]]) -> bool:
    if not database.is_postgresql(db):
        entries.add_entries(db, entries=entry_rows, postings=posting_rows)
        return True
    try:
        with db.connection().begin_nested():
            entries.add_entries(db, entries=entry_rows, postings=posting_rows)
    except IntegrityError:
        # Somebody else booked one of the keys, or reversed one of the firsts, since we looked?
        keys = [row["key"] for row in entry_rows]
        firsts = [row["reverses_id"] for row in entry_rows if row["reverses_id"] is not None]
        if entries.hashes_by_key(db, keys=keys) or entries.list_entries(db, reverses_ids=firsts):
            return False
        raise
    return True


def _firsts_of(db: Session, drafts: Sequence[Draft]) -> dict[str, Entry]:
    """Give the entries that drafts reverse, checked: there, the exact opposite, not reversed yet."""
    wanted = {draft.reverses: draft for draft in drafts if draft.reverses is not None}
    if not wanted:
        return {}
    firsts = {entry.key: entry for entry in entries.list_entries(db, keys=list(wanted))}
    for key, draft in wanted.items():
        if key not in firsts:
            raise NotFound(what=f"ledger entry {key}")
        if firsts[key].book is not draft.book or not rules.takes_back(draft.postings, firsts[key].postings):
            raise ValueError(f"entry {draft.key} is not the exact opposite of {key}, which it reverses")
    for reversal in entries.list_entries(db, reverses_ids=[entry.id for entry in firsts.values()]):
        raise AlreadyReversed(key=reversal.reverses)
    return firsts


def _entry(db: Session, draft: Draft, now: datetime) -> Entry:
    day, late_for_on = clock.county_day(now), None
    if draft.effective_on is not None and draft.effective_on != day:
        closed_until_on = holds.closed_until(db, book=draft.book)
        day, late_for_on = rules.late_shift(draft.effective_on, closed_until_on=closed_until_on)
    return Entry(
        id=ids.new_id(),
        key=draft.key,
        book=draft.book,
        cause=draft.cause,
        memo=draft.memo,
        at=now,
        effective_on=day,
        late_for_on=late_for_on,
        reverses=draft.reverses,
        postings=draft.postings,
    )


def _entry_row(entry: Entry, *, reverses_id: UUID | None, content: str) -> dict[str, Any]:
    return {
        "id": entry.id,
        "key": entry.key,
        "book": entry.book,
        "cause_kind": entry.cause.kind,
        "cause_ref": entry.cause.ref,
        "memo": entry.memo,
        "at": entry.at,
        "effective_on": entry.effective_on,
        "late_for_on": entry.late_for_on,
        "reverses_id": reverses_id,
        "content_hash": content,
    }


def _seal_waiting(db: Session) -> None:
    chain.seal(db, entry_ids=db.info.pop(_WAITING))
