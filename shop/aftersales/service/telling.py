"""What buyers and growers are told about a claim, each thing once."""

from datetime import datetime

from sqlalchemy.orm import Session

from county import clock, money
from county.notices import service as notices
from shop.aftersales.types import Claim


def tell_buyer(db: Session, *, claim: Claim, code: str, now: datetime, why: str = "") -> None:
    """Tell a claim's buyer something about it."""
    _tell(db, claim=claim, code=code, is_buyer=True, now=now, why=why)


def tell_grower(db: Session, *, claim: Claim, code: str, now: datetime, why: str = "") -> None:
    """Tell a claim's grower something about it."""
    _tell(db, claim=claim, code=code, is_buyer=False, now=now, why=why)


def written(at: datetime | None) -> str:
    """Write an instant as the county's day and time, the same in every language; empty for none."""
    return f"{at.astimezone(clock.COUNTY_ZONE):%Y-%m-%d %H:%M}" if at is not None else ""


def _tell(db: Session, *, claim: Claim, code: str, is_buyer: bool, now: datetime, why: str) -> None:
    link = f"/claims/{claim.claim_no}" if is_buyer else f"/sell/claims/{claim.claim_no}"
    notices.tell(
        db,
        person_id=claim.buyer_id if is_buyer else claim.grower_id,
        code=code,
        facts={
            "claim": claim.claim_no,
            "title": claim.title,
            "yuan": money.format_yuan(claim.fen),
            "until": written(claim.due_at),
            "why": why,
        },
        link=link,
        # A claim may be approved again after a dispute: its version tells the two apart.
        key=f"{code}:{claim.claim_no}:{claim.version}",
        now=now,
    )
