"""Use cases of intake: reading a daily file, showing what is in it, taking its parcels in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from county import database
from county.audit import service as audit
from county.audit.types import Actor
from county.database import changed_rows
from county.errors import BadInput, Fault, IllegalMove, NotFound
from county.ids import new_id
from county.sheets import Limits, read_sheet
from logistics.intake import rules
from logistics.intake.tables import DailyFileRow, LayoutRow
from logistics.intake.types import (
    CheckedFile,
    DailyFile,
    FileState,
    FileTaken,
    NothingToTakeIn,
)
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction
from logistics.routes.types import Station
from logistics.stations import service as stations

# A courier's day in one county; Excel's million rows would be a mistake here.
LIMITS = Limits(rows=50_000, columns=120, file_bytes=30_000_000, unpacked_bytes=300_000_000)
_content: TypeAdapter[DailyFile] = TypeAdapter(DailyFile)


@dataclass(frozen=True)
class ReadFile:
    """A file as read outside any transaction."""

    name: str
    sha256: str
    content: DailyFile
    columns: dict[str, int]


def read_file(path: Path, *, name: str, places: Sequence[Station]) -> ReadFile:
    """Read a daily file, CSV (UTF-8 or GB18030) or XLSX, with the header found under title rows.

    Takes: `path`, the upload on disk; `name`, how its sender called it, for the faults.
    Refuses: `BadInput` when the file is broken or no header names a waybill and an address.
    """
    sheet = read_sheet(path, limits=LIMITS)
    header = rules.find_header(sheet)
    if header is None:
        raise BadInput(
            [
                Fault(
                    f"{name}:1",
                    "no header found in the first rows; expected columns such as 运单号 and 收件地址",
                )
            ]
        )
    at, columns = header
    content = rules.read_daily_file(sheet, columns=columns, first=at + 1, stations=places)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ReadFile(name, digest, content, {field.value: at for field, at in columns.items()})


def store_file(
    db: Session, *, carrier: str, read: ReadFile, person_id: UUID, actor: Actor, now: datetime
) -> UUID:
    """Keep a read file for its preview; nothing is taken in yet.

    Refuses: `FileTaken` when this carrier's very file was read before.
    """
    row_id = new_id()
    values = {
        "id": row_id,
        "carrier": carrier,
        "name": read.name[:120],
        "sha256": read.sha256,
        "state": FileState.CHECKED,
        "content": _content.dump_python(read.content, mode="json"),
        "taken_in": 0,
        "uploaded_by": person_id,
        "uploaded_at": now,
    }
    if not database.insert_once(db, DailyFileRow, values):
        raise FileTaken()
    layout = {"carrier": carrier, "columns": read.columns, "seen_at": now}
    if not database.insert_once(db, LayoutRow, layout):
        db.execute(
            update(LayoutRow).where(LayoutRow.carrier == carrier).values(columns=read.columns, seen_at=now)
        )
    audit.record(
        db,
        actor=actor,
        action="daily_file.read",
        object=("daily_file", str(row_id)),
        after={
            "carrier": carrier,
            "parcels": len(read.content.parcels),
            "faults": len(read.content.faults),
        },
        now=now,
    )
    return row_id


def get_file(db: Session, *, file_id: UUID, carrier: str | None = None) -> CheckedFile:
    """Give an uploaded file, through its carrier when one is given, with the waybills known already."""
    row = db.get(DailyFileRow, file_id)
    if row is None or (carrier is not None and row.carrier != carrier):
        raise NotFound(what="file")
    return _file(db, row)


def list_files(db: Session, *, carrier: str | None = None, limit: int = 30) -> list[CheckedFile]:
    """List uploaded files, newest first."""
    query = select(DailyFileRow).order_by(DailyFileRow.uploaded_at.desc(), DailyFileRow.id).limit(limit)
    if carrier is not None:
        query = query.where(DailyFileRow.carrier == carrier)
    return [_file(db, row, with_known=False) for row in db.scalars(query)]


def take_in_file(
    db: Session,
    *,
    file_id: UUID,
    carrier: str | None,
    chosen: dict[int, str],
    actor: Actor,
    now: datetime,
) -> int:
    """Take in every readable parcel of a file that has a station; known waybills stay as they are.

    Takes: `chosen`, the stations that a person chose, by row number.
    Gives: how many parcels were taken in.
    Refuses: `NotFound`, `IllegalMove` when it was taken in before, `NothingToTakeIn`.
    """
    checked = get_file(db, file_id=file_id, carrier=carrier)
    moved = db.execute(
        update(DailyFileRow)
        .where(DailyFileRow.id == file_id, DailyFileRow.state == FileState.CHECKED)
        .values(state=FileState.TAKEN_IN)
    )
    if changed_rows(moved) != 1:
        raise IllegalMove(what="file", state=FileState.TAKEN_IN.value, event="take_in")
    places = {each.station for each in stations.list_stations(db)}
    count = 0
    for new in checked.content.parcels:
        station = new.station or chosen.get(new.row)
        if station not in places or new.waybill in checked.known:
            continue
        parcels.take_in(
            db,
            waybill=new.waybill,
            carrier=checked.carrier,
            direction=Direction.IN,
            station=station,
            units=new.units,
            weight_g=new.weight_g,
            cod_fen=new.cod_fen,
            consignee=new.consignee,
            actor=actor,
            now=now,
        )
        count += 1
    if not count:
        raise NothingToTakeIn()
    db.execute(update(DailyFileRow).where(DailyFileRow.id == file_id).values(taken_in=count))
    audit.record(
        db,
        actor=actor,
        action="daily_file.taken_in",
        object=("daily_file", str(file_id)),
        after={"parcels": count},
        now=now,
    )
    return count


def _file(db: Session, row: DailyFileRow, *, with_known: bool = True) -> CheckedFile:
    content = _content.validate_python(row.content)
    known: list[str] = []
    if with_known and row.state is FileState.CHECKED:
        waybills = [each.waybill for each in content.parcels]
        known = parcels.known_waybills(db, carrier=row.carrier, waybills=waybills)
    return CheckedFile(
        id=row.id,
        carrier=row.carrier,
        name=row.name,
        state=row.state,
        uploaded_at=row.uploaded_at,
        content=content,
        known=tuple(known),
        taken_in=row.taken_in,
    )
