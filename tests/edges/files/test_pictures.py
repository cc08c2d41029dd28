"""Uploading pictures: too much is 413, what is no picture is said at the field."""

from io import BytesIO

from PIL import Image

from county import database
from shop.catalogue import service as catalogue
from tests.makers.shop import make_grower
from tests.makers.web import make_browser

LISTING = {"title": "土蜂蜜", "category": "honey", "price": "68", "weight_kg": "0.5", "available": "3"}


def test_upload_over_the_limit_is_413_and_lists_nothing(web_app):
    with database.transaction() as db:
        grower = make_grower(db)
    browser = make_browser(web_app, grower)

    answer = browser.post("/sell/new", data=LISTING | {"picture": (BytesIO(b"x" * 13_000_001), "a.jpg")})

    assert answer.status_code == 413
    with database.reading() as db:
        assert catalogue.list_grower_products(db, grower_id=grower.id) == []


def test_picture_is_served_for_ever_and_unknown_ones_are_404(web_app):
    with database.transaction() as db:
        grower = make_grower(db)
    out = BytesIO()
    Image.new("RGB", (600, 450), (40, 90, 40)).save(out, "JPEG")
    picture = {"picture": (BytesIO(out.getvalue()), "../../a.jpg")}
    assert make_browser(web_app, grower).post("/sell/new", data=LISTING | picture).status_code == 303
    with database.reading() as db:
        (product,) = catalogue.list_grower_products(db, grower_id=grower.id)
    client = web_app.test_client()

    answer = client.get(product.picture.url(1200))

    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(product.picture.url(481)).status_code == 404
    assert client.get("/files/00000000-0000-4000-8000-000000000000-480.webp").status_code == 404
