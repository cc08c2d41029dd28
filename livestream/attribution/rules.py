"""Making and reading source tokens, how long they count, and what refunds leave of a sale."""

import base64
import hashlib
import hmac
import struct
from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from livestream.attribution.types import AttributedSale, Source
from livestream.sessions.types import LiveSession
from shop.orders.types import Order, Payee
from shop.refunds.types import OrderRefund, RefundState

# A buyer may think it over for a week after the session has ended.
WINDOW = timedelta(days=7)
_SIGNATURE_BYTES = 16


def make_token(source: Source, *, key: bytes) -> str:
    """Sign a source: 36 bytes in URL-safe base64, HMAC-SHA256 cut to 128 bits."""
    body = source.session_id.bytes + struct.pack(">I", int(source.made_at.timestamp()))
    return base64.urlsafe_b64encode(body + _sign(body, key)).decode().rstrip("=")


def read_token(token: str, *, key: bytes) -> Source | None:
    """Read a source whose signature is right; None for anything else."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, TypeError):
        return None
    if len(raw) != 20 + _SIGNATURE_BYTES:
        return None
    body, signature = raw[:20], raw[20:]
    if not hmac.compare_digest(signature, _sign(body, key)):
        return None
    if token != base64.urlsafe_b64encode(raw).decode().rstrip("="):
        return None
    (seconds,) = struct.unpack(">I", body[16:])
    return Source(session_id=UUID(bytes=body[:16]), made_at=datetime.fromtimestamp(seconds, UTC))


def counts(*, ended_at: datetime, now: datetime) -> bool:
    """Tell whether a link of a session that ends at `ended_at` still earns commission."""
    return now < ended_at + WINDOW


def lines_shown(order: Order, *, session: LiveSession) -> frozenset[int]:
    """Give the positions of those lines of an order whose products the session shows."""
    shown = {each.product_id for each in session.products}
    return frozenset(at for at, line in enumerate(order.lines) if line.product_id in shown)


def less_refunds(
    sale: AttributedSale, refunds: Iterable[OrderRefund], *, lines: Container[int]
) -> AttributedSale:
    """Take off a sale what goes back of its lines, and of its commission, with refunds not refused."""
    going = [refund for refund in refunds if refund.state is not RefundState.REFUSED]
    goods_fen = sum(fen for refund in going for at, fen in refund.goods if at in lines)
    commission_fen = sum(
        part.fen for refund in going for part in refund.parts if part.payee is Payee.STREAMER
    )
    return replace(
        sale, goods_fen=sale.goods_fen - goods_fen, commission_fen=sale.commission_fen - commission_fen
    )


def _sign(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"livestream source" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
