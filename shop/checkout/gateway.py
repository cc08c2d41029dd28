"""The question that checkout asks of the room above: who earns what on a sale."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from shop.checkout.types import Commission


class AttributionDesk(Protocol):
    """The question to the room above: which commission does this source token carry?"""

    def __call__(
        self, db: Session, *, source_ref: str, product_ids: Sequence[UUID], buyer_id: UUID, now: datetime
    ) -> Mapping[UUID, Commission]:
        """Give the commission per product; products without one are absent."""
