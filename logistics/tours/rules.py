"""Decisions about tours: their moves, which parcels a day's plan is made from, what a stop's end means."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from county.errors import IllegalMove
from logistics.parcels.types import Direction, Parcel, ParcelState
from logistics.routes import types as routes
from logistics.routes.types import Instance, Road, Station, StationKind, VehicleType
from logistics.tours.types import LineState, TourEvent, TourState, TripEvent, TripState

S, E = TourState, TourEvent
MOVES: dict[tuple[TourState, TourEvent], TourState] = {
    (S.PLANNING, E.PLAN): S.DRAFT,
    (S.PLANNING, E.FAIL): S.FAILED,
    (S.PLANNING, E.WITHDRAW): S.WITHDRAWN,
    (S.DRAFT, E.PUBLISH): S.PUBLISHED,
    (S.DRAFT, E.WITHDRAW): S.WITHDRAWN,
    (S.PUBLISHED, E.WITHDRAW): S.WITHDRAWN,
    (S.PUBLISHED, E.FINISH): S.FINISHED,
}
TRIP_MOVES: dict[tuple[TripState, TripEvent], TripState] = {
    (TripState.WAITING, TripEvent.LEAVE): TripState.ON_ROAD,
    (TripState.ON_ROAD, TripEvent.RETURN): TripState.BACK,
}
# Only one tour at a time may be in the making: two would be made from the same parcels.
OPEN_STATES = (S.PLANNING, S.DRAFT)
WITHDRAWABLE = tuple(state for state, event in MOVES if event is E.WITHDRAW)
PLANNABLE_IN = (ParcelState.IN_TRANSIT,)
PLANNABLE_OUT = (ParcelState.PENDING,)
# What can lie in the van when it leaves; a parcel that never came to the hub, or went elsewhere, cannot.
LOADABLE = (ParcelState.IN_TRANSIT, ParcelState.OUT_FOR_DELIVERY)


def move(state: TourState, event: TourEvent) -> TourState:
    """Give a tour's state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="tour", state=state.value, event=event.value) from None


def move_trip(state: TripState, event: TripEvent) -> TripState:
    """Give a trip's state after what its driver does; raises `IllegalMove` when it is not possible."""
    try:
        return TRIP_MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="trip", state=state.value, event=event.value) from None


def build_instance(
    *,
    stations: Sequence[Station],
    roads: Sequence[Road],
    fleet: Sequence[VehicleType],
    parcels: Iterable[Parcel],
    departs_at: datetime,
) -> tuple[Instance, list[Parcel]]:
    """Make the planner's input from open parcels, sorted by number so that the order of rows is no matter.

    Gives: the input, and the parcels whose station is on no list. A parcel that should have arrived before
    the vans leave has no due time any more: it goes with the first plan that has room.
    """
    hub = next(station for station in stations if station.kind is StationKind.HUB)
    known = {station.station for station in stations if station.kind is StationKind.STATION}
    everything = sorted(parcels, key=lambda parcel: parcel.parcel_no)
    instance = Instance(
        stations=tuple(stations),
        roads=tuple(roads) or None,
        parcels=tuple(_planned(each, departs_at) for each in everything if each.station in known),
        fleet=tuple(fleet),
        hub=hub,
    )
    return instance, [each for each in everything if each.station not in known]


def _planned(parcel: Parcel, departs_at: datetime) -> routes.Parcel:
    ready_s = max(0, round((parcel.ready_at - departs_at).total_seconds()))
    due_s = None if parcel.due_at is None else round((parcel.due_at - departs_at).total_seconds())
    return routes.Parcel(
        parcel=parcel.parcel_no,
        courier=parcel.carrier,
        direction=routes.Direction(parcel.direction.value),
        station=parcel.station,
        units=parcel.units,
        weight_g=parcel.weight_g,
        ready_s=ready_s,
        due_s=due_s if due_s is not None and due_s > ready_s else None,
    )


def only_served(instance: Instance, served: Collection[str]) -> Instance:
    """Give the input with only the parcels that a plan serves."""
    kept = tuple(parcel for parcel in instance.parcels if parcel.parcel in served)
    return Instance(instance.stations, instance.roads, kept, instance.fleet, instance.hub)


def line_done(direction: Direction, *, is_done: bool) -> LineState:
    """Say what became of a parcel at its stop."""
    if not is_done:
        return LineState.NOT_THERE
    return LineState.DELIVERED if direction is Direction.IN else LineState.COLLECTED
