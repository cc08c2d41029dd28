"""Static files come compressed where the browser can, and versioned ones are kept for a year."""

import gzip

from tests.browser.gallery import ROOT

SHEET = ROOT / "static" / "css" / "components.css"


def test_a_sheet_comes_compressed_and_unharmed(client):
    answer = client.get("/static/css/components.css", headers={"Accept-Encoding": "gzip, br"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data) < SHEET.stat().st_size / 3
    assert gzip.decompress(answer.data) == SHEET.read_bytes()


def test_who_cannot_unpack_gets_the_file_itself(client):
    answer = client.get("/static/css/components.css")

    assert "Content-Encoding" not in answer.headers
    assert answer.data == SHEET.read_bytes()


def test_a_versioned_address_is_kept_for_a_year_and_another_is_not(client):
    kept = client.get("/static/css/base.css?v=1").headers["Cache-Control"]

    assert kept == "public, max-age=31536000, immutable"
    assert "immutable" not in client.get("/static/css/base.css").headers.get("Cache-Control", "")


def test_asking_again_with_the_tag_sends_nothing(client):
    packed = {"Accept-Encoding": "gzip"}
    tag = client.get("/static/css/base.css", headers=packed).headers["ETag"]
    answer = client.get("/static/css/base.css", headers={**packed, "If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")


def test_an_absent_file_is_not_found(client):
    answer = client.get("/static/css/none.css?v=1", headers={"Accept-Encoding": "gzip"})

    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_the_frame_leaves_70_kb_of_the_first_page_to_its_photo(client):
    packed = {"Accept-Encoding": "gzip"}
    page = client.get("/?lang=zh_CN", headers=packed)
    files = (
        "css/tokens.css",
        "css/base.css",
        "css/layout.css",
        "css/components.css",
        "js/frame.js",
        "icons.svg",
    )
    sizes = [len(client.get(f"/static/{name}", headers=packed).data) for name in files]

    assert len(page.data) + sum(sizes) < 30_000
