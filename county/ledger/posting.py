"""Writes batches of checked drafts, and seals them just before the commit."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter

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
    made = _entries(db, drafts, now)
    account_ids = {
        book: entries.open_accounts(db, book=book, codes=codes, now=now)
        for book in Book
        if (codes := sorted({each.account for one in made if one.book is book for each in one.postings}))
    }
    batch = entries.Batch(made, account_ids, hashes, {key: first.id for key, first in firsts.items()})
    if not _add(db, batch):
        return {}
    waiting: chain.Waiting = db.info.setdefault(_WAITING, chain.Waiting())
    waiting.links += [
        chain.Link(one.id, one.at, one.effective_on, one.late_for_on, hashes[one.key]) for one in made
    ]
    waiting.may_be_gone |= db.connection().in_nested_transaction()
    database.before_commit(db, "county_ledger", _seal_waiting)
    return {one.key: one for one in made}


def _add(db: Session, batch: entries.Batch) -> bool:
    if not database.is_postgresql(db):
        entries.add_batch(db, batch)
        return True
    try:
        with db.connection().begin_nested():
            entries.add_batch(db, batch)
    except IntegrityError:
        # Somebody else booked one of the keys, or reversed one of the firsts, since we looked?
        keys = [entry.key for entry in batch.entries]
        firsts = list(batch.firsts.values())
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


def _entries(db: Session, drafts: Sequence[Draft], now: datetime) -> list[Entry]:
    days = {asked: _days(db, *asked, now) for asked in {(draft.book, draft.effective_on) for draft in drafts}}
    # In order of id, so that entries of one moment are read in the order in which they were posted, and the
    # database finds the places of neighbouring rows side by side.
    new_ids = sorted([ids.new_id() for _ in drafts], key=attrgetter("int"))
    return [
        Entry(
            new_id,
            draft.key,
            draft.book,
            draft.cause,
            draft.memo,
            now,
            *days[draft.book, draft.effective_on],
            draft.reverses,
            draft.postings,
        )
        for new_id, draft in zip(new_ids, drafts, strict=True)
    ]


def _days(db: Session, book: Book, asked_on: date | None, now: datetime) -> tuple[date, date | None]:
    today = clock.county_day(now)
    if asked_on is None or asked_on == today:
        return today, None
    return rules.late_shift(asked_on, closed_until_on=holds.closed_until(db, book=book))


def _seal_waiting(db: Session) -> None:
    chain.seal(db, waiting=db.info.pop(_WAITING))
