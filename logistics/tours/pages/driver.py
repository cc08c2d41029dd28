"""The driver's pages on a phone: the next stop with its parcels, the whole list; plain forms, no script."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.audit.types import Actor
from county.people.rules import mask_name
from county.people.types import Role
from county.web import allow, own
from logistics.parcels.types import Direction
from logistics.tours import forms, service
from logistics.tours.types import DriverDay, LineState, TourStop, TourTrip, TripState

pages = Blueprint("driving", __name__)


@pages.get("/driving")
@allow(own(Role.DRIVER))
def show_driving() -> ResponseReturnValue:
    """Show what this driver does next: load and leave, the next stop, or come back."""
    with database.reading() as db:
        day = service.find_driver_day(db, driver_id=web.caller().actor_id)
    if day is None:
        return render_template("logistics/tours/driving.html", day=None)
    trip = next(each for each in day.trips if each.state is not TripState.BACK)
    stop = next((each for each in trip.stops if each.done_at is None), None)
    return render_template(
        "logistics/tours/driving.html",
        day=day,
        trip=trip,
        stop=stop if trip.state is TripState.ON_ROAD else None,
        is_on_road=trip.state is TripState.ON_ROAD,
        stop_name=day.stations.get(stop.station, stop.station) if stop else "",
        arrives_at=day.tour.departs_at + timedelta(seconds=stop.arrives_s) if stop else None,
        leaves_at=day.tour.departs_at + timedelta(seconds=trip.departs_s),
        to_load=_lines(day, trip.stops, Direction.IN),
        deliver=_lines(day, [stop], Direction.IN) if stop else [],
        collect=_lines(day, [stop], Direction.OUT) if stop else [],
        left=sum(each.done_at is None for each in trip.stops),
    )


@pages.get("/driving/stops")
@allow(own(Role.DRIVER))
def show_stops() -> ResponseReturnValue:
    """Show all stops of this driver's day in order."""
    with database.reading() as db:
        day = service.find_driver_day(db, driver_id=web.caller().actor_id)
    trips = [] if day is None else [(trip, _stops(day, trip)) for trip in day.trips]
    return render_template("logistics/tours/stops.html", day=day, trips=trips)


@pages.post("/driving/trips/<uuid:trip_id>/leave")
@allow(own(Role.DRIVER))
def leave(trip_id: UUID) -> ResponseReturnValue:
    """Leave the hub: the trip's parcels are in the van."""

    def work(db: Session) -> str:
        service.leave_hub(
            db, trip_id=trip_id, driver_id=web.caller().actor_id, actor=_actor(), now=clock.now()
        )
        return url_for("driving.show_driving")

    answer = web.once_page(work)
    web.flash_said(gettext("Have a safe trip."))
    return answer


@pages.post("/driving/stops/<uuid:stop_id>/end")
@allow(own(Role.DRIVER))
def end_stop(stop_id: UUID) -> ResponseReturnValue:
    """End a stop: what was ticked was handed over or came aboard, the rest was not there."""
    done = forms.read_done()
    missed: list[int] = []

    def work(db: Session) -> str:
        stop = service.end_stop(
            db,
            stop_id=stop_id,
            driver_id=web.caller().actor_id,
            done=done,
            actor=_actor(),
            now=clock.now(),
        )
        missed.append(sum(line.parcel_no not in done for line in stop.lines))
        return url_for("driving.show_driving")

    answer = web.once_page(work)
    if missed and missed[-1]:
        web.flash_said(
            ngettext("Noted; %(num)s parcel stays open.", "Noted; %(num)s parcels stay open.", missed[-1]),
            "warn",
        )
    else:
        web.flash_said(gettext("Noted. On to the next stop."))
    return answer


@pages.post("/driving/trips/<uuid:trip_id>/return")
@allow(own(Role.DRIVER))
def come_back(trip_id: UUID) -> ResponseReturnValue:
    """Come back to the hub with what was collected."""

    def work(db: Session) -> str:
        service.return_to_hub(
            db, trip_id=trip_id, driver_id=web.caller().actor_id, actor=_actor(), now=clock.now()
        )
        return url_for("driving.show_driving")

    answer = web.once_page(work)
    web.flash_said(gettext("Welcome back. Hand what you collected to the hub's scan."))
    return answer


def _actor() -> Actor:
    return web.actor(Role.DRIVER)


def _lines(
    day: DriverDay, stops: list[TourStop] | tuple[TourStop, ...], direction: Direction
) -> list[dict[str, object]]:
    """Give the parcels still to do as the driver sees them: number, masked name, courier, weight."""
    return [
        {
            "parcel_no": line.parcel_no,
            "waybill": day.parcels[line.parcel_no].waybill,
            "name": mask_name(day.parcels[line.parcel_no].consignee.name),
            "carrier": day.parcels[line.parcel_no].carrier,
            "weight_g": day.parcels[line.parcel_no].weight_g,
        }
        for stop in stops
        for line in stop.lines
        if line.direction is direction and line.state is LineState.WAITING
    ]


def _stops(day: DriverDay, trip: TourTrip) -> list[dict[str, object]]:
    following = next((stop.id for stop in trip.stops if stop.done_at is None), None)
    return [
        {
            "name": day.stations.get(stop.station, stop.station),
            "at": day.tour.departs_at + timedelta(seconds=stop.arrives_s),
            "note": gettext(
                "%(deliver)s to deliver, %(collect)s to collect",
                deliver=sum(line.direction is Direction.IN for line in stop.lines),
                collect=sum(line.direction is Direction.OUT for line in stop.lines),
            ),
            "state": "done"
            if stop.done_at
            else "next"
            if stop.id == following and trip.state is TripState.ON_ROAD
            else "",
        }
        for stop in trip.stops
    ]
