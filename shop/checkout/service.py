"""Use cases of checkout: quote, place, pay, cancel, expire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from county import clock, money
from county.audit.types import Actor
from county.errors import IllegalMove, NotFound
from county.notices import service as notices
from county.payments import service as payments
from county.payments.types import Payee, PaymentLine
from logistics.rates import service as rates
from shop.catalogue import service as catalogue
from shop.catalogue.types import SkuForSale
from shop.checkout.gateway import AttributionDesk
from shop.checkout.types import (
    BadSource,
    Checkout,
    Commission,
    DirectAlone,
    FreightOverPrice,
    Item,
    QuotedOrder,
    TotalChanged,
)
from shop.orders import rules as order_rules
from shop.orders import service as orders
from shop.orders.types import (
    Address,
    EmptyOrder,
    NewOrder,
    Order,
    OrderEvent,
    OrderLine,
    OrderState,
    SplitOverCap,
)
from shop.refunds import service as refunds
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, Seller

# Longer than the ten minutes that CONTRACTS §3 promises, short enough to free stock the same evening.
PAY_WITHIN = timedelta(minutes=15)


class _Wired:
    attribution: AttributionDesk | None = None


def wire_attribution(desk: AttributionDesk) -> None:
    """Let the room above answer which commission a source token carries."""
    _Wired.attribution = desk


def usable_source(db: Session, *, source_ref: str, buyer_id: UUID, now: datetime) -> str:
    """Give a live-room link back if it is one of ours, and nothing if it was changed.

    For carts: a spoilt link someone else made must not keep a buyer from ordering.
    """
    if not source_ref or _Wired.attribution is None:
        return ""
    try:
        _Wired.attribution(db, source_ref=source_ref, product_ids=[], buyer_id=buyer_id, now=now)
    except BadSource:
        return ""
    return source_ref


def quote(
    db: Session, *, items: Sequence[Item], province: str, buyer_id: UUID, source_ref: str, now: datetime
) -> list[QuotedOrder]:
    """Say, before ordering, what each seller of record will ask for goods and freight.

    Refuses: as `place_order`, but takes nothing.
    """
    planned = _plan(db, items=items, province=province, buyer_id=buyer_id, source_ref=source_ref, now=now)
    return [
        QuotedOrder(seller.name, order.goods_fen, order.freight_fen, order.carrier)
        for seller, order in planned
    ]


def place_order(
    db: Session,
    *,
    buyer_id: UUID,
    items: Sequence[Item],
    address: Address,
    source_ref: str,
    actor: Actor,
    now: datetime,
    shown_fen: int | None = None,
) -> Checkout:
    """Place one order per seller of record, take the stock, fix the splits and open the payment.

    Takes: `shown_fen`, the sum that the buyer agreed to; None when they were shown none.
    Refuses: `EmptyOrder`, `NotFound` (unknown or withdrawn), `OutOfStock`, `SplitOverCap`, `DirectAlone`,
    `NotDelivered`, `TotalChanged`; nothing is taken then.
    """
    planned = _plan(
        db, items=items, province=address.province, buyer_id=buyer_id, source_ref=source_ref, now=now
    )
    total_fen = sum(order.goods_fen + order.freight_fen for _seller, order in planned)
    if shown_fen is not None and total_fen != shown_fen:
        raise TotalChanged(yuan=money.format_yuan(total_fen))
    wanted = _together(items)
    sizes = catalogue.get_for_sale(db, sku_ids=sorted(wanted))
    for size in sizes:
        catalogue.take_stock(db, size=size, quantity=wanted[size.sku_id])
    expires_at = now + PAY_WITHIN
    placed = orders.write_orders(
        db,
        buyer_id=buyer_id,
        orders=[order for _seller, order in planned],
        address=address,
        source_ref=source_ref,
        expires_at=expires_at,
        actor=actor,
        now=now,
    )
    lines = [
        PaymentLine(
            out_trade_no=order.order_no,
            fen=order.total_fen,
            subject=_subject(order),
            payee=_payee(seller),
        )
        for order, (seller, _planned) in zip(placed, planned, strict=True)
    ]
    checkout_no = placed[0].checkout_no
    payments.open_payment(
        db,
        lines=lines,
        returns_to=f"/checkout/{checkout_no}",
        expires_at=expires_at,
        now=now,
        group_no=checkout_no,
    )
    return _checkout(placed)


def pay_url(db: Session, *, checkout_no: str, mobile: bool) -> str:
    """Give the address of the cashier for what is still to be paid; signs only, no network."""
    return payments.start_page_pay(payments.get_group(db, group_no=checkout_no), mobile=mobile)


def get_checkout(db: Session, *, checkout_no: str, buyer_id: UUID) -> Checkout:
    """Give a checkout through its buyer."""
    found = orders.list_orders(db, checkout_no=checkout_no, buyer_id=buyer_id)
    if not found:
        raise NotFound(what="order")
    return _checkout(found)


def cancel_order(db: Session, *, order_no: str, buyer_id: UUID, actor: Actor, now: datetime) -> Order:
    """Cancel an order that nobody has packed yet and put its goods back on sale; what was paid goes back.

    Refuses: `NotFound`, `IllegalMove` once a part of it is packed or it is cancelled.
    """
    order = orders.get_order_locked(db, order_no=order_no, buyer_id=buyer_id)
    if order.state is OrderState.PAID:
        _call_off(db, order=order, actor=actor, now=now)
    else:
        give_up(db, order=order, event=OrderEvent.CANCEL, reason="cancelled_by_buyer", actor=actor, now=now)
    return orders.get_order(db, order_no=order_no)


def _call_off(db: Session, *, order: Order, actor: Actor, now: datetime) -> None:
    """Cancel a paid order, refund all of it that is left, and tell those who would have packed it."""
    if not order_rules.is_unpacked(order):
        raise IllegalMove(what="order", state=OrderState.PACKED.value, event=OrderEvent.CANCEL.value)
    orders.transition(
        db, order=order, event=OrderEvent.CANCEL, actor=actor, now=now, reason="cancelled_by_buyer"
    )
    for sku_id, quantity in sorted(order_rules.pieces(order).items()):
        catalogue.give_back_stock(db, sku_id=sku_id, quantity=quantity)
    refunds.refund_rest(
        db,
        order=orders.get_order(db, order_no=order.order_no),
        key="cancel",
        reason="买家取消订单",
        actor=actor,
        now=now,
    )
    for grower_id in sorted({line.grower_id for line in order.lines}):
        notices.tell(
            db,
            person_id=grower_id,
            code="order_called_off",
            facts={"order": order.order_no},
            link="/packing",
            key=f"order_called_off:{order.order_no}",
            now=now,
        )


def expire_order(db: Session, *, order_no: str, now: datetime) -> None:
    """Cancel an order whose time to pay is over; one that was paid meanwhile is left alone."""
    order = orders.get_order_locked(db, order_no=order_no)
    if order.state is OrderState.AWAITING_PAYMENT and order.expires_at <= now:
        give_up(
            db, order=order, event=OrderEvent.EXPIRE, reason="expired", actor=Actor.system("expiry"), now=now
        )


def give_up(
    db: Session, *, order: Order, event: OrderEvent, reason: str, actor: Actor, now: datetime
) -> None:
    """Cancel an order, put its goods back on sale and close its payment."""
    orders.transition(db, order=order, event=event, actor=actor, now=now, reason=reason)
    for sku_id, quantity in sorted(order_rules.pieces(order).items()):
        catalogue.give_back_stock(db, sku_id=sku_id, quantity=quantity)
    payments.close_payment(db, out_trade_no=order.order_no, actor=actor, now=now)


def _plan(
    db: Session,
    *,
    items: Sequence[Item],
    province: str,
    buyer_id: UUID,
    source_ref: str,
    now: datetime,
) -> list[tuple[Seller, NewOrder]]:
    """Decide one order per seller of record: lines, freight and split plan, by seller name."""
    wanted = _together(items)
    if not wanted:
        raise EmptyOrder()
    sizes = catalogue.get_for_sale(db, sku_ids=sorted(wanted))
    commissions: Mapping[UUID, Commission] = {}
    if source_ref and _Wired.attribution is not None:
        product_ids = [size.product_id for size in sizes]
        commissions = _Wired.attribution(
            db, source_ref=source_ref, product_ids=product_ids, buyer_id=buyer_id, now=now
        )
    by_seller: dict[UUID, list[SkuForSale]] = {}
    for size in sizes:
        by_seller.setdefault(size.seller_id, []).append(size)
    found = {seller_id: sellers.get_seller(db, seller_id=seller_id) for seller_id in by_seller}
    for seller in found.values():
        if seller.mode is MoneyMode.DIRECT and len(found) > 1:
            raise DirectAlone(seller=seller.name)
    return [
        (
            found[seller_id],
            _plan_one(
                db,
                seller=found[seller_id],
                sizes=by_seller[seller_id],
                wanted=wanted,
                province=province,
                commissions=commissions,
                now=now,
            ),
        )
        for seller_id in sorted(by_seller, key=lambda each: (found[each].name, each))
    ]


def _plan_one(
    db: Session,
    *,
    seller: Seller,
    sizes: Sequence[SkuForSale],
    wanted: Mapping[UUID, int],
    province: str,
    commissions: Mapping[UUID, Commission],
    now: datetime,
) -> NewOrder:
    lines = tuple(
        OrderLine(
            sku_id=size.sku_id,
            product_id=size.product_id,
            grower_id=size.grower_id,
            title=size.title,
            sku_name=size.name,
            quantity=wanted[size.sku_id],
            price_fen=size.price_fen,
            weight_g=size.weight_g,
        )
        for size in sizes
    )
    freight = _quote(db, sizes=sizes, wanted=wanted, province=province, now=now)
    splits = order_rules.plan_splits(
        lines,
        freight_fen=freight.freight_fen,
        association_bp=seller.association_bp,
        commissions={key: (each.streamer_id, each.part_bp) for key, each in commissions.items()},
        included_fen=freight.included_fen,
    )
    if any(split.fen < 0 for split in splits):
        raise FreightOverPrice(province=province)
    if seller.mode is MoneyMode.SUB_MERCHANT and order_rules.is_over_cap(splits, cap_bp=seller.cap_bp):
        total_fen = sum(split.fen for split in splits)
        raise SplitOverCap(
            seller=seller.name,
            percent=f"{order_rules.split_off_fen(splits) * 1000 // total_fen / 10:.1f}",
            cap=f"{seller.cap_bp / 100:g}",
        )
    return NewOrder(
        seller_id=seller.id,
        lines=lines,
        goods_fen=sum(line.goods_fen for line in lines),
        freight_fen=freight.freight_fen,
        carrier=freight.carrier,
        splits=splits,
    )


@dataclass(frozen=True)
class _Freight:
    """An order's carrier, what the buyer pays for freight, and what each grower's goods pay (包邮)."""

    carrier: str
    freight_fen: int
    included_fen: Mapping[UUID, int]


def _quote(
    db: Session,
    *,
    sizes: Sequence[SkuForSale],
    wanted: Mapping[UUID, int],
    province: str,
    now: datetime,
) -> _Freight:
    """Quote an order's freight; the buyer pays for the goods without freight in their price alone.

    The goods that include it bear what the whole costs more than that, shared by weight.
    """
    on = clock.county_day(now)
    included_g: dict[UUID, int] = {}
    paid_g = 0
    for size in sizes:
        weight_g = size.weight_g * wanted[size.sku_id]
        if size.freight_included:
            included_g[size.grower_id] = included_g.get(size.grower_id, 0) + weight_g
        else:
            paid_g += weight_g
    all_g = paid_g + sum(included_g.values())
    whole = rates.quote_freight(db, province=province, weight_g=all_g, on=on)
    if not included_g:
        return _Freight(whole.carrier, whole.freight_fen, {})
    paid_fen = 0
    if paid_g:
        paid_fen = rates.quote_freight(db, province=province, weight_g=paid_g, on=on).freight_fen
    shares = money.split(whole.freight_fen - paid_fen, list(included_g.values()))
    return _Freight(whole.carrier, paid_fen, dict(zip(included_g, shares, strict=True)))


def _together(items: Sequence[Item]) -> dict[UUID, int]:
    wanted: dict[UUID, int] = {}
    for item in items:
        wanted[item.sku_id] = wanted.get(item.sku_id, 0) + item.quantity
    return wanted


def _checkout(placed: Sequence[Order]) -> Checkout:
    return Checkout(
        checkout_no=placed[0].checkout_no,
        total_fen=sum(order.total_fen for order in placed),
        expires_at=placed[0].expires_at,
        orders=tuple(placed),
    )


def _payee(seller: Seller) -> Payee:
    if seller.mode is MoneyMode.SUB_MERCHANT:
        return Payee(sub_merchant_id=seller.merchant_id, holds_for_split=True)
    return Payee(seller_id=seller.merchant_id if seller.mode is MoneyMode.DIRECT else "")


def _subject(order: Order) -> str:
    first = order.lines[0]
    return first.title if len(order.lines) == 1 else f"{first.title} 等{len(order.lines)}件"
