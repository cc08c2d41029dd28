"""The questions that payouts ask of other features: open claims, people's accounts, what was paid out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shop.payouts.types import ClaimDesk, PaidOut, PaidOutDesk, PayeeDesk


class _Wired:
    claims: ClaimDesk | None = None
    payees: PayeeDesk | None = None
    paid_out: PaidOutDesk | None = None


def wire_claims(desk: ClaimDesk) -> None:
    """Let the feature that keeps claims say which orders must not be released yet."""
    _Wired.claims = desk


def wire_paid_out(desk: PaidOutDesk) -> None:
    """Set who knows what was paid out to growers; nobody, and no page tells of it."""
    _Wired.paid_out = desk


def find_paid_out(db: Session, *, grower_id: UUID, now: datetime) -> PaidOut | None:
    """Say what became of the money owed to a grower; None where nobody pays anybody."""
    return None if _Wired.paid_out is None else _Wired.paid_out(db, grower_id=grower_id, now=now)


def wire_payees(desk: PayeeDesk) -> None:
    """Let the feature that keeps accounts say where a streamer's part goes at Alipay."""
    _Wired.payees = desk


def has_open_claim(db: Session, *, order_no: str) -> bool:
    """Tell whether a claim keeps an order's money; nobody claims where no feature keeps claims."""
    return _Wired.claims is not None and _Wired.claims(db, order_no=order_no)


def find_alipay_account(db: Session, *, person_id: UUID, now: datetime) -> str | None:
    """Find a person's account at Alipay; None when there is none, or no feature that knows them."""
    return None if _Wired.payees is None else _Wired.payees(db, person_id=person_id, now=now)
