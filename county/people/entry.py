"""Signing in as pages and API both do it: the slow password check stands outside any transaction."""

from county import clock, database
from county.config import make_secret_key
from county.notices import service as notices
from county.people import service
from county.people.types import SignIn, TokenKind
from county.web.access import load_caller
from county.web.frame import settings


def sign_in_by_password(*, phone: str, password: str, kind: TokenKind) -> SignIn | None:
    """Sign in by password; None when it does not fit (the failure is counted)."""
    caller = load_caller()
    with database.reading() as db:
        service.require_tries_left(db, phone=phone, address=caller.address, now=clock.now())
        password_hash = service.find_password_hash(db, phone=phone)
    fits = service.password_fits(password_hash, password)
    return _finish(phone=phone, fits=fits, kind=kind)


def sign_in_by_code(*, phone: str, code: str, kind: TokenKind) -> SignIn | None:
    """Sign in by the one-time code that was sent; None when it does not fit (the try is counted)."""
    secret_key = make_secret_key(settings())
    with database.transaction() as db:
        fits = service.code_fits(db, phone=phone, code=code, secret_key=secret_key, now=clock.now())
    return _finish(phone=phone, fits=fits, kind=kind)


def send_code(*, phone: str) -> None:
    """Send a one-time code if the phone has an account; the answer is the same if it has none."""
    caller = load_caller()
    now = clock.now()
    secret_key = make_secret_key(settings())
    with database.transaction() as db:
        service.require_tries_left(db, phone=phone, address=caller.address, now=now)
        if service.find_person_by_phone(db, phone=phone) is None:
            return
        code = service.make_code(db, phone=phone, secret_key=secret_key, now=now)
        notices.send_sms(
            db,
            phone=phone,
            code="sign_in_code",
            facts={"code": code},
            key=f"code:{phone}:{now.isoformat()}",
            now=now,
        )


def _finish(*, phone: str, fits: bool, kind: TokenKind) -> SignIn | None:
    caller = load_caller()
    with database.transaction() as db:
        return service.sign_in(
            db,
            phone=phone,
            fits=fits,
            kind=kind,
            address=caller.address,
            request_id=caller.request_id,
            now=clock.now(),
        )
