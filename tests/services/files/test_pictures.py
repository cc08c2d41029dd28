"""Uploads become small, upright pictures without metadata, or are refused before they can do harm."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from county import database
from county.errors import NotFound
from county.files import service
from county.files.pictures import make_picture
from county.files.types import PictureRefused, PictureTooLarge
from tests.makers.people import NOW, make_farmer
from tests.makers.web import all_at_once


def encoded(picture, kind="JPEG", **more):
    out = BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def png_header(width, height):
    """Write a PNG that claims a size and holds no pixels."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def opened(webp):
    picture = Image.open(BytesIO(webp))
    assert picture.format == "WEBP"
    return picture


def test_bomb_is_refused_by_its_header():
    # Decoding would fail as broken: only looking at the header gives this refusal.
    for width, height in ((5000, 5000), (30_000, 30_000)):
        with pytest.raises(PictureTooLarge if width == 5000 else (PictureTooLarge, PictureRefused)):
            make_picture(png_header(width, height))
    with pytest.raises(PictureTooLarge) as refusal:
        make_picture(png_header(6000, 4001))
    assert refusal.value.facts == {"megapixels": 25}


def test_what_is_no_whole_picture_is_refused():
    whole = encoded(Image.effect_noise((600, 400), 60).convert("RGB"))
    gif = encoded(Image.new("RGB", (10, 10)), "GIF")
    for content in (b"", b"x", b"<svg/>", gif, whole[: len(whole) // 2], whole[:100], png_header(100, 100)):
        with pytest.raises(PictureRefused):
            make_picture(content)


def test_picture_stands_upright_and_says_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter
    exif.get_ifd(0x8825)[2] = (32.3, 0, 0)
    picture = Image.new("RGB", (800, 400), (200, 0, 0))
    picture.paste((0, 0, 200), (0, 0, 400, 400))
    content = encoded(picture, exif=exif, quality=95)
    assert Image.open(BytesIO(content)).getexif().get_ifd(0x8825)

    made = make_picture(content)

    assert (made.width, made.height) == (400, 800)
    for webp in made.webp.values():
        shown = opened(webp)
        assert shown.size == (400, 800)
        assert not shown.getexif()
        assert "exif" not in shown.info
        red, _green, blue = shown.convert("RGB").getpixel((200, 100))
        assert blue > 150 > red


def test_widths_and_weight_stay_within_bounds():
    made = make_picture(encoded(Image.radial_gradient("L").resize((2400, 1800)), quality=90))
    noisy = make_picture(encoded(Image.effect_noise((2400, 1800), 120).convert("RGB"), quality=90))

    assert {width: opened(webp).size for width, webp in made.webp.items()} == {
        480: (480, 360),
        1200: (1200, 900),
    }
    for webp in [*made.webp.values(), *noisy.webp.values()]:
        assert len(webp) <= 200_000


def test_odd_shapes_and_modes_are_taken():
    for picture, kind in (
        (Image.new("RGBA", (30, 20), (0, 0, 0, 0)), "PNG"),
        (Image.new("P", (30, 20)), "PNG"),
        (Image.new("1", (30, 20)), "PNG"),
        (Image.new("CMYK", (30, 20)), "JPEG"),
        (Image.new("L", (1, 1)), "WEBP"),
        (Image.new("L", (20, 17_000)), "PNG"),
        (Image.new("L", (17_000, 3)), "PNG"),
    ):
        assert set(make_picture(encoded(picture, kind)).webp) == {480, 1200}


def test_same_picture_kept_by_many_at_once_is_kept_once(tmp_path):
    content = encoded(Image.new("RGB", (60, 40), (0, 90, 0)))

    kept = all_at_once(lambda _n: service.keep_picture(tmp_path, content=content), list(range(8)), threads=8)

    assert len(set(kept)) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2


def test_picture_is_found_by_its_id_at_its_two_widths(db, tmp_path):
    kept = service.keep_picture(tmp_path, content=encoded(Image.new("RGB", (60, 40))))
    stored = service.record_picture(db, kept=kept, owner_id=make_farmer(db).id, now=NOW)

    for width in (480, 1200):
        assert service.picture_path(db, folder=tmp_path, picture_id=stored.id, width=width).exists()
    with pytest.raises(NotFound):
        service.picture_path(db, folder=tmp_path, picture_id=stored.id, width=481)
    database.finish(db)
