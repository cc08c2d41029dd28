"""Use cases of notices: telling a person something once, listing, marking as read."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from county import database
from county.ids import new_id
from county.jobs import service as jobs
from county.notices.tables import NoticeRow
from county.notices.types import SENTENCES, Notice


def tell(
    db: Session,
    *,
    person_id: UUID,
    code: str,
    facts: Mapping[str, str],
    now: datetime,
    link: str = "",
    key: str | None = None,
) -> None:
    """Leave a message for a person; the same `key` (or code and link) arrives once.

    Takes: `code`, one of the declared sentences; `facts`, texts that fill its places.
    """
    if code not in SENTENCES:
        raise ValueError(f"notice {code!r} has no sentence; declare it in the room's wiring")
    values = {
        "id": new_id(),
        "person_id": person_id,
        "key": key or f"{code}:{link}",
        "code": code,
        "facts": dict(facts),
        "link": link,
        "created_at": now,
    }
    database.insert_once(db, NoticeRow, values)


def is_told(db: Session, *, person_id: UUID, key: str) -> bool:
    """Tell whether a person was told something, by the key under which it arrives once."""
    query = select(NoticeRow.id).where(NoticeRow.person_id == person_id, NoticeRow.key == key)
    return db.scalar(query) is not None


def list_notices(db: Session, *, person_id: UUID, limit: int = 50) -> list[Notice]:
    """List a person's messages, newest first."""
    query = (
        select(NoticeRow)
        .where(NoticeRow.person_id == person_id)
        .order_by(NoticeRow.created_at.desc(), NoticeRow.id)
        .limit(limit)
    )
    return [
        Notice(
            id=row.id,
            code=row.code,
            facts=row.facts,
            link=row.link,
            created_at=row.created_at,
            read_at=row.read_at,
        )
        for row in db.scalars(query)
    ]


def count_unread(db: Session, *, person_id: UUID) -> int:
    """Count a person's unread messages."""
    query = select(func.count()).where(NoticeRow.person_id == person_id, NoticeRow.read_at.is_(None))
    return db.scalar(query) or 0


def mark_read(db: Session, *, person_id: UUID, now: datetime) -> None:
    """Mark all of a person's messages as read."""
    unread = (NoticeRow.person_id == person_id, NoticeRow.read_at.is_(None))
    db.execute(update(NoticeRow).where(*unread).values(read_at=now))


def send_sms(
    db: Session, *, phone: str, code: str, facts: Mapping[str, str], key: str, now: datetime
) -> None:
    """Say in this transaction that an SMS shall go out; a job sends it after the commit."""
    payload = {"phone": phone, "code": code, "facts": dict(facts)}
    jobs.plan_job(db, kind="send_sms", key=key, payload=payload, run_at=now, now=now)
