"""Use cases of refunds: deciding one, sending it when the money can be moved, booking what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from county import ids, money
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import N_, IllegalMove, NotFound, Stale
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.notices import service as notices
from county.outbox import service as outbox
from county.payments import service as payments
from county.payments.types import Instruction, NothingPaid, Refund, RoyaltyBack
from shop.accounts.rules import book_of, money_account, order_account, totals_by_account
from shop.catalogue import service as catalogue
from shop.orders import service as orders
from shop.orders.rules import is_unpacked, pieces
from shop.orders.types import Order, OrderEvent, OrderState, Returned, Split
from shop.refunds import rules, store
from shop.refunds.types import (
    FREIGHT,
    NothingToRefund,
    OrderRefund,
    RefundBeyond,
    RefundConflict,
    RefundDone,
    RefundEvent,
    RefundPart,
    RefundRefused,
    RefundState,
    SettlementDesk,
    Standing,
    Whereabouts,
)
from shop.sellers import service as sellers

ROBOT = Actor.system("refunds")
KEY = "refund:"


class _Wired:
    settlements: SettlementDesk | None = None


def wire_settlements(desk: SettlementDesk) -> None:
    """Let the feature that settles orders say where an order's money is."""
    _Wired.settlements = desk


def open_refund(
    db: Session,
    *,
    order: Order,
    key: str,
    goods: Mapping[int, int],
    reason: str,
    actor: Actor,
    now: datetime,
    freight_fen: int = 0,
) -> OrderRefund:
    """Decide a refund: counted against its lines now, sent to the provider by a job, booked when it is done.

    Takes: `order`, locked by the caller; `key`, the business reason, unique in the order; `goods`, fen to
    return by line position; `reason`, what the buyer reads at the provider.
    Gives: the refund; the same key and amounts give the same one again. An order of which nothing was packed
    and everything returns is cancelled at once, with its goods on sale again.
    Refuses: `NothingToRefund`, `NothingPaid`, `RefundBeyond`, `RefundConflict`; nothing is changed then.
    """
    asked = {position: fen for position, fen in sorted(goods.items()) if fen}
    known = store.find(db, order_no=order.order_no, key=key)
    if known is not None:
        if (dict(known.goods), known.freight_fen) != (asked, freight_fen):
            raise RefundConflict()
        return known
    _require_sane(order, asked, freight_fen)
    with db.begin_nested():
        before = store.counted(db, order_no=order.order_no)
        _count(db, order, asked, freight_fen, before)
        refund = _write(db, order, key, asked, freight_fen, before, reason, actor, now)
    if refund.state is RefundState.PLANNED:
        _send(db, refund, _whereabouts(db, order), actor, now)
    if _is_all(store.counted(db, order_no=order.order_no), order) and order.state is OrderState.PAID:
        _cancel(db, order, actor, now)
    return refund


def refund_rest(
    db: Session, *, order: Order, key: str, reason: str, actor: Actor, now: datetime
) -> OrderRefund:
    """Refund everything of an order, freight too, that was not refunded yet; as `open_refund`."""
    known = store.find(db, order_no=order.order_no, key=key)
    if known is not None:
        return known
    before = store.counted(db, order_no=order.order_no)
    return open_refund(
        db,
        order=order,
        key=key,
        goods={
            position: line.goods_fen - before.get(position, 0) for position, line in enumerate(order.lines)
        },
        freight_fen=order.freight_fen - before.get(FREIGHT, 0),
        reason=reason,
        actor=actor,
        now=now,
    )


def _require_sane(order: Order, goods: Mapping[int, int], freight_fen: int) -> None:
    if not order.payments:
        raise NothingPaid(out_trade_no=order.order_no)
    if any(not 0 <= position < len(order.lines) for position in goods):
        raise NotFound(what="line")
    if min([freight_fen, *goods.values()]) < 0 or freight_fen + sum(goods.values()) == 0:
        raise NothingToRefund()


def _count(
    db: Session, order: Order, goods: Mapping[int, int], freight_fen: int, before: Mapping[int, int]
) -> None:
    lines = {FREIGHT: freight_fen, **goods} if freight_fen else goods
    for position, fen in sorted(lines.items()):
        paid_fen = rules.paid_fen(order, position=position)
        if not store.count(db, order_no=order.order_no, position=position, paid_fen=paid_fen, fen=fen):
            what = N_("the freight") if position == FREIGHT else order.lines[position].title
            raise RefundBeyond(what=what, left=money.format_yuan(paid_fen - before.get(position, 0)))


def _write(
    db: Session,
    order: Order,
    key: str,
    goods: Mapping[int, int],
    freight_fen: int,
    before: Mapping[int, int],
    reason: str,
    actor: Actor,
    now: datetime,
) -> OrderRefund:
    moves = _whereabouts(db, order).standing is Standing.MOVING
    refund = OrderRefund(
        refund_no=ids.new_number("TK"),
        order_no=order.order_no,
        key=key,
        goods=tuple(goods.items()),
        freight_fen=freight_fen,
        fen=sum(goods.values()) + freight_fen,
        parts=rules.parts_returned(order, before=before, goods=goods, freight_fen=freight_fen),
        state=RefundState.WAITING if moves else RefundState.PLANNED,
        reason=reason,
        planned_at=now,
        done_at=None,
    )
    store.add(db, refund=refund, refund_id=ids.new_id())
    after = {"refund": refund.refund_no, "key": key, "fen": refund.fen, "reason": reason}
    _record(db, refund, "refund_planned", actor, now, after)
    return refund


def _send(db: Session, refund: OrderRefund, where: Whereabouts, actor: Actor, now: datetime) -> None:
    """Have the provider pay back; what was split returns from its receivers' accounts."""
    back: dict[str, int] = {}
    for part in refund.parts:
        if account := where.accounts.get(part.position):
            back[account] = back.get(account, 0) + part.fen
    payments.open_refund(
        db,
        out_trade_no=refund.order_no,
        key=f"{KEY}{refund.refund_no}",
        refund=Refund(
            fen=refund.fen,
            reason=refund.reason,
            back=tuple(RoyaltyBack(account, fen) for account, fen in sorted(back.items())),
        ),
        actor=actor,
        now=now,
    )


def send_waiting(db: Session, *, order: Order, now: datetime) -> int:
    """Send the refunds that waited for an order's settlement; gives how many. The order is locked."""
    waiting = [
        refund
        for refund in store.list_of(db, order_nos=[order.order_no])
        if refund.state is RefundState.WAITING
    ]
    where = _whereabouts(db, order)
    for refund in waiting:
        _move(db, refund, RefundEvent.SEND)
        _send(db, refund, where, ROBOT, now)
    return len(waiting)


def is_ours(instruction: Instruction) -> bool:
    """Tell whether an instruction of the payments floor is one of these refunds."""
    return isinstance(instruction.content, Refund) and instruction.key.startswith(KEY)


def refund_done(db: Session, *, instruction: Instruction, now: datetime) -> None:
    """Book a refund that took effect, tell the buyer, announce it; the last one closes the order."""
    refund = get_refund(db, refund_no=instruction.key.removeprefix(KEY))
    order = orders.get_order_locked(db, order_no=refund.order_no)
    _move(db, refund, RefundEvent.FINISH, done_at=now)
    _book(db, refund, order, now)
    _record(db, refund, "refund_done", ROBOT, now, {"refund": refund.refund_no, "fen": refund.fen})
    done = [each for each in store.list_of(db, order_nos=[order.order_no]) if each.state is RefundState.DONE]
    if sum(each.fen for each in done) == order.total_fen:
        orders.transition(db, order=order, event=OrderEvent.REFUND, actor=ROBOT, now=now)
    notices.tell(
        db,
        person_id=order.buyer_id,
        code="refund_done",
        facts={"yuan": money.format_yuan(refund.fen), "order": order.order_no},
        link=f"/orders/{order.order_no}",
        key=f"refund_done:{refund.refund_no}",
        now=now,
    )
    event = RefundDone(order.order_no, refund.refund_no, refund.key, refund.fen)
    outbox.announce(db, event, now=now)


def refund_refused(db: Session, *, instruction: Instruction, now: datetime) -> None:
    """Note that the provider refused a refund for good: nothing moved, its lines may be refunded anew."""
    refund = get_refund(db, refund_no=instruction.key.removeprefix(KEY))
    _move(db, refund, RefundEvent.REFUSE)
    lines = {FREIGHT: refund.freight_fen, **dict(refund.goods)}
    for position, fen in sorted(lines.items()):
        store.uncount(db, order_no=refund.order_no, position=position, fen=fen)
    after = {"refund": refund.refund_no, "fen": refund.fen, "why": instruction.outcome}
    _record(db, refund, "refund_refused", ROBOT, now, after)
    event = RefundRefused(refund.order_no, refund.refund_no, refund.key, refund.fen)
    outbox.announce(db, event, now=now)


def retry_refund(db: Session, *, refund_no: str, actor: Actor, now: datetime) -> OrderRefund:
    """Try a refund again that the provider refused, as a new one of the same amounts.

    Refuses: `NotFound`; `IllegalMove` for one that was not refused; what `open_refund` refuses.
    """
    refund = get_refund(db, refund_no=refund_no)
    if refund.state is not RefundState.REFUSED:
        raise IllegalMove(what="refund", state=refund.state.value, event="retry")
    return open_refund(
        db,
        order=orders.get_order_locked(db, order_no=refund.order_no),
        key=f"again:{refund_no}",
        goods=dict(refund.goods),
        freight_fen=refund.freight_fen,
        reason=refund.reason,
        actor=actor,
        now=now,
    )


def get_refund(db: Session, *, refund_no: str) -> OrderRefund:
    """Give a refund by its number; refuses `NotFound`."""
    found = store.find(db, number=refund_no)
    if found is None:
        raise NotFound(what="refund")
    return found


def list_refunds(db: Session, *, order_no: str) -> list[OrderRefund]:
    """List the refunds of an order, oldest first, refused ones too."""
    return store.list_of(db, order_nos=[order_no])


def list_refused(db: Session, *, limit: int = 100) -> list[OrderRefund]:
    """List the refunds that the provider refused and nobody tried again, oldest first."""
    return store.list_refused(db, limit=limit)


def count_refused(db: Session) -> int:
    """Count the refunds that the provider refused and nobody tried again."""
    return store.count_refused(db)


def refunds_of(db: Session, *, order_nos: Sequence[str]) -> dict[str, list[OrderRefund]]:
    """Give the refunds of several orders, by order number."""
    found: dict[str, list[OrderRefund]] = {number: [] for number in order_nos}
    for refund in store.list_of(db, order_nos=order_nos):
        found[refund.order_no].append(refund)
    return found


def list_returned(db: Session, *, order_no: str) -> list[Returned]:
    """List what of an order goes back to its buyer, for the order's page."""
    return [
        Returned(refund.fen, refund.planned_at, refund.done_at)
        for refund in list_refunds(db, order_no=order_no)
        if refund.state is not RefundState.REFUSED
    ]


def has_unfinished(db: Session, *, order_no: str) -> bool:
    """Tell whether a refund of an order is decided and neither done nor refused yet."""
    open_states = (RefundState.WAITING, RefundState.PLANNED)
    return any(refund.state in open_states for refund in list_refunds(db, order_no=order_no))


def remaining_splits(db: Session, *, order: Order) -> tuple[Split, ...]:
    """Give an order's split plan less what returned or is about to, in the order of the plan."""
    parts = [
        part
        for refund in list_refunds(db, order_no=order.order_no)
        if refund.state is not RefundState.REFUSED
        for part in refund.parts
    ]
    return rules.remaining(order.splits, parts)


def _whereabouts(db: Session, order: Order) -> Whereabouts:
    return Whereabouts() if _Wired.settlements is None else _Wired.settlements(db, order=order)


def _is_all(counted: Mapping[int, int], order: Order) -> bool:
    return sum(counted.values()) == order.total_fen


def _cancel(db: Session, order: Order, actor: Actor, now: datetime) -> None:
    """Cancel an order that is paid back whole before anything was packed; its goods are on sale again."""
    if not is_unpacked(order):
        return
    orders.transition(db, order=order, event=OrderEvent.CANCEL, actor=actor, now=now, reason="refunded")
    for sku_id, quantity in sorted(pieces(order).items()):
        catalogue.give_back_stock(db, sku_id=sku_id, quantity=quantity)


def _book(db: Session, refund: OrderRefund, order: Order, now: datetime) -> None:
    """Book money that went back: from the order, or after its release from those whose part returned."""
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    cash, cause = money_account(seller), Cause(kind="order", ref=order.order_no)
    debits = [(order_account(order.order_no), refund.fen)]
    if order.completed_at is not None:
        debits = totals_by_account(_as_splits(refund.parts))
    ledger.post(
        db,
        key=f"refund:{refund.refund_no}",
        cause=cause,
        postings=[*(Posting(account, fen) for account, fen in debits), Posting(cash, -refund.fen)],
        book=book_of(seller),
        now=now,
    )
    cleared = _whereabouts(db, order).cleared
    returned = totals_by_account(_as_splits(part for part in refund.parts if part.position in cleared))
    if returned:
        # They had their part already: it came back from their accounts at Alipay.
        came_fen = sum(fen for _account, fen in returned)
        ledger.post(
            db,
            key=f"returned:{refund.refund_no}",
            cause=cause,
            postings=[Posting(cash, came_fen), *(Posting(account, -fen) for account, fen in returned)],
            book=book_of(seller),
            now=now,
        )


def _as_splits(parts: Iterable[RefundPart]) -> list[Split]:
    return [Split(part.payee, part.payee_id, part.grower_id, part.fen) for part in parts]


def _move(db: Session, refund: OrderRefund, event: RefundEvent, *, done_at: datetime | None = None) -> None:
    after = rules.move(refund.state, event)
    if not store.move(db, refund_no=refund.refund_no, before=refund.state, after=after, done_at=done_at):
        raise Stale(what="refund")


def _record(
    db: Session,
    refund: OrderRefund,
    action: str,
    actor: Actor,
    now: datetime,
    after: Mapping[str, object],
) -> None:
    audit.record(
        db,
        actor=actor,
        action=f"order.{action}",
        object=("order", refund.order_no),
        after=dict(after),
        now=now,
    )
