"""Use cases of attribution: links, the shop's question, recording sales, a streamer's commissions."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from county import database
from county.errors import NotFound
from livestream.attribution import rules
from livestream.attribution.tables import AttributedSaleRow
from livestream.attribution.types import AttributedSale, Source
from livestream.sessions import service as sessions
from livestream.sessions.types import LiveSession, SessionState
from shop.checkout.types import BadSource, Commission
from shop.orders import service as orders
from shop.orders.types import Payee
from shop.refunds import service as refunds
from shop.refunds.types import OrderRefund

SOLD_IN = (SessionState.CONFIRMED, SessionState.LIVE, SessionState.ENDED)


class Attribution:
    """Makes and reads source tokens with this installation's key; implements the shop's `AttributionDesk`."""

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.new(secret_key.encode(), b"livestream attribution", hashlib.sha256).digest()

    def token(self, *, session_id: UUID, now: datetime) -> str:
        """Make the token that a session's links carry."""
        return rules.make_token(Source(session_id, now), key=self._key)

    def find_session(self, db: Session, *, source_ref: str) -> LiveSession:
        """Find the session of a token; refuses `BadSource` for one that was changed or is not ours."""
        source = rules.read_token(source_ref, key=self._key)
        if source is None:
            raise BadSource()
        try:
            return sessions.get_session(db, session_id=source.session_id)
        except NotFound:
            raise BadSource() from None

    def __call__(
        self, db: Session, *, source_ref: str, product_ids: Sequence[UUID], buyer_id: UUID, now: datetime
    ) -> Mapping[UUID, Commission]:
        """Give the commission of those products that the session shows.

        No commission: the window is over, the session was cancelled, the buyer is the streamer.
        """
        session = self.find_session(db, source_ref=source_ref)
        streamer_id = session.streamer_id
        is_over = not rules.counts(ended_at=session.end_at, now=now)
        if streamer_id is None or streamer_id == buyer_id or is_over or session.state not in SOLD_IN:
            return {}
        promised = {each.product_id: each.commission_bp for each in session.products}
        return {
            product_id: Commission(streamer_id, promised[product_id])
            for product_id in product_ids
            if promised.get(product_id)
        }


class _Wired:
    attribution: Attribution | None = None


def wire_attribution(attribution: Attribution) -> None:
    """Set this process's attribution; the room's wiring does it with the installation's key."""
    _Wired.attribution = attribution


def attribution() -> Attribution:
    """Give this process's attribution."""
    if _Wired.attribution is None:
        raise RuntimeError("no attribution: the livestream room is not connected")
    return _Wired.attribution


def record_sale(db: Session, *, order_no: str, now: datetime) -> bool:
    """Record a paid order as a session's sale, provisional; False when it came from no session.

    Recording the same order again changes nothing.
    """
    order = orders.get_order(db, order_no=order_no)
    source_ref = orders.source_of(db, order_no=order_no)
    commission_fen = sum(split.fen for split in order.splits if split.payee is Payee.STREAMER)
    streamer_id = next((split.payee_id for split in order.splits if split.payee is Payee.STREAMER), None)
    if not source_ref or streamer_id is None:
        return False
    session = attribution().find_session(db, source_ref=source_ref)
    values = {
        "order_no": order_no,
        "session_id": session.id,
        "streamer_id": streamer_id,
        "goods_fen": sum(order.lines[at].goods_fen for at in rules.lines_shown(order, session=session)),
        "commission_fen": commission_fen,
        "sold_at": order.paid_at or now,
        "is_final": False,
    }
    database.insert_once(db, AttributedSaleRow, values)
    return True


def finish_sale(db: Session, *, order_no: str) -> None:
    """Make a sale final: its claim window is over and the commission is booked."""
    db.execute(update(AttributedSaleRow).where(AttributedSaleRow.order_no == order_no).values(is_final=True))


def list_sales(
    db: Session, *, streamer_id: UUID | None = None, session_id: UUID | None = None
) -> list[AttributedSale]:
    """List attributed sales of a streamer or a session, newest first, less what goes back to the buyers."""
    query = select(AttributedSaleRow).order_by(AttributedSaleRow.sold_at.desc(), AttributedSaleRow.order_no)
    if streamer_id is not None:
        query = query.where(AttributedSaleRow.streamer_id == streamer_id)
    if session_id is not None:
        query = query.where(AttributedSaleRow.session_id == session_id)
    sold = [
        AttributedSale(
            order_no=row.order_no,
            session_id=row.session_id,
            streamer_id=row.streamer_id,
            goods_fen=row.goods_fen,
            commission_fen=row.commission_fen,
            sold_at=row.sold_at,
            is_final=row.is_final,
        )
        for row in db.scalars(query)
    ]
    back = refunds.refunds_of(db, order_nos=[sale.order_no for sale in sold])
    less = _less_refunds(db, [sale for sale in sold if back[sale.order_no]], back)
    return [less.get(sale.order_no, sale) for sale in sold]


def _less_refunds(
    db: Session, sales: Sequence[AttributedSale], back: Mapping[str, Sequence[OrderRefund]]
) -> dict[str, AttributedSale]:
    sold = orders.orders_of(db, order_nos={sale.order_no for sale in sales})
    shown = sessions.sessions_of(db, ids={sale.session_id for sale in sales})
    return {
        sale.order_no: rules.less_refunds(
            sale,
            back[sale.order_no],
            lines=rules.lines_shown(sold[sale.order_no], session=shown[sale.session_id]),
        )
        for sale in sales
    }
