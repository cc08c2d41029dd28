"""People: adding, finding and naming them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.ids import new_id
from county.people import store
from county.people.tables import PersonRow, RoleRow
from county.people.types import Person, PhoneTaken, Role


def register_person(
    db: Session,
    *,
    name: str,
    phone: str | None,
    roles: Iterable[Role],
    actor: Actor,
    now: datetime,
    password_hash: str | None = None,
    person_id: UUID | None = None,
) -> Person:
    """Add a person with their first roles.

    Refuses: `PhoneTaken` when the number has an account.
    """
    row = PersonRow(
        id=person_id or new_id(), name=name, phone=phone, password_hash=password_hash, created_at=now
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise PhoneTaken() from None
    wanted = sorted(set(roles))
    for role in wanted:
        db.add(RoleRow(person_id=row.id, role=role, granted_at=now))
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="person.registered",
        object=("person", str(row.id)),
        after={"roles": [str(role) for role in wanted]},
        personal={"name": name, "phone": phone or ""},
        now=now,
    )
    return store.to_person(db, row)


def get_person(db: Session, *, person_id: UUID) -> Person:
    """Give a person by id."""
    row = db.get(PersonRow, person_id)
    if row is None:
        raise NotFound(what="person")
    return store.to_person(db, row)


def find_person_by_phone(db: Session, *, phone: str) -> Person | None:
    """Find a person by phone number."""
    row = store.find_by_phone(db, phone=phone)
    return store.to_person(db, row) if row else None


def list_people_with_role(db: Session, *, role: Role) -> list[Person]:
    """List the people who have a role, by name."""
    return store.list_by_role(db, role=role)


def names_of(db: Session, *, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the names of these people by id."""
    return store.names(db, ids=list(ids))


def has_anybody(db: Session) -> bool:
    """Tell whether the installation has any person yet."""
    return db.query(PersonRow.id).first() is not None
