"""Acting for a farmer: consents given and withdrawn, and for whom a sign-in acts."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.database import changed_rows
from county.errors import NotFound
from county.ids import new_id
from county.people import store
from county.people.service.registering import get_person
from county.people.service.signing_in import digest_of
from county.people.tables import ConsentRow
from county.people.types import Caller, Consent, NoConsent, PersonId, Scope


def give_consent(
    db: Session,
    *,
    farmer_id: UUID,
    agent_id: UUID,
    scopes: Iterable[Scope],
    paper_ref: str,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Record a farmer's written consent, so that the agent may act for them."""
    row = ConsentRow(
        id=new_id(),
        farmer_id=farmer_id,
        agent_id=agent_id,
        scopes=sorted(str(scope) for scope in scopes),
        paper_ref=paper_ref,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    db.add(row)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="consent.given",
        object=("consent", str(row.id)),
        after={"farmer": str(farmer_id), "agent": str(agent_id), "scopes": row.scopes},
        now=now,
    )
    return row.id


def withdraw_consent(db: Session, *, consent_id: UUID, farmer_id: UUID, actor: Actor, now: datetime) -> None:
    """Withdraw a consent as the farmer who gave it; the agent loses access with the next request."""
    changed = db.execute(
        update(ConsentRow)
        .where(
            ConsentRow.id == consent_id, ConsentRow.farmer_id == farmer_id, ConsentRow.withdrawn_at.is_(None)
        )
        .values(withdrawn_at=now)
    )
    if changed_rows(changed) != 1:
        raise NotFound(what="consent")
    audit.record(db, actor=actor, action="consent.withdrawn", object=("consent", str(consent_id)), now=now)


def list_consents(
    db: Session, *, farmer_id: UUID | None = None, agent_id: UUID | None = None
) -> list[Consent]:
    """List the consents of a farmer or of an agent, newest first."""
    return store.list_consents(db, farmer_id=farmer_id, agent_id=agent_id)


def scopes_of(db: Session, *, farmer_id: UUID, agent_id: UUID, now: datetime) -> frozenset[Scope]:
    """Give what an agent may do for a farmer at `now`, over all consents that hold."""
    holding = [
        consent.scopes
        for consent in store.list_consents(db, farmer_id=farmer_id, agent_id=agent_id)
        if consent.starts_at <= now < consent.ends_at and consent.withdrawn_at is None
    ]
    return frozenset().union(*holding)


def act_for(db: Session, *, token: str, farmer_id: UUID | None, actor: Actor, now: datetime) -> None:
    """Make this sign-in act for a farmer, or for oneself again with None.

    Refuses: `NoConsent` when no consent holds now.
    """
    row = store.find_token(db, digest=digest_of(token), now=now)
    if row is None:
        raise NotFound(what="sign-in")
    if farmer_id is not None and not scopes_of(db, farmer_id=farmer_id, agent_id=row.person_id, now=now):
        raise NoConsent()
    row.acting_for_id = farmer_id
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="person.acts_for" if farmer_id else "person.acts_for_self",
        object=("person", str(farmer_id or row.person_id)),
        now=now,
    )


def require_scope(caller: Caller, scope: Scope) -> None:
    """Refuse with `NoConsent` when the caller acts for a farmer who did not consent to this."""
    if caller.acting_for is not None and scope not in caller.scopes:
        raise NoConsent()


def find_caller(db: Session, *, token: str, address: str, request_id: str, now: datetime) -> Caller | None:
    """Find who a token belongs to, and for whom they act if that consent still holds."""
    row = store.find_token(db, digest=digest_of(token), now=now)
    if row is None:
        return None
    person = get_person(db, person_id=row.person_id)
    acting_for, acting_name, scopes = None, "", frozenset[Scope]()
    if row.acting_for_id is not None:
        scopes = scopes_of(db, farmer_id=row.acting_for_id, agent_id=row.person_id, now=now)
        if scopes:
            acting_for = PersonId(row.acting_for_id)
            acting_name = store.names(db, ids=[row.acting_for_id])[row.acting_for_id]
    return Caller(
        person_id=person.id,
        name=person.name,
        roles=person.roles,
        acting_for=acting_for,
        acting_for_name=acting_name,
        scopes=scopes,
        address=address,
        request_id=request_id,
    )
