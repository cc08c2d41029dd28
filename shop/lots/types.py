"""Lots, what can happen to them, and which lines of orders they went into."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused

LotId = NewType("LotId", UUID)


class LotState(StrEnum):
    """Whether a lot is packed from: open, used up, or stopped because something is wrong with it."""

    OPEN = "open"
    CLOSED = "closed"
    STOPPED = "stopped"


class LotEvent(StrEnum):
    """What happens to a lot."""

    CLOSE = "close"
    STOP = "stop"


@dataclass(frozen=True)
class Lot:
    """What a grower harvested or made together of one product."""

    id: LotId
    lot_no: str
    product_id: UUID
    grower_id: UUID
    state: LotState
    made_on: date
    note: str
    opened_at: datetime
    closed_at: datetime | None
    stopped_at: datetime | None
    stop_reason: str
    version: int


@dataclass(frozen=True)
class PackedLine:
    """A line of an order that is packed now: how many pieces of which product."""

    position: int
    product_id: UUID
    quantity: int


@dataclass(frozen=True)
class LotUse:
    """A line of an order that was packed from a lot."""

    lot_id: LotId
    order_no: str
    position: int
    quantity: int
    buyer_id: UUID
    packed_at: datetime


@dataclass(frozen=True)
class LotStopped:
    """A lot was stopped: its buyers are told."""

    lot_no: str


class BadLot(Refused):
    """The lot's day or note cannot be."""

    code = "bad_lot"
    says = N_("This lot cannot be opened: {why}")
    status = 422
