"""Signing in: passwords, one-time codes, tokens, and waiting after wrong tries."""

import hashlib
import hmac
import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.ids import new_id
from county.people import rules, store
from county.people.tables import SignInCodeRow, SignInFailureRow, TokenRow
from county.people.types import SignIn, TokenKind, TooManyTries

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
            digest=digest_of(token),
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
    db.execute(update(TokenRow).where(TokenRow.digest == digest_of(token)).values(revoked_at=now))


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


def digest_of(token: str) -> str:
    """Give under which digest a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _code_digest(phone: str, code: str, secret_key: str) -> str:
    return hmac.new(secret_key.encode(), f"{phone}:{code}".encode(), hashlib.sha256).hexdigest()


def _sources(phone: str, address: str) -> tuple[str, str]:
    return "phone:" + hashlib.sha256(phone.encode()).hexdigest()[:40], "address:" + address[:60]
