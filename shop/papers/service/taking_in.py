"""Uploaded tables of papers: kept once, checked against what is on record, taken in once."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county import ids
from county.audit import service as audit
from county.audit.types import Actor
from county.database import insert_once
from county.errors import Refused
from county.people import service as people
from shop.papers import rules, store
from shop.papers.service import recording
from shop.papers.tables import PaperFileRow
from shop.papers.types import (
    BadPaper,
    BadRow,
    CheckedRow,
    FileRow,
    FileState,
    NewPaper,
    PaperFile,
    PaperKind,
    ReadFile,
    RowFault,
)


def store_file(db: Session, *, read: ReadFile, person_id: UUID, now: datetime) -> UUID:
    """Keep an uploaded table; the very same file again is the one that was kept."""
    values = {
        "id": ids.new_id(),
        "sha256": read.sha256,
        "name": read.name,
        "rows": [_plain(row) for row in read.rows],
        "faults": [_plain(fault) for fault in read.faults],
        "state": FileState.CHECKED,
        "taken_in": 0,
        "uploaded_by": person_id,
        "uploaded_at": now,
    }
    insert_once(db, PaperFileRow, values)
    row = store.find_file_row(db, sha256=read.sha256)
    assert row is not None
    return row.id


def get_file(db: Session, *, file_id: UUID) -> PaperFile:
    """Give an uploaded table, every row checked against what is on record now."""
    return _file(db, store.get_file_row(db, file_id=file_id))


def list_files(db: Session, *, limit: int = 10) -> list[PaperFile]:
    """List uploaded tables, newest first."""
    return [_file(db, row) for row in store.list_file_rows(db, limit=limit)]


def take_in_file(db: Session, *, file_id: UUID, person_id: UUID, actor: Actor, now: datetime) -> int:
    """Take in the papers of a table that can be; a table that was taken in changes nothing.

    Gives: how many papers are new.
    """
    row = store.get_file_row(db, file_id=file_id, lock=True)
    if row.state is FileState.TAKEN_IN:
        return 0
    count = 0
    for each in _file(db, row).rows:
        if each.is_ready and each.grower_id is not None:
            paper = _paper(each.row, each.grower_id)
            recording.add_paper(db, paper=paper, added_by=person_id, actor=actor, now=now)
            count += 1
    row.state, row.taken_in = FileState.TAKEN_IN, count
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="paper_file.taken_in",
        object=("paper_file", str(row.id)),
        after={"papers": count},
        now=now,
    )
    return count


def _file(db: Session, row: PaperFileRow) -> PaperFile:
    rows = [_file_row(each) for each in row.rows]
    return PaperFile(
        id=row.id,
        name=row.name,
        state=row.state,
        rows=tuple(_checked(db, each) for each in rows),
        faults=tuple(BadRow(each["row"], RowFault(each["fault"]), each["text"]) for each in row.faults),
        taken_in=row.taken_in,
        uploaded_at=row.uploaded_at,
    )


def _checked(db: Session, row: FileRow) -> CheckedRow:
    person = people.find_person_by_phone(db, phone=row.phone)
    if person is None:
        return CheckedRow(row, None, "", False, RowFault.GROWER)
    paper = _paper(row, person.id)
    if recording.is_known(db, paper=paper):
        return CheckedRow(row, person.id, person.name, True, None)
    try:
        rules.checked(paper)
        if paper.kind is PaperKind.INVOICE:
            recording.find_fitting(db, paper=paper)
    except BadPaper:
        return CheckedRow(row, person.id, person.name, False, RowFault.NUMBER)
    except Refused:
        return CheckedRow(row, person.id, person.name, False, RowFault.AMOUNT)
    return CheckedRow(row, person.id, person.name, False, None)


def _paper(row: FileRow, grower_id: UUID) -> NewPaper:
    return NewPaper(row.kind, grower_id, row.code, row.number, row.issued_on, row.from_on, row.to_on, row.fen)


def _plain(row: FileRow | BadRow) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(row).items()
    }


def _file_row(kept: dict[str, Any]) -> FileRow:
    days = {name: date.fromisoformat(kept[name]) for name in ("issued_on", "from_on", "to_on")}
    return FileRow(**{**kept, **days, "kind": PaperKind(kept["kind"])})
