"""Rows of places."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, one_of
from county.places.types import PlaceKind


class PlaceRow(Base):
    """A place; the code is the statistical division code."""

    __tablename__ = "county_place"
    __table_args__ = (one_of("kind", PlaceKind),)

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    kind: Mapped[PlaceKind] = mapped_column(EnumText(PlaceKind))
    parent: Mapped[str | None] = mapped_column(ForeignKey("county_place.code"))
