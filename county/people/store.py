"""Queries on people, roles, sign-ins and consents."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased

from county.database import changed_rows
from county.people.tables import (
    ConsentRow,
    PersonRow,
    RoleRow,
    SignInCodeRow,
    SignInFailureRow,
    TokenRow,
)
from county.people.types import Consent, Person, PersonId, Role, Scope


def to_person(db: Session, row: PersonRow) -> Person:
    """Give a person with their roles."""
    roles = db.scalars(select(RoleRow.role).where(RoleRow.person_id == row.id))
    return Person(
        id=PersonId(row.id), name=row.name, phone=row.phone, roles=frozenset(roles), locale=row.locale
    )


def find_by_phone(db: Session, *, phone: str) -> PersonRow | None:
    """Find the row of the person with this phone number."""
    return db.scalar(select(PersonRow).where(PersonRow.phone == phone, PersonRow.erased_at.is_(None)))


def list_by_role(db: Session, *, role: Role) -> list[Person]:
    """List the people who have a role, by name."""
    query = select(PersonRow).join(RoleRow, RoleRow.person_id == PersonRow.id).where(RoleRow.role == role)
    return [to_person(db, row) for row in db.scalars(query.order_by(PersonRow.name, PersonRow.id))]


def names(db: Session, *, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Give the names of these people."""
    rows = db.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(ids)))
    return {row.id: row.name for row in rows}


def find_token(db: Session, *, digest: str, now: datetime) -> TokenRow | None:
    """Find a token that is neither revoked nor over at `now`."""
    return db.scalar(
        select(TokenRow).where(
            TokenRow.digest == digest, TokenRow.revoked_at.is_(None), TokenRow.expires_at > now
        )
    )


def count_failures(db: Session, *, source: str, since: datetime) -> int:
    """Count wrong sign-ins of one source since an instant."""
    query = select(func.count()).where(SignInFailureRow.source == source, SignInFailureRow.failed_at > since)
    return db.scalar(query) or 0


def forget_failures(db: Session, *, source: str, before: datetime | None = None) -> None:
    """Delete the failures of one source, or those of everybody before an instant."""
    query = delete(SignInFailureRow)
    if before is not None:
        query = query.where(SignInFailureRow.failed_at <= before)
    else:
        query = query.where(SignInFailureRow.source == source)
    db.execute(query)


def take_code(db: Session, *, phone: str, digest: str, now: datetime, tries: int) -> bool:
    """Use up the open code of a phone if it fits; a wrong one costs a try. One guarded update each."""
    open_code = (
        SignInCodeRow.phone == phone,
        SignInCodeRow.used_at.is_(None),
        SignInCodeRow.expires_at > now,
        SignInCodeRow.tries < tries,
    )
    used = db.execute(
        update(SignInCodeRow).where(*open_code, SignInCodeRow.digest == digest).values(used_at=now)
    )
    if changed_rows(used) == 1:
        return True
    db.execute(update(SignInCodeRow).where(*open_code).values(tries=SignInCodeRow.tries + 1))
    return False


def drop_open_codes(db: Session, *, phone: str) -> None:
    """Delete the open code of a phone, so that a new one can be sent."""
    db.execute(delete(SignInCodeRow).where(SignInCodeRow.phone == phone, SignInCodeRow.used_at.is_(None)))


def list_consents(
    db: Session, *, farmer_id: UUID | None = None, agent_id: UUID | None = None
) -> list[Consent]:
    """List consents of a farmer, of an agent, or between both, newest first."""
    farmer, agent = aliased(PersonRow), aliased(PersonRow)
    query = (
        select(ConsentRow, farmer.name, agent.name)
        .join(farmer, farmer.id == ConsentRow.farmer_id)
        .join(agent, agent.id == ConsentRow.agent_id)
        .order_by(ConsentRow.starts_at.desc(), ConsentRow.id)
    )
    if farmer_id is not None:
        query = query.where(ConsentRow.farmer_id == farmer_id)
    if agent_id is not None:
        query = query.where(ConsentRow.agent_id == agent_id)
    return [
        Consent(
            id=row.id,
            farmer_id=PersonId(row.farmer_id),
            farmer_name=farmer_name,
            agent_id=PersonId(row.agent_id),
            agent_name=agent_name,
            scopes=frozenset(Scope(scope) for scope in row.scopes),
            paper_ref=row.paper_ref,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row, farmer_name, agent_name in db.execute(query)
    ]
