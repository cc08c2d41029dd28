"""Makers of people, roles and consents."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.ids import new_id
from county.people import service
from county.people.types import Person, Role, Scope

NOW = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)
ROBOT = Actor.system("test")
_phones = count(13_800_000_000)


def make_person(db: Session, *roles: Role, name: str = "张三", phone: str | None = None) -> Person:
    """Register a person with these roles."""
    number = phone or str(next(_phones))
    return service.register_person(db, name=name, phone=number, roles=roles, actor=ROBOT, now=NOW)


def make_farmer(db: Session, *, name: str = "王秀英") -> Person:
    """Register a farmer."""
    return make_person(db, Role.FARMER, name=name)


def make_buyer(db: Session, *, name: str = "李明") -> Person:
    """Register a buyer."""
    return make_person(db, Role.BUYER, name=name)


def make_consent(
    db: Session, *, farmer_id: UUID, agent_id: UUID, scopes: tuple[Scope, ...] = tuple(Scope)
) -> UUID:
    """Record a consent that holds from a day before NOW for a year."""
    return service.give_consent(
        db,
        farmer_id=farmer_id,
        agent_id=agent_id,
        scopes=scopes,
        paper_ref=f"委托-{new_id()}",
        starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=365),
        actor=ROBOT,
        now=NOW,
    )
