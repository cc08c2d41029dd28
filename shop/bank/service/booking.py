"""Booking a line of the bank's statement, and taking a mistake back."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import clock, ids, money
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.ledger import service as ledger
from county.ledger.types import Cause, NotEnough
from county.people.types import NotAllowed, Role
from shop.bank import rules, store, words
from shop.bank.service import looking, parties
from shop.bank.tables import BankLineRow
from shop.bank.types import BankLine, LineKind, LineReversed, MoreThanOpen, NewLine, PartyKind, ReferenceTaken


def record_line(db: Session, *, new: NewLine, actor: Actor, now: datetime) -> BankLine:
    """Book a line of the bank's statement, once for the bank's reference.

    Gives: the booking; the first one again when the very same is booked under this reference already.
    Refuses: `NotAllowed`, `BadLine`, `NotOurMoney`; `ReferenceTaken` for a line that says something else;
    `MoreThanOpen`, guarded by a ledger hold: two clerks at once cannot do it either.
    """
    person_id = _require_association(actor)
    rules.require_possible(new, today_on=clock.county_day(now))
    new = replace(new, party_id=parties.require_party(db, new=new))
    if there := _find_same(db, new):
        return there
    row = _row_of(db, new, person_id, now)
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
            _book(db, row, new.party_id, now)
    except IntegrityError:
        # Another clerk booked this reference at the same moment.
        if there := _find_same(db, new):
            return there
        raise
    _record(db, row, "booked", actor, now, {"moved_on": new.moved_on.isoformat(), "note": new.note})
    return looking.shown(db, [row])[0]


def reverse_line(db: Session, *, line_id: UUID, reason: str, actor: Actor, now: datetime) -> BankLine:
    """Take a booking back that was a mistake, by a second entry; its reference is free for the right one.

    Refuses: `NotAllowed`, `NoReason`, `NotFound`, `LineReversed`; `MoreThanOpen` for own
    money that was taken out again meanwhile.
    """
    person_id = _require_association(actor)
    reason = rules.require_reason(reason)
    row = store.find(db, line_id=line_id)
    if row is None:
        raise NotFound(what="bank line")
    with db.begin_nested():
        if not store.mark_reversed(db, line_id=row.id, by=person_id, reason=reason, now=now):
            raise LineReversed(reference=row.reference)
        _take_back(db, row, reason, now)
    _record(db, row, "reversed", actor, now, {"reason": reason})
    after = store.find(db, line_id=row.id)
    assert after is not None
    return looking.shown(db, [after])[0]


def _row_of(db: Session, new: NewLine, person_id: UUID, now: datetime) -> BankLineRow:
    party = rules.SHAPES[new.kind].party
    return BankLineRow(
        id=ids.new_id(),
        kind=new.kind,
        seller_id=new.party_id if party is PartyKind.SELLER else None,
        carrier_id=new.party_id if party is PartyKind.CARRIER else None,
        fen=new.fen,
        moved_on=new.moved_on,
        reference=new.reference,
        note=new.note,
        entry_key=rules.entry_key(
            new.kind, new.reference, earlier=store.count(db, kind=new.kind, reference=new.reference)
        ),
        booked_by=person_id,
        booked_at=now,
        reverse_reason="",
    )


def _book(db: Session, row: BankLineRow, party_id: UUID | None, now: datetime) -> None:
    cause = Cause(rules.CAUSE, str(row.id))
    entry: dict[str, Any] = {
        "postings": rules.postings_of(row.kind, party_id, fen=row.fen),
        "cause": cause,
        "memo": f"{row.reference} {row.note}".strip(),
        "effective_on": row.moved_on,
        "now": now,
    }
    if not rules.SHAPES[row.kind].is_limited:
        ledger.post(db, key=row.entry_key, **entry)
        return
    key = row.entry_key
    _set_aside(db, key=key, kind=row.kind, party_id=party_id, fen=row.fen, cause=cause, now=now)
    ledger.capture_hold(db, key=key, entry_key=key, **entry)


def _take_back(db: Session, row: BankLineRow, reason: str, now: datetime) -> None:
    key, cause = f"bank-reversed:{row.id}", Cause(rules.CAUSE, str(row.id))
    drawn = rules.fills(row.kind)
    if drawn is not None:
        _set_aside(db, key=key, kind=drawn, party_id=None, fen=row.fen, cause=cause, now=now)
    ledger.reverse(db, key=row.entry_key, new_key=key, cause=cause, memo=reason, now=now)
    if drawn is not None:
        ledger.release_hold(db, key=key)


def _set_aside(
    db: Session, *, key: str, kind: LineKind, party_id: UUID | None, fen: int, cause: Cause, now: datetime
) -> None:
    """Hold an amount of the account opposite: two clerks queue up for it; refuses `MoreThanOpen`."""
    account, until = rules.account_of(kind, party_id), now + rules.HOLD
    try:
        ledger.hold(db, key=key, account=account, fen=fen, cause=cause, expires_at=until, now=now)
    except NotEnough as refusal:
        there_fen = max(0, int(str(refusal.facts["available_fen"])))
        raise MoreThanOpen(
            what=words.OPEN[kind], there=money.format_yuan(there_fen), yuan=money.format_yuan(fen)
        ) from None


def _find_same(db: Session, new: NewLine) -> BankLine | None:
    """Find what is booked under a reference; refuses `ReferenceTaken` when it says something else."""
    row = store.find_in_force(db, reference=new.reference)
    if row is None:
        return None
    there = looking.shown(db, [row])[0]
    if not rules.is_same(there, new):
        raise ReferenceTaken(
            reference=there.reference,
            yuan=money.format_yuan(there.fen),
            day=there.moved_on.isoformat(),
        )
    return there


def _require_association(actor: Actor) -> UUID:
    if actor.person_id is None or actor.on_behalf_of is not None or actor.role != Role.ASSOCIATION_ADMIN:
        raise NotAllowed()
    return actor.person_id


def _record(
    db: Session, row: BankLineRow, what: str, actor: Actor, now: datetime, more: dict[str, Any]
) -> None:
    party_id = row.seller_id or row.carrier_id
    after = {
        "kind": row.kind.value,
        "party": str(party_id) if party_id else "",
        "fen": row.fen,
        "reference": row.reference,
        **more,
    }
    audit.record(
        db,
        actor=actor,
        action=f"bank_line.{what}",
        object=("bank_line", str(row.id)),
        after=after,
        now=now,
    )
