"""Use cases of withdrawals: book what arrived in the bank, take a mistake back, say where the money is."""

from collections.abc import Sequence
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
from county.ledger.types import Cause, NotEnough, Posting
from county.people import service as people
from county.people.types import NotAllowed, Role
from shop.accounts.rules import BANK, OWN_MONEY, money_account
from shop.payruns import service as payruns
from shop.payruns.types import RunState
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, Seller, SellerId
from shop.withdrawals import rules, store
from shop.withdrawals.tables import WithdrawalRow
from shop.withdrawals.types import (
    Circuit,
    MoreThanAtAlipay,
    NewWithdrawal,
    NotOurMoney,
    ReferenceTaken,
    SellerMoney,
    Source,
    Withdrawal,
    WithdrawalId,
    WithdrawalReversed,
)


def record_withdrawal(db: Session, *, new: NewWithdrawal, actor: Actor, now: datetime) -> Withdrawal:
    """Book money that arrived in the bank account, once for the seller and the bank's reference.

    Gives: the booking; the first one again when the very same is booked under this reference already.
    Refuses: `NotAllowed`, `NotFound`, `BadWithdrawal`, `NotOurMoney`; `ReferenceTaken` for another amount,
    day or source; `MoreThanAtAlipay`, guarded by a ledger hold: two clerks at once cannot do it either.
    """
    person_id = _require_association(actor)
    rules.require_possible(new, today_on=clock.county_day(now))
    seller = sellers.get_seller(db, seller_id=new.seller_id)
    if seller.mode is not MoneyMode.PRINCIPAL:
        raise NotOurMoney(seller=seller.name)
    if there := _find_same(db, new):
        return there
    row = WithdrawalRow(
        id=ids.new_id(),
        **vars(new),
        entry_key=rules.entry_key(
            seller.id,
            new.reference,
            earlier=store.count(db, seller_id=seller.id, reference=new.reference),
        ),
        booked_by=person_id,
        booked_at=now,
        reverse_reason="",
    )
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
            _book(db, row, seller, now)
    except IntegrityError:
        # Another clerk booked this reference at the same moment.
        if there := _find_same(db, new):
            return there
        raise
    _record(db, row, "booked", actor, now, {"arrived_on": new.arrived_on.isoformat()})
    return _shown(db, [row])[0]


def reverse_withdrawal(
    db: Session, *, withdrawal_id: UUID, reason: str, actor: Actor, now: datetime
) -> Withdrawal:
    """Take a booking back that was a mistake, by a second entry; its reference is free for the right one.

    Refuses: `NotAllowed`, `BadWithdrawal` without a reason, `NotFound`, `WithdrawalReversed`.
    """
    person_id = _require_association(actor)
    reason = rules.require_reason(reason)
    row = store.find(db, withdrawal_id=withdrawal_id)
    if row is None:
        raise NotFound(what="withdrawal")
    if not store.mark_reversed(db, withdrawal_id=row.id, by=person_id, reason=reason, now=now):
        raise WithdrawalReversed(reference=row.reference)
    ledger.reverse(
        db,
        key=row.entry_key,
        new_key=f"withdrawal-reversed:{row.id}",
        cause=Cause(rules.CAUSE, str(row.id)),
        memo=reason,
        now=now,
    )
    _record(db, row, "reversed", actor, now, {"reason": reason})
    after = store.find(db, withdrawal_id=row.id)
    assert after is not None
    return _shown(db, [after])[0]


def list_withdrawals(db: Session, *, limit: int = 50) -> list[Withdrawal]:
    """List what arrived in the bank account, newest first."""
    return _shown(db, store.list_newest(db, limit=limit))


def get_circuit(db: Session, *, now: datetime) -> Circuit:
    """Say what is at Alipay for each principal seller, what is in the bank, and what confirmed runs need."""
    ours = [seller for seller in sellers.list_sellers(db) if seller.mode is MoneyMode.PRINCIPAL]
    waiting = (RunState.CONFIRMED, RunState.EXPORTED)
    return Circuit(
        sellers=tuple(_money_of(db, seller, now) for seller in ours),
        held_fen=-sum(ledger.balances(db, prefix="liability:order").values()),
        bank_fen=payruns.bank_fen(db),
        runs=tuple(run for run in payruns.list_runs(db) if run.state in waiting),
    )


def _money_of(db: Session, seller: Seller, now: datetime) -> SellerMoney:
    account = money_account(seller)
    return SellerMoney(
        seller_id=seller.id,
        name=seller.name,
        alipay_fen=ledger.balance(db, account=account),
        free_fen=max(0, ledger.available(db, account=account, now=now)),
    )


def _book(db: Session, row: WithdrawalRow, seller: Seller, now: datetime) -> None:
    own: dict[str, Any] = {"cause": Cause(rules.CAUSE, str(row.id)), "now": now}
    if row.source is Source.OWN:
        postings = [Posting(BANK, row.fen), Posting(OWN_MONEY, -row.fen)]
        ledger.post(
            db,
            key=row.entry_key,
            postings=postings,
            memo=row.reference,
            effective_on=row.arrived_on,
            **own,
        )
        return
    account = money_account(seller)
    # The hold is granted and captured here: it makes two clerks queue up for the account.
    until = now + rules.HOLD
    try:
        ledger.hold(db, key=row.entry_key, account=account, fen=row.fen, expires_at=until, **own)
    except NotEnough as refusal:
        raise MoreThanAtAlipay(
            seller=seller.name,
            there=money.format_yuan(int(str(refusal.facts["available_fen"]))),
            yuan=money.format_yuan(row.fen),
        ) from None
    ledger.capture_hold(
        db,
        key=row.entry_key,
        entry_key=row.entry_key,
        postings=[Posting(BANK, row.fen), Posting(account, -row.fen)],
        memo=row.reference,
        effective_on=row.arrived_on,
        **own,
    )


def _find_same(db: Session, new: NewWithdrawal) -> Withdrawal | None:
    """Find what is booked under a reference; refuses `ReferenceTaken` when it says something else."""
    row = store.find_in_force(db, seller_id=new.seller_id, reference=new.reference)
    if row is None:
        return None
    there = _shown(db, [row])[0]
    if not rules.is_same(there, new):
        raise ReferenceTaken(
            reference=there.reference,
            yuan=money.format_yuan(there.fen),
            day=there.arrived_on.isoformat(),
        )
    return there


def _require_association(actor: Actor) -> UUID:
    if actor.person_id is None or actor.on_behalf_of is not None or actor.role != Role.ASSOCIATION_ADMIN:
        raise NotAllowed()
    return actor.person_id


def _shown(db: Session, rows: Sequence[WithdrawalRow]) -> list[Withdrawal]:
    people_ids = {each for row in rows for each in (row.booked_by, row.reversed_by) if each is not None}
    names = people.names_of(db, ids=people_ids)
    of_sellers = {seller.id: seller.name for seller in sellers.list_sellers(db)}
    return [
        Withdrawal(
            id=WithdrawalId(row.id),
            seller_id=SellerId(row.seller_id),
            seller=of_sellers[SellerId(row.seller_id)],
            source=row.source,
            fen=row.fen,
            arrived_on=row.arrived_on,
            reference=row.reference,
            entry_key=row.entry_key,
            booked_by=names[row.booked_by],
            booked_at=row.booked_at,
            reversed_by=names[row.reversed_by] if row.reversed_by else "",
            reversed_at=row.reversed_at,
            reverse_reason=row.reverse_reason,
        )
        for row in rows
    ]


def _record(
    db: Session, row: WithdrawalRow, what: str, actor: Actor, now: datetime, more: dict[str, Any]
) -> None:
    after = {
        "seller": str(row.seller_id),
        "source": row.source.value,
        "fen": row.fen,
        "reference": row.reference,
        **more,
    }
    audit.record(
        db,
        actor=actor,
        action=f"withdrawal.{what}",
        object=("withdrawal", str(row.id)),
        after=after,
        now=now,
    )
