"""Use cases of people: registering, signing in, roles confirmed by two, consents and acting for others."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.database import changed_rows
from county.errors import NotFound
from county.ids import new_id
from county.people import rules, store
from county.people.tables import (
    ConsentRow,
    PersonRow,
    RoleChangeRow,
    RoleRow,
    SignInCodeRow,
    SignInFailureRow,
    TokenRow,
)
from county.people.types import (
    Caller,
    Consent,
    NoConsent,
    Person,
    PersonId,
    PhoneTaken,
    Role,
    SamePerson,
    Scope,
    SignIn,
    TokenKind,
    TooManyTries,
)

_hasher = PasswordHasher()
# Verified for unknown phone numbers, so that they take as long as known ones.
_NOBODY_HASH = _hasher.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """Hash a password with argon2id; slow on purpose, so call it outside a transaction."""
    return _hasher.hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Tell whether a password fits; takes as long for an unknown person. Call it outside a transaction."""
    try:
        return _hasher.verify(password_hash or _NOBODY_HASH, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def find_password_hash(db: Session, *, phone: str) -> str | None:
    """Find the stored hash of the person with this phone number."""
    row = store.find_by_phone(db, phone=phone)
    return row.password_hash if row else None


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


# Signing in


def require_tries_left(db: Session, *, phone: str, address: str, now: datetime) -> None:
    """Refuse with `TooManyTries` after 5 failures in 5 minutes, per account and per address."""
    since = now - rules.FAILURE_WINDOW
    for source in _sources(phone, address):
        if store.count_failures(db, source=source, since=since) >= rules.FAILURES_ALLOWED:
            raise TooManyTries(minutes=int(rules.FAILURE_WINDOW.total_seconds() // 60))


def record_failure(db: Session, *, phone: str, address: str, now: datetime) -> None:
    """Count a wrong sign-in against the account and the address."""
    store.forget_failures(db, source="", before=now - 12 * rules.FAILURE_WINDOW)
    for source in _sources(phone, address):
        db.add(SignInFailureRow(id=new_id(), source=source, failed_at=now))


def sign_in(
    db: Session,
    *,
    phone: str,
    fits: bool,
    kind: TokenKind,
    address: str,
    request_id: str,
    now: datetime,
) -> SignIn | None:
    """Open a sign-in when password or code `fits`, else count the failure and give None.

    Gives None instead of raising, so that the edge commits the counted failure before it refuses.
    Refuses: `TooManyTries`.
    """
    require_tries_left(db, phone=phone, address=address, now=now)
    row = store.find_by_phone(db, phone=phone)
    if not fits or row is None:
        record_failure(db, phone=phone, address=address, now=now)
        return None
    store.forget_failures(db, source=_sources(phone, address)[0])
    person = store.to_person(db, row)
    token = secrets.token_urlsafe(32)
    expires_at = now + rules.TOKEN_LIFE
    db.add(
        TokenRow(
            id=new_id(),
            digest=_digest(token),
            kind=kind,
            person_id=row.id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    audit.record(
        db,
        actor=Actor(person_id=row.id, role="", on_behalf_of=None, request_id=request_id),
        action="person.signed_in",
        object=("person", str(row.id)),
        after={"kind": str(kind)},
        now=now,
    )
    return SignIn(token=token, person=person, expires_at=expires_at)


def sign_out(db: Session, *, token: str, now: datetime) -> None:
    """Revoke a token."""
    db.execute(update(TokenRow).where(TokenRow.digest == _digest(token)).values(revoked_at=now))


def make_code(db: Session, *, phone: str, secret_key: str, now: datetime) -> str:
    """Make the one open one-time code of a phone, six digits, valid 5 minutes; the edge sends it."""
    store.drop_open_codes(db, phone=phone)
    db.flush()
    code = f"{secrets.randbelow(1_000_000):06d}"
    db.add(
        SignInCodeRow(
            id=new_id(),
            phone=phone,
            digest=_code_digest(phone, code, secret_key),
            tries=0,
            created_at=now,
            expires_at=now + rules.CODE_LIFE,
        )
    )
    return code


def code_fits(db: Session, *, phone: str, code: str, secret_key: str, now: datetime) -> bool:
    """Use up the open code of a phone if it is the right one; a wrong one costs one of five tries."""
    digest = _code_digest(phone, code, secret_key)
    return store.take_code(db, phone=phone, digest=digest, now=now, tries=rules.CODE_TRIES)


def find_caller(db: Session, *, token: str, address: str, request_id: str, now: datetime) -> Caller | None:
    """Find who a token belongs to, and for whom they act if that consent still holds."""
    row = store.find_token(db, digest=_digest(token), now=now)
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


# Roles


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


# Acting for another


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
    row = store.find_token(db, digest=_digest(token), now=now)
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


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _code_digest(phone: str, code: str, secret_key: str) -> str:
    return hmac.new(secret_key.encode(), f"{phone}:{code}".encode(), hashlib.sha256).hexdigest()


def _sources(phone: str, address: str) -> tuple[str, str]:
    return "phone:" + hashlib.sha256(phone.encode()).hexdigest()[:40], "address:" + address[:60]
