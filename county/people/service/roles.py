"""Roles: proposed by one person, confirmed by another."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.ids import new_id
from county.people.service.registering import get_person
from county.people.tables import RoleChangeRow, RoleRow
from county.people.types import Role, SamePerson


def propose_role(
    db: Session, *, person_id: UUID, role: Role, grants: bool, actor: Actor, now: datetime
) -> UUID:
    """Propose to give or take a role; it takes effect when a second person confirms."""
    get_person(db, person_id=person_id)
    change = RoleChangeRow(
        id=new_id(),
        person_id=person_id,
        role=role,
        grants=grants,
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    db.add(change)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="role.proposed",
        object=("person", str(person_id)),
        after={"role": str(role), "grants": grants},
        now=now,
    )
    return change.id


def confirm_role(db: Session, *, change_id: UUID, actor: Actor, now: datetime) -> None:
    """Confirm a proposed role change as a second person.

    Refuses: `SamePerson`; `NotFound` when there is no open proposal.
    """
    change = db.get(RoleChangeRow, change_id, with_for_update=True)
    if change is None or change.confirmed_at is not None:
        raise NotFound(what="proposal")
    if change.proposed_by == actor.person_id:
        raise SamePerson()
    change.confirmed_by, change.confirmed_at = actor.person_id, now
    has_role = db.get(RoleRow, (change.person_id, change.role))
    if change.grants and has_role is None:
        db.add(RoleRow(person_id=change.person_id, role=change.role, granted_at=now))
    if not change.grants and has_role is not None:
        db.delete(has_role)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="role.granted" if change.grants else "role.revoked",
        object=("person", str(change.person_id)),
        after={"role": str(change.role)},
        now=now,
    )
