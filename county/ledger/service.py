"""Book money, read balances, hold, close periods, check the chain."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from county import clock, ids
from county.errors import NotFound
from county.ledger import export, posting, rules
from county.ledger.export import Format
from county.ledger.store import chain, entries, holds
from county.ledger.types import (
    AccountLine,
    Book,
    Cause,
    Draft,
    Entry,
    Hold,
    HoldGone,
    HoldState,
    LedgerConflict,
    NotEnough,
    Period,
    PeriodNotOver,
    Posting,
    Seal,
)


def post(
    db: Session,
    *,
    key: str,
    cause: Cause,
    postings: Sequence[Posting],
    now: datetime,
    memo: str = "",
    book: Book = Book.REAL,
    reverses: str | None = None,
    effective_on: date | None = None,
) -> Entry:
    """Book one movement of money, once for its business key.

    Takes: `postings`, debit positive, credit negative, sum 0; those of 0 fen are left out. `effective_on`,
    the county day it belongs to, today when left out; a day in a closed period becomes the first open day.
    Gives: the entry; the first one again when the same content was booked under this key before.
    Refuses: `LedgerConflict` for other content under the same key; `NotFound`, `AlreadyReversed` for
    `reverses`; `ValueError` for postings that no program should make.
    """
    draft = Draft(
        key=key,
        cause=cause,
        postings=tuple(postings),
        memo=memo,
        book=book,
        reverses=reverses,
        effective_on=effective_on,
    )
    return post_many(db, drafts=[draft], now=now)[0]


def post_many(db: Session, *, drafts: Sequence[Draft], now: datetime) -> list[Entry]:
    """Book many movements of money in one go; all or nothing.

    Gives: one entry per draft, in order; drafts with the same key must have the same content.
    Refuses: what `post` refuses.
    Cost: on PostgreSQL one statement for all entries and postings, and one for their seals at the commit.
    """
    clock.require_aware(now)
    good = [rules.checked(draft) for draft in drafts]
    hashes: dict[str, str] = {}
    for draft in good:
        content = rules.content_hash(draft)
        if hashes.setdefault(draft.key, content) != content:
            raise LedgerConflict(key=draft.key)
    if not good:
        return []
    posted = {draft.key: draft for draft in good}
    made: dict[str, Entry] = {}
    while missing := posting.not_booked(db, posted=posted, hashes=hashes, made=made):
        made |= posting.write(db, [posted[key] for key in missing], hashes=hashes, now=now)
    again = [key for key in posted if key not in made]
    if again:
        made |= {entry.key: entry for entry in entries.list_entries(db, keys=again)}
    return [made[draft.key] for draft in good]


def reverse(db: Session, *, key: str, new_key: str, cause: Cause, now: datetime, memo: str = "") -> Entry:
    """Take an entry back by a new one that names it; the same call again gives the same reversal.

    Refuses: `NotFound`; `AlreadyReversed` when it was reversed under another key.
    """
    first = get_entry(db, key=key)
    return post(
        db,
        key=new_key,
        cause=cause,
        postings=rules.negated(first.postings),
        now=now,
        memo=memo,
        book=first.book,
        reverses=key,
    )


def find_entry(db: Session, *, key: str) -> Entry | None:
    """Find an entry by its business key."""
    found = entries.list_entries(db, keys=[key])
    return found[0] if found else None


def get_entry(db: Session, *, key: str) -> Entry:
    """Give an entry by its business key; refuses `NotFound`."""
    found = find_entry(db, key=key)
    if found is None:
        raise NotFound(what=f"ledger entry {key}")
    return found


def list_entries(db: Session, *, cause: Cause) -> list[Entry]:
    """List everything that was booked for one cause, in order of time."""
    return entries.list_entries(db, cause=cause)


def read_at_one_moment(db: Session) -> None:
    """Let every query of a fresh transaction see the same moment, whatever others commit meanwhile."""
    entries.read_at_one_moment(db)


def export_lines(db: Session, *, form: Format, books: Sequence[Book]) -> Iterator[str]:
    """Write the books as text for beancount or hledger.

    Takes: `db`, which should see one moment only (`read_at_one_moment`) while others may be booking.
    Gives: the lines, made while they are read; the same balances that `balances` gives stand at the end.
    """
    found = {(book, code): fen for book in books for code, fen in balances(db, book=book).items()}
    first_on, last_on = entries.days_spanned(db)
    return export.write(
        form,
        entries.iterate_entries(db, books=books),
        export.Frame(balances=found, first_on=first_on, last_on=last_on),
    )


def balance(db: Session, *, account: str, book: Book = Book.REAL) -> int:
    """Sum the postings of an account, in fen, debit positive; 0 when it was never used."""
    rules.kind_of(account)
    return entries.balance_fen(db, book=book, code=account)


def balances(
    db: Session, *, prefix: str = "", book: Book = Book.REAL, before_on: date | None = None
) -> dict[str, int]:
    """Sum the postings of every account at or below a prefix such as `payable:streamer`.

    Takes: `before_on`, count only entries effective before this day.
    Gives: fen by account code, in order of code; accounts that were never used are absent.
    """
    return entries.balances_fen(db, book=book, prefix=prefix, before_on=before_on)


def balances_of(db: Session, *, accounts: Collection[str], book: Book = Book.REAL) -> dict[str, int]:
    """Sum the postings of these accounts, debit positive; 0 for those that were never used."""
    return dict.fromkeys(accounts, 0) | entries.listed_balances_fen(db, book=book, codes=accounts)


def list_postings(
    db: Session,
    *,
    account: str,
    book: Book = Book.REAL,
    limit: int | None = None,
    from_on: date | None = None,
    before_on: date | None = None,
) -> list[AccountLine]:
    """List the postings of an account, each with its cause, the newest last; only the newest `limit`.

    Takes: `from_on`, `before_on`: only what is effective on these days, `[from_on, before_on)`.
    """
    return entries.list_lines(db, book=book, code=account, limit=limit, from_on=from_on, before_on=before_on)


def first_day_of(db: Session, *, account: str, book: Book = Book.REAL) -> date | None:
    """Give the effective day of an account's first posting; None when it was never used."""
    return entries.first_day_of(db, book=book, code=account)


def available(db: Session, *, account: str, now: datetime, book: Book = Book.REAL) -> int:
    """Give what an account has on its usual side, less the holds in force at `now`."""
    account_id = entries.find_account_id(db, book=book, code=account)
    return 0 if account_id is None else holds.available_fen(db, account_id=account_id, code=account, now=now)


def hold(
    db: Session,
    *,
    key: str,
    account: str,
    fen: int,
    cause: Cause,
    expires_at: datetime,
    now: datetime,
    book: Book = Book.REAL,
) -> Hold:
    """Set money of an account aside until `expires_at`; holds never exceed what is available.

    Gives: the hold; the first one again when it was made under this key with the same content.
    Refuses: `NotEnough`; `LedgerConflict` for other content under the same key.
    """
    if type(fen) is not int or fen <= 0:
        raise ValueError(f"hold {key}: {fen!r} is not a positive whole number of fen")
    wanted = (book, account, fen, cause)
    found = holds.find_hold(db, key=key)
    if found is None:
        account_id = entries.open_accounts(db, book=book, codes=[account], now=now)[account]
        values: dict[str, Any] = {
            "id": ids.new_id(),
            "key": key,
            "account_id": account_id,
            "fen": fen,
            "cause_kind": cause.kind,
            "cause_ref": cause.ref,
            "expires_at": clock.require_aware(expires_at),
            "held_at": clock.require_aware(now),
        }
        is_new = holds.add_hold(db, code=account, values=values)
        found = holds.find_hold(db, key=key)
        if not is_new and found is None:
            there = holds.available_fen(db, account_id=account_id, code=account, now=now)
            raise NotEnough(account=account, available_fen=there, fen=fen)
    assert found is not None
    if (found.book, found.account, found.fen, found.cause) != wanted:
        raise LedgerConflict(key=key)
    return found


def release_hold(db: Session, *, key: str) -> Hold:
    """Give held money free again; once is the same as twice.

    Refuses: `NotFound`; `HoldGone` when it was captured.
    """
    is_closed_now = holds.close_hold(db, key=key, state=HoldState.RELEASED)
    found = _get_hold(db, key)
    if not is_closed_now and found.state is not HoldState.RELEASED:
        raise HoldGone(key=key)
    return found


def capture_hold(
    db: Session,
    *,
    key: str,
    entry_key: str,
    postings: Sequence[Posting],
    cause: Cause,
    now: datetime,
    memo: str = "",
    effective_on: date | None = None,
) -> Entry:
    """Book the entry that held money was held for, and close the hold; what it does not take is free again.

    Gives: the entry; the same one again when this hold was captured by it before.
    Refuses: `NotFound`; `HoldGone` when the hold expired, was released or captured by another entry;
    `ValueError` when the postings take more from the account than was held.
    """
    found = _get_hold(db, key)
    if rules.taken_fen(postings, account=found.account) > found.fen:
        raise ValueError(f"entry {entry_key} takes more from {found.account} than hold {key} has")
    if found.state is HoldState.HELD and found.expires_at <= now:
        raise HoldGone(key=key)
    if found.state is HoldState.RELEASED:
        raise HoldGone(key=key)
    entry = post(
        db,
        key=entry_key,
        cause=cause,
        postings=postings,
        now=now,
        memo=memo,
        book=found.book,
        effective_on=effective_on,
    )
    is_closed_now = holds.close_hold(
        db, key=key, state=HoldState.CAPTURED, captured_by=entry.id, in_force_at=now
    )
    if not is_closed_now and _get_hold(db, key).captured_by != entry.id:
        raise HoldGone(key=key)
    return entry


def close_period(db: Session, *, ends_on: date, now: datetime, book: Book = Book.REAL) -> Period:
    """Close all days before `ends_on` that are still open; they take no postings any more.

    Gives: the closed period; the same one again when it was closed before.
    Refuses: `PeriodNotOver` when `ends_on` has not come; `ValueError` when it lies inside a closed period.
    """
    closed = holds.list_periods(db, book=book)
    for period in closed:
        if period.ends_on == ends_on:
            return period
    if ends_on > clock.county_day(now):
        raise PeriodNotOver(ends_on=ends_on)
    if closed and ends_on < closed[-1].ends_on:
        raise ValueError(f"{ends_on} lies inside a period that is closed already")
    day_before = date.fromordinal(ends_on.toordinal() - 1)
    starts_on = (
        closed[-1].ends_on if closed else min(holds.first_day(db, book=book) or day_before, day_before)
    )
    period = Period(book=book, starts_on=starts_on, ends_on=ends_on, closed_at=now)
    holds.add_period(db, period)
    return period


def list_periods(db: Session, *, book: Book = Book.REAL) -> list[Period]:
    """List the closed periods of a book in order."""
    return holds.list_periods(db, book=book)


def find_head(db: Session) -> Seal | None:
    """Give the newest seal of the chain."""
    return chain.find_head(db)


def verify_chain(db: Session, *, heads: Mapping[int, str] | None = None) -> list[str]:
    """Recompute every hash of the chain from the postings up and say what does not fit.

    Takes: `heads`, hashes by sequence that were written out of the database earlier.
    Gives: one sentence per fault, none when all is well.
    Cost: O(number of postings).
    """
    faults = []
    previous, expected = rules.FIRST_HASH, 1
    left = dict(heads or {})
    for seal, entry, content in chain.iterate_chain(db):
        if seal.sequence != expected:
            faults.append(f"ledger seal {seal.sequence} follows {expected - 1}: seals are missing in between")
        if entry is None:
            faults.append(f"ledger entry {seal.entry_id} of seal {seal.sequence} is missing")
        elif chain.hash_of(entry, previous=previous) != seal.hash or rules.content_hash(entry) != content:
            faults.append(f"ledger entry {entry.key} does not fit its seal {seal.sequence}")
        if left.pop(seal.sequence, seal.hash) != seal.hash:
            faults.append(f"ledger seal {seal.sequence} differs from the head that was written out")
        previous, expected = seal.hash, seal.sequence + 1
    faults += [f"ledger seal {sequence} was written out as head but is missing" for sequence in sorted(left)]
    unsealed = chain.count_unsealed(db)
    if unsealed:
        faults.append(f"{unsealed} ledger entries have no seal: they were not written by this program")
    return faults


def _get_hold(db: Session, key: str) -> Hold:
    found = holds.find_hold(db, key=key)
    if found is None:
        raise NotFound(what=f"hold {key}")
    return found
