"""Stored pictures and why one is refused."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from county.errors import N_, Refused
from county.people.types import Caller


@dataclass(frozen=True)
class StoredPicture:
    """A picture we made from an upload: WebP in two widths, position data gone."""

    id: UUID
    width: int
    height: int

    def url(self, width: int = 480) -> str:
        """Give the address of the picture at 480 or 1200 pixels width at most."""
        return f"/files/{self.id}-{width}.webp"


class Sight(StrEnum):
    """Who may see a picture: everybody, or who asks and not everybody."""

    EVERYBODY = "everybody"
    ASKER = "asker"


class PictureDesk(Protocol):
    """The question to a feature that shows pictures: may who asks see this one, because of it?"""

    def __call__(self, db: Any, *, picture_id: UUID, caller: Caller) -> Sight | None:
        """Say who may see it; None when the picture is nothing to this feature or to the one who asks."""


class PictureRefused(Refused):
    """The upload is not a picture we can use."""

    code = "picture_refused"
    says = N_("This picture cannot be used: {why}")
    status = 422


class PictureTooLarge(Refused):
    """The picture has more pixels than we open."""

    code = "picture_too_large"
    says = N_("This picture has {megapixels} megapixels; at most 24 can be used. Please take a smaller one.")
    status = 422
