"""The spoken names of a tour's states, of the ways of working, and of why a parcel stays behind."""

from county.errors import N_
from logistics.routes.types import BaselineName
from logistics.tours.types import LeftOut, LineState, TourState, TripState

TOUR_STATES: dict[TourState, tuple[str, str]] = {
    TourState.PLANNING: (N_("Being planned"), "warn"),
    TourState.DRAFT: (N_("Draft"), "warn"),
    TourState.PUBLISHED: (N_("Published"), "today"),
    TourState.FINISHED: (N_("All vans are back"), "good"),
    TourState.WITHDRAWN: (N_("Taken back"), ""),
    TourState.FAILED: (N_("Did not work"), "bad"),
}
TRIP_STATES: dict[TripState, tuple[str, str]] = {
    TripState.WAITING: (N_("At the hub"), ""),
    TripState.ON_ROAD: (N_("On the road"), "today"),
    TripState.BACK: (N_("Back"), "good"),
}
LINE_STATES: dict[LineState, tuple[str, str]] = {
    LineState.WAITING: (N_("Still to do"), ""),
    LineState.DELIVERED: (N_("At the pick-up station"), "good"),
    LineState.COLLECTED: (N_("Collected"), "good"),
    LineState.NOT_THERE: (N_("Nobody there"), "bad"),
    LineState.DROPPED: (N_("Not on this tour any more"), ""),
}
BASELINES: dict[BaselineName, tuple[str, str]] = {
    BaselineName.ALONE: (
        N_("Each courier alone"),
        N_("Every courier drives to all its villages itself, every day."),
    ),
    BaselineName.THIRD_DAY: (
        N_("Every third day"),
        N_("Every courier serves each village every third day; the cost of a mean day."),
    ),
    BaselineName.TOWN_ONLY: (
        N_("Only to the towns"),
        N_("Couriers stop at the towns, and people fetch their parcels there."),
    ),
    BaselineName.SEPARATE_COLLECTION: (
        N_("Collecting apart"),
        N_("Delivery is joint, but farm parcels are collected on trips of their own."),
    ),
}
LEFT_OUT: dict[LeftOut, str] = {
    LeftOut.OVER_CAPACITY: N_("Too big or too heavy for every van"),
    LeftOut.UNREACHABLE: N_("No road leads to its station"),
    LeftOut.DUE_IMPOSSIBLE: N_("No van can be there and back in time"),
    LeftOut.NO_VEHICLE_LEFT: N_("No van is left for it"),
    LeftOut.UNKNOWN_STATION: N_("Its station is on no list"),
}
