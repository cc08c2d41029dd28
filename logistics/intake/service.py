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
from county.errors import BadInput, Fault, NotFound
from county.ids import new_id
from county.sheets import Limits, Sheet, read_sheet
from logistics.intake import rules
from logistics.intake.tables import DailyFileRow, LayoutRow
from logistics.intake.types import (
    CheckedFile,
    DailyFile,
    FileState,
    FileTaken,
    NewParcel,
    NothingToTakeIn,
)
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, WaybillTaken
from logistics.routes.types import Station, StationKind
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
    sheet = read_upload(path, name=name, limits=LIMITS)
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


def read_upload(path: Path, *, name: str, limits: Limits) -> Sheet:
    """Read an uploaded table; its faults name the file as its sender does, not where it lies with us."""
    try:
        return read_sheet(path, limits=limits)
    except BadInput as refusal:
        faults = [Fault(fault.where.replace(str(path), name), fault.what) for fault in refusal.faults]
        raise BadInput(faults) from None


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

    Rows that were left out for want of a station may be taken in later, by the same call with a choice.
    Takes: `carrier`, whose file it must be when given; `chosen`, the stations that a person chose, by row.
    Gives: how many parcels were taken in.
    Refuses: `NotFound`, `NothingToTakeIn`.
    """
    row = db.get(DailyFileRow, file_id, with_for_update=True, populate_existing=True)
    if row is None or (carrier is not None and row.carrier != carrier):
        raise NotFound(what="file")
    places = {each.station for each in stations.list_stations(db) if each.kind is not StationKind.HUB}
    count = 0
    for new in _file(db, row).waiting:
        station = new.station or chosen.get(new.row)
        if station in places and _take_in(
            db, new, carrier=row.carrier, station=station, actor=actor, now=now
        ):
            count += 1
    if not count:
        raise NothingToTakeIn()
    db.execute(
        update(DailyFileRow)
        .where(DailyFileRow.id == file_id)
        .values(state=FileState.TAKEN_IN, taken_in=DailyFileRow.taken_in + count)
    )
    audit.record(
        db,
        actor=actor,
        action="daily_file.taken_in",
        object=("daily_file", str(file_id)),
        after={"parcels": count},
        now=now,
    )
    return count


def _take_in(db: Session, new: NewParcel, *, carrier: str, station: str, actor: Actor, now: datetime) -> bool:
    try:
        parcels.take_in(
            db,
            waybill=new.waybill,
            carrier=carrier,
            direction=Direction.IN,
            station=station,
            units=new.units,
            weight_g=new.weight_g,
            cod_fen=new.cod_fen,
            consignee=new.consignee,
            actor=actor,
            now=now,
        )
    except WaybillTaken:
        # Another file with this waybill was taken in a moment ago.
        return False
    return True


def _file(db: Session, row: DailyFileRow, *, with_known: bool = True) -> CheckedFile:
    content = _content.validate_python(row.content)
    known: list[str] = []
    if with_known:
        waybills = [each.waybill for each in content.parcels]
        known = parcels.known_waybills(db, carrier=row.carrier, waybills=waybills)
    return CheckedFile(
        id=row.id,
        carrier=row.carrier,
        name=row.name,
        state=row.state,
        uploaded_at=row.uploaded_at,
        content=content,
        known=frozenset(known),
        taken_in=row.taken_in,
    )
