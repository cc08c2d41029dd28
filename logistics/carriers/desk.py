"""Whose carrier's things the person who asks may see and change; every page of the room asks here."""

from sqlalchemy.orm import Session

from county import web
from county.audit.types import Actor
from county.errors import NotFound
from county.people.types import Role
from logistics.carriers import service

WRITES_FOR_ALL = (Role.HUB_CLERK, Role.ASSOCIATION_ADMIN)


def seen_carrier(db: Session) -> str | None:
    """Give the carrier that a courier clerk is confined to; None for those who see all.

    Refuses: `NotFound` for a courier clerk of no carrier.
    """
    if web.caller().roles & {*WRITES_FOR_ALL, Role.AUDITOR}:
        return None
    return service.carrier_of_clerk(db, person_id=web.caller().actor_id).name


def changed_carrier(db: Session, *, asked: str) -> str:
    """Give the carrier whose things are changed: a courier clerk's own, whatever was asked for.

    Refuses: `NotFound` for a carrier that is not in the pool, and for a courier clerk of no carrier.
    """
    if not web.caller().roles & set(WRITES_FOR_ALL):
        # An auditor who is also a clerk sees everything, but writes for the own carrier only.
        return service.carrier_of_clerk(db, person_id=web.caller().actor_id).name
    if asked not in {each.name for each in service.list_carriers(db)}:
        raise NotFound(what="carrier")
    return asked


def acting() -> Actor:
    """Give who changes something, in the highest of the roles that may."""
    roles = web.caller().roles
    for role in (Role.ASSOCIATION_ADMIN, Role.HUB_CLERK):
        if role in roles:
            return web.actor(role)
    return web.actor(Role.COURIER_CLERK)
