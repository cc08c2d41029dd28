"""Makers of packed and delivered orders, pictures, claims and refunds that took effect."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from county import ids
from county.files import service as files
from county.files.service import KeptPicture
from county.payments import service as payments
from county.payments.gateway import Done
from county.people.types import Person
from logistics.tracking import service as tracking
from logistics.tracking.types import Cause, EventKind, Reason, Source
from shop.aftersales import handlers, service
from shop.aftersales.types import Asked, Claim, ClaimKind, ClaimReason
from shop.catalogue import service as catalogue
from shop.catalogue.types import Category, NewSku, Product
from shop.orders import service as orders
from shop.orders.types import Order
from shop.packing import service as packing
from shop.refunds import service as refunds
from shop.refunds.types import RefundDone
from tests.makers.people import NOW, ROBOT
from tests.makers.shop import make_grower, pay, place

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Packed in the evening, with the courier next day, in the buyer's hands two days later.
COLLECTED_AT, DEPARTED_AT, DELIVERED_AT = NOW + 2 * HOUR, NOW + 8 * HOUR, NOW + 2 * DAY
SEEN_AT = DELIVERED_AT + HOUR
WAY = (
    (EventKind.COLLECTED_FROM_SENDER, COLLECTED_AT),
    (EventKind.LINEHAUL_DEPARTED, DEPARTED_AT),
    (EventKind.COLLECTED, DELIVERED_AT),
)


def make_fruit(
    db: Session,
    *,
    grower: Person | None = None,
    title: str = "狮头柑",
    price_fen: int = 6850,
    category: Category = Category.FRUIT,
) -> Product:
    """Put fruit on sale, 2 kg a box."""
    product_id = catalogue.list_product(
        db,
        grower_id=(grower or make_grower(db)).id,
        title=title,
        description="",
        category=category,
        skus=[NewSku("10 只装", price_fen, 1000, 100)],
        picture_id=None,
        actor=ROBOT,
        now=NOW,
    )
    return catalogue.get_product(db, product_id=product_id)


def make_paid(db: Session, *products: Product, quantity: int = 1, buyer_id: UUID | None = None) -> Order:
    """Have an order of one seller paid; needs a rate card."""
    order = place(db, *products, quantity=quantity, buyer_id=buyer_id).orders[0]
    pay(db, order.order_no, fen=order.total_fen)
    return read(db, order)


def make_packed(db: Session, *products: Product, quantity: int = 1, buyer_id: UUID | None = None) -> Order:
    """Have an order paid and packed by all its growers."""
    order = make_paid(db, *products, quantity=quantity, buyer_id=buyer_id)
    for part in order.consignments:
        packing.pack(db, order_no=order.order_no, grower_id=part.grower_id, actor=ROBOT, now=NOW)
    return read(db, order)


def make_delivered(
    db: Session,
    *products: Product,
    quantity: int = 1,
    buyer_id: UUID | None = None,
    way: tuple[tuple[EventKind, datetime], ...] = WAY,
) -> Order:
    """Have an order delivered; `way` is what tracking knows of each of its parcels."""
    order = make_packed(db, *products, quantity=quantity, buyer_id=buyer_id)
    for part in order.consignments:
        assert part.parcel_no is not None
        for kind, at in way:
            travel(db, part.parcel_no, kind, at)
    return read(db, order)


def travel(
    db: Session,
    parcel_no: str,
    kind: EventKind,
    at: datetime,
    reason: Reason = Reason.UNSAID,
    cause: Cause = Cause.UNSAID,
    *,
    source: Source = Source.SCAN,
    recorded_at: datetime | None = None,
) -> None:
    """Let something happen to a parcel, recorded at once unless told otherwise, and its order follow."""
    state = tracking.record_event(
        db,
        parcel_no=parcel_no,
        kind=kind,
        at=at,
        where="",
        source=source,
        actor=ROBOT,
        now=recorded_at or at,
        reason=reason,
        cause=cause,
    )
    packing.follow_parcel(db, parcel_no=parcel_no, state=state, now=at)


def read(db: Session, order: Order) -> Order:
    """Give an order as it is now."""
    return orders.get_order(db, order_no=order.order_no)


def make_picture(db: Session, *, owner_id: UUID) -> UUID:
    """Record a picture as somebody's, without bytes."""
    kept = KeptPicture(sha256=ids.new_id().hex * 2, width=480, height=360)
    return files.record_picture(db, kept=kept, owner_id=owner_id, now=NOW).id


def spoiled(db: Session, order: Order, *, of: tuple[int, int] = (3, 10), position: int = 0) -> Asked:
    """Ask for n of m spoiled, with a picture."""
    picture = make_picture(db, owner_id=order.buyer_id)
    return Asked(position, ClaimKind.SPOILED, ClaimReason.SPOILED, of[0], of[1], "烂了", (picture,))


def asked(kind: ClaimKind, reason: ClaimReason, *, says: str = "没有收到", position: int = 0) -> Asked:
    """Ask for a refund or a return."""
    return Asked(position, kind, reason, 0, 0, says, ())


def claim(db: Session, order: Order, wanted: Asked | None = None, *, now: datetime = SEEN_AT) -> Claim:
    """Open a claim, of 3 of 10 spoiled when nothing else is wanted."""
    return service.open_claim(
        db,
        order_no=order.order_no,
        buyer_id=order.buyer_id,
        asked=wanted or spoiled(db, order),
        actor=ROBOT,
        now=now,
    )


def finish_refund(db: Session, found: Claim, *, now: datetime = SEEN_AT) -> Claim:
    """Let Alipay pay a claim's refund back and the shop hear of it."""
    (refund,) = [
        each for each in refunds.list_refunds(db, order_no=found.order_no) if each.key == found.refund_key
    ]
    instruction = payments.find_instruction(db, key=f"refund:{refund.refund_no}")
    assert instruction is not None
    payments.begin_instruction(db, instruction_id=instruction.id, now=now)
    payments.close_instruction(db, instruction_id=instruction.id, outcome=Done(), now=now)
    done = RefundDone(refund.order_no, refund.refund_no, refund.key, refund.fen)
    handlers.on_refund_done(db, done, now)
    return service.get_file(db, claim_no=found.claim_no).claim
