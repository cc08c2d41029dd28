"""The settlement of a sub-merchant's order at Alipay: confirm, split, clear; one step at a time.

Every step is an instruction of the payments floor; its answer brings the next. Between the steps nothing is
under way, so that refunds can be made; while a step is under way they wait for it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county import money
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import IllegalMove, NotFound, Stale
from county.ledger import service as ledger
from county.ledger.types import Book, Cause, Posting
from county.payments import service as payments
from county.payments.types import Instruction, Receiver, Wish
from county.payments.types import Split as PaymentSplit
from county.people import service as people
from shop.accounts.rules import (
    FEE,
    account_of,
    book_of,
    fee_account,
    money_account,
    payee_of,
    totals_by_account,
)
from shop.orders import service as orders
from shop.orders.types import Order, Payee, Split
from shop.payouts import rules, store
from shop.payouts.service.wires import find_alipay_account
from shop.payouts.types import (
    NO_ACCOUNT,
    Settlement,
    SettlementEvent,
    SettlementState,
)
from shop.refunds import service as refunds
from shop.refunds.types import Standing, Whereabouts
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, Seller

ROBOT = Actor.system("settlement")
WISHES = {Wish.CONFIRM: "confirm:", Wish.SPLIT: "split:", Wish.BIND: "bind:"}


def begin(db: Session, *, order: Order, left: Sequence[Split], now: datetime) -> None:
    """Have Alipay settle a released order: all of it, kept frozen when parts of it go to others."""
    if not store.add(db, order_no=order.order_no, now=now):
        return
    settlement = get_settlement(db, order_no=order.order_no)
    _confirm(db, settlement, left, now)


def _confirm(db: Session, settlement: Settlement, left: Sequence[Split], now: datetime) -> None:
    payments.open_confirmation(
        db,
        out_trade_no=settlement.order_no,
        key=f"confirm:{settlement.order_no}:{settlement.tries}",
        holds_for_split=any(split.fen for split in left if split.payee is not Payee.GROWER),
        actor=ROBOT,
        now=now,
    )


def advance(db: Session, *, order_no: str, now: datetime) -> bool:
    """Take the next step of a confirmed settlement, if nothing stands in its way; tells whether it did.

    Refunds go first: what they return is not split. A receiver without an account keeps all of it frozen.
    """
    order = orders.get_order_locked(db, order_no=order_no)
    settlement = store.find(db, order_no=order_no)
    if settlement is None or settlement.state is not SettlementState.CONFIRMED:
        return False
    if settlement.stuck not in ("", NO_ACCOUNT):
        return False
    refunds.send_waiting(db, order=order, now=now)
    if refunds.has_unfinished(db, order_no=order_no):
        return False
    left = refunds.remaining_splits(db, order=order)
    if not any(split.fen for split in left):
        _move(db, settlement, SettlementEvent.FINISH, now, stuck="")
        _clear(db, settlement, now)
        return True
    accounts = _accounts(db, left, now)
    if accounts is None:
        if settlement.stuck != NO_ACCOUNT:
            _change(db, settlement, now, stuck=NO_ACCOUNT)
        return False
    parts = rules.settlement_parts(left, accounts=accounts)
    store.add_parts(db, order_no=order_no, attempt=settlement.tries, parts=parts)
    shares = rules.split_parts(parts, left)
    payments.open_split(
        db,
        out_trade_no=order_no,
        key=f"split:{order_no}:{settlement.tries}",
        split=PaymentSplit(
            parts=shares,
            finishes=True,
            is_async=len(shares) > payments.provider().limits.sync_receivers,
        ),
        actor=ROBOT,
        now=now,
    )
    _move(db, settlement, SettlementEvent.SPLIT, now, stuck="")
    return True


def _accounts(
    db: Session, left: Sequence[Split], now: datetime
) -> Mapping[tuple[Payee, UUID | None], str] | None:
    """Find the account of every receiver but the payee; None when one has none."""
    ours = payments.provider().account.seller_id
    accounts: dict[tuple[Payee, UUID | None], str] = {}
    for split in left:
        if split.payee is Payee.GROWER or not split.fen:
            continue
        account: str | None = ours
        if split.payee is Payee.STREAMER:
            assert split.payee_id is not None
            account = find_alipay_account(db, person_id=split.payee_id, now=now)
        if not account:
            return None
        accounts[split.payee, split.payee_id] = account
    return accounts


def instruction_done(db: Session, *, instruction: Instruction, now: datetime) -> None:
    """Take the step that an instruction of a settlement makes possible; others are none of ours."""
    settlement = _settlement_of(db, instruction)
    if settlement is None:
        return
    if instruction.wish is Wish.SPLIT:
        _move(db, settlement, SettlementEvent.FINISH, now)
        _clear(db, settlement, now)
        refunds.send_waiting(db, order=orders.get_order_locked(db, order_no=settlement.order_no), now=now)
        return
    _move(db, settlement, SettlementEvent.CONFIRM, now, stuck="")
    advance(db, order_no=settlement.order_no, now=now)


def instruction_refused(db: Session, *, instruction: Instruction, now: datetime) -> None:
    """Keep why Alipay refused a step, for a person to look at; an unbound receiver is bound first.

    The attempt with its numbers is over, the next one has new ones; one that follows a binding does not bind.
    """
    settlement = _settlement_of(db, instruction)
    if settlement is None:
        return
    code = instruction.outcome.split(" ", 1)[0][:100]
    if instruction.wish is Wish.SPLIT and code in rules.UNBOUND and not _was_bound(db, settlement):
        _bind(db, settlement, now)
    elif instruction.wish is Wish.CONFIRM:
        _change(db, settlement, now, stuck=code)
    else:
        _move(db, settlement, SettlementEvent.FAIL, now, stuck=code)
    order = orders.get_order_locked(db, order_no=settlement.order_no)
    refunds.send_waiting(db, order=order, now=now)


def is_ours(instruction: Instruction) -> bool:
    """Tell whether an instruction of the payments floor is a step of a settlement."""
    prefix = WISHES.get(instruction.wish)
    return prefix is not None and instruction.key.startswith(prefix)


def _settlement_of(db: Session, instruction: Instruction) -> Settlement | None:
    return store.find(db, order_no=instruction.out_trade_no) if is_ours(instruction) else None


def _was_bound(db: Session, settlement: Settlement) -> bool:
    key = f"bind:{settlement.order_no}:{settlement.tries - 1}"
    return payments.find_instruction(db, key=key) is not None


def _bind(db: Session, settlement: Settlement, now: datetime) -> None:
    order = orders.get_order(db, order_no=settlement.order_no)
    parts = store.list_parts(db, order_no=settlement.order_no, attempt=settlement.tries)
    ours = payments.provider().account.seller_id
    holders = {
        part.account: order.splits[part.position].payee_id
        for part in parts
        if part.account and part.account != ours
    }
    names = people.names_of(db, ids={person_id for person_id in holders.values() if person_id})
    payments.open_binding(
        db,
        out_trade_no=settlement.order_no,
        key=f"bind:{settlement.order_no}:{settlement.tries}",
        receivers=[
            Receiver(account, names.get(person_id, "") if person_id else "")
            for account, person_id in sorted(holders.items())
        ],
        actor=ROBOT,
        now=now,
    )
    _move(db, settlement, SettlementEvent.BIND, now, tries=settlement.tries + 1)


def _clear(db: Session, settlement: Settlement, now: datetime) -> None:
    """Clear what the receivers have now: their payables against the money that lay at Alipay.

    Alipay took its fee out of the farm's money, but the association bears it: what was booked of it so far is
    owed to the farm, and the association takes that debt over.
    """
    order = orders.get_order(db, order_no=settlement.order_no)
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    parts = store.list_parts(db, order_no=order.order_no, attempt=settlement.tries)
    fens = {part.position: part.fen for part in parts}
    paid = [
        Split(split.payee, split.payee_id, split.grower_id, fens.get(position, 0))
        for position, split in enumerate(order.splits)
    ]
    kept = share_of_growers(order, fen=fee_so_far(db, order=order))
    totals = dict(totals_by_account(paid))
    for account, fen in kept.items():
        totals[account] = totals.get(account, 0) - fen
    _post_clearing(db, order, seller, totals, now)
    take_over_fees(db, order=order, fees=kept, key=order.order_no, now=now)


def take_over_fees(db: Session, *, order: Order, fees: Mapping[str, int], key: str, now: datetime) -> None:
    """Let the association owe its farms the fees that Alipay took out of their money.

    Takes: `fees`, fen per grower's payable; below 0 what Alipay gave back into the farm's money.
    What is held by others (memo) ends, and the association's own debt (real) begins: pay runs pay it.
    """
    own = {account: fen for account, fen in sorted(fees.items()) if fen}
    if not own:
        return
    total_fen, cause = sum(own.values()), Cause(kind="order", ref=order.order_no)
    ledger.post(
        db,
        key=f"fee-borne:{key}",
        cause=cause,
        postings=[*(Posting(account, fen) for account, fen in own.items()), Posting(FEE, -total_fen)],
        book=Book.MEMO,
        now=now,
    )
    ledger.post(
        db,
        key=f"fee-owed:{key}",
        cause=cause,
        postings=[
            Posting(FEE, total_fen),
            *(Posting(fee_account(payee_of(account)), -fen) for account, fen in own.items()),
        ],
        now=now,
    )


def clear_direct(db: Session, *, order: Order, seller: Seller, left: Sequence[Split], now: datetime) -> None:
    """Note that a farm with an account of its own has its part already; it owes the others theirs."""
    own = [split for split in left if split.payee is Payee.GROWER]
    _post_clearing(db, order, seller, dict(totals_by_account(own)), now)


def _post_clearing(
    db: Session, order: Order, seller: Seller, totals: Mapping[str, int], now: datetime
) -> None:
    fens = {account: fen for account, fen in totals.items() if fen}
    if not fens:
        return
    ledger.post(
        db,
        key=f"clear:{order.order_no}",
        cause=Cause(kind="order", ref=order.order_no),
        postings=[
            *(Posting(account, fen) for account, fen in sorted(fens.items())),
            Posting(money_account(seller), -sum(fens.values())),
        ],
        book=book_of(seller),
        now=now,
    )


def fee_so_far(db: Session, *, order: Order) -> int:
    """Sum the fees that were booked of an order's own trade."""
    own = tuple(f"fee:{paid.trade_no}:" for paid in order.payments)
    entries = ledger.list_entries(db, cause=Cause(kind="order", ref=order.order_no))
    return sum(
        posting.fen
        for entry in entries
        if entry.key.startswith(own)
        for posting in entry.postings
        if posting.account == FEE
    )


def share_of_growers(order: Order, *, fen: int) -> dict[str, int]:
    """Share an amount among the growers of an order by what they get, as fen per payable account."""
    own = [split for split in order.splits if split.payee is Payee.GROWER]
    if not any(split.fen for split in own):
        return {}
    shares = money.split(fen, [split.fen for split in own])
    return {account_of(split): share for split, share in zip(own, shares, strict=True)}


def whereabouts(db: Session, *, order: Order) -> Whereabouts:
    """Say where an order's money is, for refunds."""
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    if seller.mode is MoneyMode.DIRECT and order.completed_at is not None:
        own = [n for n, split in enumerate(order.splits) if split.payee is Payee.GROWER]
        return Whereabouts(Standing.SETTLED, cleared=frozenset(own))
    settlement = store.find(db, order_no=order.order_no)
    if settlement is None:
        return Whereabouts()
    if settlement.state is SettlementState.SETTLED:
        parts = store.list_parts(db, order_no=order.order_no, attempt=settlement.tries)
        return Whereabouts(
            Standing.SETTLED,
            accounts={part.position: part.account for part in parts if part.account},
            cleared=frozenset(part.position for part in parts),
        )
    is_confirming = settlement.state is SettlementState.CONFIRMING and not settlement.stuck
    if is_confirming or settlement.state is SettlementState.SPLITTING:
        return Whereabouts(Standing.MOVING)
    return Whereabouts()


def retry_settlement(db: Session, *, order_no: str, actor: Actor, now: datetime) -> Settlement:
    """Try the step again that is stuck, with new numbers, after a person has put right what was wrong.

    Refuses: `NotFound`; `IllegalMove` when it is not stuck, was split in part, or a refund is under way.
    """
    order = orders.get_order_locked(db, order_no=order_no)
    settlement = get_settlement(db, order_no=order_no)
    is_part = settlement.stuck == "SPLIT_PARTLY_FAILED"
    if not settlement.stuck or is_part or refunds.has_unfinished(db, order_no=order_no):
        raise IllegalMove(what="settlement", state=settlement.state.value, event="retry")
    _change(db, settlement, now, stuck="", tries=settlement.tries + 1)
    audit.record(
        db,
        actor=actor,
        action="settlement.retried",
        object=("order", order_no),
        before={"stuck": settlement.stuck},
        after={"tries": settlement.tries + 1},
        now=now,
    )
    again = get_settlement(db, order_no=order_no)
    if again.state is SettlementState.CONFIRMING:
        _confirm(db, again, refunds.remaining_splits(db, order=order), now)
    else:
        advance(db, order_no=order_no, now=now)
    return get_settlement(db, order_no=order_no)


def get_settlement(db: Session, *, order_no: str) -> Settlement:
    """Give the settlement of an order; refuses `NotFound`."""
    settlement = store.find(db, order_no=order_no)
    if settlement is None:
        raise NotFound(what="settlement")
    return settlement


def find_settlement(db: Session, *, order_no: str) -> Settlement | None:
    """Find the settlement of an order, or None."""
    return store.find(db, order_no=order_no)


def list_unsettled(db: Session, *, after: str = "", limit: int = 100) -> list[Settlement]:
    """List the settlements that are not at their end, by order number."""
    return store.list_unsettled(db, after=after, limit=limit)


def list_stuck(db: Session, *, limit: int = 100) -> list[Settlement]:
    """List the settlements that a person has to look at, the longest waiting first."""
    return store.list_stuck(db, limit=limit)


def count_stuck(db: Session) -> int:
    """Count the settlements that a person has to look at."""
    return store.count_stuck(db)


def _move(db: Session, settlement: Settlement, event: SettlementEvent, now: datetime, **values: Any) -> None:
    after = rules.move(settlement.state, event)
    _change(db, settlement, now, state=after, **values)
    audit.record(
        db,
        actor=ROBOT,
        action=f"settlement.{event.value}",
        object=("order", settlement.order_no),
        before={"state": settlement.state.value},
        after={"state": after.value, **values},
        now=now,
    )


def _change(db: Session, settlement: Settlement, now: datetime, **values: Any) -> None:
    if not store.change(db, settlement, now=now, **values):
        raise Stale(what="settlement")
