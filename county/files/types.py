"""Stored pictures and why one is refused."""

from dataclasses import dataclass
from uuid import UUID

from county.errors import N_, Refused


@dataclass(frozen=True)
class StoredPicture:
    """A picture we made from an upload: WebP in two widths, position data gone."""

    id: UUID
    width: int
    height: int

    def url(self, width: int = 480) -> str:
        """Give the address of the picture at 480 or 1200 pixels width at most."""
        return f"/files/{self.id}-{width}.webp"


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
