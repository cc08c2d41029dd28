"""Source tokens and attributed sales."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Source:
    """Where a buyer came from: a session's link, made at a time."""

    session_id: UUID
    made_at: datetime


@dataclass(frozen=True)
class AttributedSale:
    """A paid order that came through a session's link; provisional until its claim window ends.

    `goods_fen` of what the session showed and `commission_fen` are less what goes back to the buyer.
    """

    order_no: str
    session_id: UUID
    streamer_id: UUID
    goods_fen: int
    commission_fen: int
    sold_at: datetime
    is_final: bool

    @property
    def is_returned(self) -> bool:
        """Tell whether nothing of it is left, neither goods nor commission."""
        return self.goods_fen == self.commission_fen == 0
