"""Opening a claim: what it would bring, and making it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county import ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import N_, NotFound, Refused
from county.files import service as files
from shop.aftersales import rules, store
from shop.aftersales.service import amounts
from shop.aftersales.service.addresses import ask_for_address
from shop.aftersales.service.moving import read_claim
from shop.aftersales.service.telling import tell_grower, written
from shop.aftersales.tables import ClaimPictureRow, ClaimRow
from shop.aftersales.types import (
    Asked,
    BadClaim,
    Choice,
    Claim,
    ClaimDecided,
    ClaimIsOpen,
    ClaimKind,
    ClaimState,
    Expected,
    NothingLeft,
    Party,
)
from shop.catalogue import service as catalogue
from shop.catalogue.types import Category
from shop.lots import service as lots
from shop.orders import service as orders
from shop.orders.types import Order, OrderLine


def expect_claim(db: Session, *, order_no: str, buyer_id: UUID, asked: Asked, now: datetime) -> Expected:
    """Say what a claim would bring, as it would be decided now; changes nothing.

    Refuses: what `open_claim` refuses.
    """
    order = orders.get_order(db, order_no=order_no, buyer_id=buyer_id)
    return _expect(db, order=order, asked=asked, now=now)


def open_claim(
    db: Session, *, order_no: str, buyer_id: UUID, asked: Asked, actor: Actor, now: datetime
) -> Claim:
    """Open a claim on a line of a buyer's order; the grower has 24 hours to decide.

    Refuses: `NotFound`, `NotClaimable`, `ClaimLate`, `NoReturnForFresh`, `BadClaim`, `ClaimIsOpen`,
    `ClaimDecided`, `NothingLeft`.
    """
    order = orders.get_order_locked(db, order_no=order_no, buyer_id=buyer_id)
    expected = _expect(db, order=order, asked=asked, now=now)
    line = order.lines[asked.position]
    row = ClaimRow(
        id=ids.new_id(),
        number=ids.new_number("SQ"),
        order_id=order.id,
        order_no=order.order_no,
        position=asked.position,
        title=line.title,
        carrier=order.carrier,
        kind=asked.kind,
        reason=asked.reason,
        spoiled=asked.spoiled,
        pieces=asked.pieces,
        goods_fen=expected.goods_fen,
        freight_fen=expected.freight_fen,
        says=asked.says,
        state=ClaimState.OPEN,
        due_at=expected.decide_until,
        buyer_id=order.buyer_id,
        grower_id=line.grower_id,
        lot_id=_lot_of(db, order_no=order.order_no, position=asked.position),
        opened_at=now,
    )
    db.add(row)
    db.flush()
    for position, picture_id in enumerate(asked.picture_ids):
        db.add(ClaimPictureRow(claim_id=row.id, position=position, picture_id=picture_id))
    store.add_step(db, claim_id=row.id, event=None, party=Party.BUYER, says=asked.says, now=now)
    audit.record(
        db,
        actor=actor,
        action="claim.opened",
        object=("claim", row.number),
        after={"order": order_no, "line": asked.position, "kind": asked.kind.value, "fen": expected.fen},
        now=now,
    )
    claim = read_claim(db, claim_no=row.number)
    tell_grower(db, claim=claim, code="claim_opened", now=now)
    if asked.kind is ClaimKind.RETURN:
        ask_for_address(db, order=order, key=claim.claim_no, now=now)
    return claim


def list_choices(db: Session, *, order: Order, position: int, now: datetime) -> list[Choice]:
    """List the kinds of claims for a line of an order, each with its end or why it is not possible."""
    line = order.lines[position]
    fresh = rules.is_fresh(category_of(db, line=line), line.title)
    earlier = list_on_line(db, order_no=order.order_no, position=position)
    choices = []
    for kind in ClaimKind:
        until_at, refusal = rules.claim_until(order, kind), None
        try:
            rules.require_claimable(order, kind, fresh=fresh, now=now, written=written(until_at))
            _require_free(earlier, kind=kind)
        except Refused as refused:
            refusal = refused
        choices.append(Choice(kind, until_at, refusal))
    return choices


def usual_pieces(db: Session, *, order: Order, position: int) -> str:
    """Give how many pieces the form begins with: those of the first claim, else none, to be counted."""
    paid = amounts.paid_spoiled(list_on_line(db, order_no=order.order_no, position=position))
    return str(paid[0].pieces) if paid else ""


def category_of(db: Session, *, line: OrderLine) -> Category:
    """Give the kind of goods of an order's line."""
    return catalogue.find_for_sale(db, sku_ids=[line.sku_id])[line.sku_id].category


def _expect(db: Session, *, order: Order, asked: Asked, now: datetime) -> Expected:
    line = rules.line_of(order, asked.position)
    if line is None:
        raise NotFound(what="line of this order")
    rules.require_claimable(
        order,
        asked.kind,
        fresh=rules.is_fresh(category_of(db, line=line), line.title),
        now=now,
        written=written(rules.claim_until(order, asked.kind)),
    )
    earlier = list_on_line(db, order_no=order.order_no, position=asked.position)
    _require_free(earlier, kind=asked.kind)
    paid = amounts.paid_spoiled(earlier)
    rules.require_asked(asked, quantity=line.quantity, earlier=paid)
    _require_own_pictures(db, order=order, asked=asked)
    amount = amounts.amount(
        db,
        order=order,
        position=asked.position,
        kind=asked.kind,
        reason=asked.reason,
        spoiled=asked.spoiled,
        pieces=asked.pieces,
        before=sum(claim.spoiled for claim in paid),
    )
    if amount.goods_fen == 0:
        raise NothingLeft()
    decide_until = now + rules.WAITS[ClaimState.OPEN]
    return Expected(line.title, amount.goods_fen, amount.freight_fen, decide_until)


def list_on_line(db: Session, *, order_no: str, position: int) -> list[Claim]:
    """List the claims on a line of an order, newest first."""
    rows = store.list_rows(db, order_no=order_no)
    return [store.to_claim(row) for row in rows if row.position == position]


def _require_free(earlier: list[Claim], *, kind: ClaimKind) -> None:
    for claim in earlier:
        if claim.state in rules.UNSETTLED:
            raise ClaimIsOpen(claim_no=claim.claim_no)
        if claim.state is ClaimState.CLOSED and claim.kind is kind:
            raise ClaimDecided(claim_no=claim.claim_no)


def _require_own_pictures(db: Session, *, order: Order, asked: Asked) -> None:
    own = files.own_pictures(db, ids=asked.picture_ids, owner_id=order.buyer_id)
    if len(own) != len(asked.picture_ids):
        raise BadClaim(field="picture", why=N_("a picture is missing; please take it again."))


def _lot_of(db: Session, *, order_no: str, position: int) -> UUID | None:
    uses = lots.list_uses(db, order_no=order_no)
    return next((use.lot_id for use in uses if use.position == position), None)
