"""Turns the address of the parcels' list into typed values."""

from datetime import datetime
from uuid import UUID

from flask import request

from county import web
from county.web.types import BadCursor
from logistics.parcels.types import Direction, Parcel, ParcelOrder, ParcelQuery, ParcelState


def read_query(*, carrier: str | None) -> ParcelQuery:
    """Read which parcels are wanted; what is not understood counts as not said.

    Takes: `carrier`, the only one whose parcels may be seen, when there is one.
    """
    sort = request.args.get("sort", "-" + ParcelOrder.TAKEN_IN_AT.value)
    order = sort.removeprefix("-")
    asked = request.args.get("carrier", "").strip()[:60]
    state, direction = request.args.get("state", ""), request.args.get("direction", "")
    is_order = order in set(ParcelOrder)
    return ParcelQuery(
        number=request.args.get("q", "").strip()[:40],
        carrier=carrier or asked or None,
        state=ParcelState(state) if state in set(ParcelState) else None,
        direction=Direction(direction) if direction in set(Direction) else None,
        order=ParcelOrder(order) if is_order else ParcelOrder.TAKEN_IN_AT,
        falls=sort.startswith("-") or not is_order,
    )


def read_place(query: ParcelQuery) -> tuple[int, tuple[object, UUID] | None]:
    """Read how many parcels a page has and after which it begins; refuses `BadCursor`."""
    limit, after = web.page_wanted()
    if after is None:
        return limit, None
    try:
        order, value, last_id = after
        return limit, (_sort_value(query.order, order, value), UUID(last_id))
    except (ValueError, TypeError, AttributeError):
        raise BadCursor() from None


def _sort_value(wanted: ParcelOrder, order: str, value: object) -> object:
    if order != wanted.value:
        raise ValueError(order)
    if wanted is ParcelOrder.TAKEN_IN_AT:
        at = datetime.fromisoformat(str(value))
        if at.tzinfo is None:
            raise ValueError(value)
        return at
    if type(value) is not (int if wanted is ParcelOrder.WEIGHT_G else str):
        raise TypeError(value)
    return value


def place_of(parcel: Parcel, query: ParcelQuery) -> list[object]:
    """Give the place of a parcel in a query's order, as `read_place` reads it."""
    value = getattr(parcel, query.order.value)
    # Written out here: the common serialiser keeps milliseconds only.
    return [query.order.value, value.isoformat() if isinstance(value, datetime) else value, str(parcel.id)]
