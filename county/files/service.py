"""Use cases of files: keeping a picture on disk, recording whose it is, finding its bytes."""

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from county.errors import NotFound
from county.files.pictures import WIDTHS, make_picture
from county.files.tables import PictureRow
from county.files.types import PictureDesk, Sight, StoredPicture
from county.ids import new_id
from county.people.types import Caller


@dataclass(frozen=True)
class KeptPicture:
    """A picture whose bytes are on disk; a row makes it somebody's."""

    sha256: str
    width: int
    height: int


_desks: dict[str, PictureDesk] = {}


def offer(name: str, desk: PictureDesk) -> None:
    """Let a feature say who may see its pictures, in a room's wiring; offering it again replaces it."""
    _desks[name] = desk


def find_sight(db: Session, *, picture_id: UUID, caller: Caller) -> Sight | None:
    """Say whether everybody may see a picture, who asks may, or they may not.

    What no feature shows is seen by its owner alone: a picture on its way into a claim or a report.
    """
    found = {desk(db, picture_id=picture_id, caller=caller) for desk in _desks.values()}
    if Sight.EVERYBODY in found:
        return Sight.EVERYBODY
    row = db.get(PictureRow, picture_id)
    is_owner = row is not None and caller.person_id == row.owner_id
    return Sight.ASKER if is_owner or Sight.ASKER in found else None


def keep_picture(folder: Path, *, content: bytes) -> KeptPicture:
    """Check and re-encode an upload and write it to the files folder; call it outside a transaction.

    Writing the same picture twice leaves one copy: the names are digests.
    Refuses: `PictureRefused`, `PictureTooLarge`.
    """
    made = make_picture(content)
    sha256 = hashlib.sha256(made.webp[max(WIDTHS)]).hexdigest()
    for width, webp in made.webp.items():
        path = _path(folder, sha256, width)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{new_id().hex}.new")
        with beside.open("wb") as file:
            file.write(webp)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    return KeptPicture(sha256=sha256, width=made.width, height=made.height)


def record_picture(db: Session, *, kept: KeptPicture, owner_id: UUID, now: datetime) -> StoredPicture:
    """Record a kept picture as its owner's."""
    row = PictureRow(
        id=new_id(),
        owner_id=owner_id,
        width=kept.width,
        height=kept.height,
        sha256=kept.sha256,
        created_at=now,
    )
    db.add(row)
    db.flush()
    return StoredPicture(id=row.id, width=row.width, height=row.height)


def get_picture(db: Session, *, picture_id: UUID) -> StoredPicture:
    """Give a stored picture by id."""
    row = db.get(PictureRow, picture_id)
    if row is None:
        raise NotFound(what="picture")
    return StoredPicture(id=row.id, width=row.width, height=row.height)


def pictures_of(db: Session, *, ids: Collection[UUID]) -> dict[UUID, StoredPicture]:
    """Give these stored pictures by id."""
    rows = db.scalars(select(PictureRow).where(PictureRow.id.in_(ids)))
    return {row.id: StoredPicture(id=row.id, width=row.width, height=row.height) for row in rows}


def own_pictures(db: Session, *, ids: Collection[UUID], owner_id: UUID) -> dict[UUID, StoredPicture]:
    """Give those of these pictures that belong to a person, by id."""
    rows = db.scalars(select(PictureRow).where(PictureRow.id.in_(ids), PictureRow.owner_id == owner_id))
    return {row.id: StoredPicture(id=row.id, width=row.width, height=row.height) for row in rows}


def picture_path(db: Session, *, folder: Path, picture_id: UUID, width: int) -> Path:
    """Give the file of a picture at 480 or 1200 pixels width."""
    row = db.get(PictureRow, picture_id)
    if row is None or width not in WIDTHS:
        raise NotFound(what="picture")
    return _path(folder, row.sha256, width)


def _path(folder: Path, sha256: str, width: int) -> Path:
    return folder / sha256[:2] / f"{sha256}-{width}.webp"
