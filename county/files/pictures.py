"""Turning an upload into pictures that are safe and small: measured before decoding, always re-encoded."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from county.errors import N_
from county.files.types import PictureRefused, PictureTooLarge

MAX_PIXELS = 24_000_000
WIDTHS = (480, 1200)
BYTES_WANTED = 200_000
# The longest side that the format can hold.
WEBP_SIDE = 16_383
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Made:
    """A re-encoded picture: its size in pixels and its WebP bytes per width."""

    width: int
    height: int
    webp: dict[int, bytes]


def make_picture(content: bytes) -> Made:
    """Check an upload and make WebP pictures of 480 and 1200 pixels width, upright and without metadata.

    Refuses: `PictureRefused` (not JPEG, PNG or WebP; broken), `PictureTooLarge` (over 24 megapixels).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=_FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise PictureTooLarge(megapixels=-(-picture.width * picture.height // 1_000_000))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise PictureRefused(why=N_("it is not a JPEG, PNG or WebP picture.")) from None
    except (OSError, ValueError, SyntaxError):
        raise PictureRefused(why=N_("the file is broken.")) from None
    return Made(upright.width, upright.height, {width: _webp(upright, width) for width in WIDTHS})


def _webp(picture: Image.Image, width: int) -> bytes:
    scale = min(1.0, width / picture.width, WEBP_SIDE / picture.height)
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size)
    for quality in (82, 70, 55, 40, 25):
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= BYTES_WANTED:
            return out.getvalue()
    return _webp(picture, picture.width * 3 // 4)
