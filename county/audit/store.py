"""Queries on the log and its chain."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from county import database
from county.audit.tables import AuditRow, AuditSaltRow, AuditSealRow
from county.audit.types import Record, Seal

_AUDIT = AuditRow.__table__.c
_SEAL = AuditSealRow.__table__.c
# One number per chain among PostgreSQL's advisory locks of this database.
_CHAIN_LOCK = text("SELECT pg_advisory_xact_lock(7219001)")
_INSERT = insert(AuditRow).returning(_AUDIT.id)
_LAST_SEAL = select(AuditSealRow.__table__).order_by(_SEAL.sequence.desc()).limit(1)
STREAMED = 1000


def add_record(db: Session, values: Mapping[str, Any]) -> int:
    """Write a record and give its id."""
    record_id: int = db.execute(_INSERT, dict(values)).scalar_one()
    return record_id


def add_salt(db: Session, *, record_id: int, salt: str) -> None:
    """Keep the salt of a record's personal digests."""
    db.execute(insert(AuditSaltRow).values(audit_id=record_id, salt=salt))


def find_salt(db: Session, *, record_id: int) -> str | None:
    """Find the salt of a record, unless it was erased."""
    return db.scalar(select(AuditSaltRow.salt).where(AuditSaltRow.audit_id == record_id))


def delete_salts(db: Session, *, object_kind: str, object_ref: str) -> int:
    """Erase the salts of all records about one object; give their number."""
    about = select(_AUDIT.id).where(_AUDIT.object_kind == object_kind, _AUDIT.object_ref == object_ref)
    erased = delete(AuditSaltRow).where(AuditSaltRow.audit_id.in_(about)).returning(AuditSaltRow.audit_id)
    return len(db.execute(erased).all())


def list_records(
    db: Session, *, record_ids: Sequence[int] | None = None, limit: int | None = None, **wanted: Any
) -> list[Record]:
    """List records, the newest last; of the newest `limit` ones when a limit is given."""
    statement = select(AuditRow.__table__)
    if record_ids is not None:
        statement = statement.where(_AUDIT.id.in_(record_ids))
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(_AUDIT[column] == value)
    statement = statement.order_by(_AUDIT.id.desc()).limit(limit)
    return [Record(**row._mapping) for row in reversed(db.execute(statement).all())]


def lock_chain(db: Session) -> Seal | None:
    """Make every other sealing wait until this transaction ends, and give the head of the chain."""
    if database.is_postgresql(db):
        db.execute(_CHAIN_LOCK)
    return find_head(db)


def find_head(db: Session) -> Seal | None:
    """Give the newest seal."""
    row = db.execute(_LAST_SEAL).first()
    return None if row is None else _seal(row)


def add_seals(db: Session, seals: Sequence[Seal]) -> None:
    """Append seals to the chain."""
    rows = [{"sequence": each.sequence, "audit_id": each.record_id, "hash": each.hash} for each in seals]
    db.execute(insert(AuditSealRow), rows)


def iterate_chain(db: Session) -> Iterator[tuple[Seal, Record | None]]:
    """Read the whole chain in order, each seal with its record."""
    joined = AuditSealRow.__table__.outerjoin(AuditRow.__table__, _AUDIT.id == _SEAL.audit_id)
    statement = (
        select(AuditSealRow.__table__, AuditRow.__table__).select_from(joined).order_by(_SEAL.sequence)
    )
    rows = db.execute(statement.execution_options(yield_per=STREAMED))
    for sequence, record_id, sealed_hash, *record in rows:
        found = Record(*record) if record[0] is not None else None
        yield Seal(sequence=sequence, record_id=record_id, hash=sealed_hash), found


def count_unsealed(db: Session) -> int:
    """Count the records that have no seal."""
    unsealed = ~select(_SEAL.sequence).where(_SEAL.audit_id == _AUDIT.id).exists()
    return db.execute(select(func.count()).select_from(AuditRow.__table__).where(unsealed)).scalar_one()


def _seal(row: Any) -> Seal:
    return Seal(sequence=row.sequence, record_id=row.audit_id, hash=row.hash)
