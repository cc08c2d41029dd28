"""From which desk the person who asks takes reports back; the page of a parcel asks here too."""

from sqlalchemy.orm import Session

from county import web
from county.people.types import Role
from logistics.mishaps import service
from logistics.mishaps.types import Desk
from logistics.tracking.types import TrackingEvent

# Who has several of these roles sits at the first of their desks.
DESKS = {
    Role.ASSOCIATION_ADMIN: Desk.ASSOCIATION,
    Role.HUB_CLERK: Desk.HUB,
    Role.STATION_KEEPER: Desk.STATION,
}


def role() -> Role | None:
    """Give the role in which the person who asks takes reports back; None for all others."""
    return next((each for each in DESKS if each in web.caller().roles), None)


def list_reports(db: Session, *, parcel_no: str) -> list[TrackingEvent]:
    """List the reports on a parcel that the person who asks can take back, newest first."""
    asking = role()
    if asking is None:
        return []
    keeper_id = web.caller().actor_id
    return service.list_to_take_back(db, parcel_no=parcel_no, desk=DESKS[asking], keeper_id=keeper_id)
