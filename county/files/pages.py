"""Serves stored pictures; their ids are random, so an address is only known to who was shown it."""

from uuid import UUID

from flask import Blueprint, Response, send_file

from county import database
from county.files import service
from county.web import PUBLIC, allow
from county.web.frame import settings

pages = Blueprint("county_files", __name__)


@pages.get("/files/<uuid:picture_id>-<int:width>.webp")
@allow(PUBLIC)
def show_picture(picture_id: UUID, width: int) -> Response:
    """Send a picture; it never changes, so browsers may keep it."""
    folder = settings().instance / "files"
    with database.reading() as db:
        path = service.picture_path(db, folder=folder, picture_id=picture_id, width=width)
    response = send_file(path, mimetype="image/webp", max_age=31_536_000)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
