"""Serves stored pictures: those of goods to everybody, those of claims and damage to whom they concern."""

from uuid import UUID

from flask import Blueprint, Response, send_file

from county import database, web
from county.errors import NotFound
from county.files import service
from county.files.types import Sight
from county.web import PUBLIC, allow
from county.web.frame import settings

pages = Blueprint("county_files", __name__)


@pages.get("/files/<uuid:picture_id>-<int:width>.webp")
@allow(PUBLIC)
def show_picture(picture_id: UUID, width: int) -> Response:
    """Send a picture to those who may see it; one that everybody may see never changes, so it is kept."""
    folder = settings().instance / "files"
    with database.reading() as db:
        sight = service.find_sight(db, picture_id=picture_id, caller=web.caller())
        if sight is None:
            raise NotFound(what="picture")
        path = service.picture_path(db, folder=folder, picture_id=picture_id, width=width)
    is_public = sight is Sight.EVERYBODY
    response = send_file(path, mimetype="image/webp", max_age=31_536_000 if is_public else None)
    kept = "public, max-age=31536000, immutable" if is_public else "private, no-store"
    response.headers["Cache-Control"] = kept
    return response
