"""The benchmark's web process: the whole program, and the anchor."""

import logging
import os

from flask import Blueprint, Flask, Response, request
from sqlalchemy import text

from app import ROOMS  # noqa: TID251 - benchmarks stand outside the house
from county import config, database
from county.operations import server
from county.payments import parsers, service
from county.payments.alipay import signature
from county.room import Room
from county.web import PUBLIC, allow, frame
from county.web.limits import csrf_exempt

anchor = Blueprint("anchor", __name__)
BENCH = Room(name="bench", blueprints=("benchmarks.notices.serving:anchor",))


@anchor.post("/anchor")
@allow(PUBLIC)
@csrf_exempt
def take_bare() -> Response:
    """Check the same signature over the same fields, write one row, commit."""
    fields = parsers.read_fields(request.get_data())
    key = service.provider().calls.alipay_key  # type: ignore[attr-defined]
    if not signature.is_right(key, parsers.signed_text(fields), fields["sign"]):
        return Response("fail")
    with database.transaction() as db:
        values = {"id": fields["notify_id"], "body": request.get_data(as_text=True)}
        db.execute(text("INSERT INTO bench_anchor VALUES (:id, :body)"), values)
    return Response("success")


def make_app() -> Flask:
    """Make the application from this process's settings."""
    logging.getLogger("shanhuo").setLevel(logging.ERROR)
    return frame.make_app(config.load(), (*ROOMS, BENCH))


if __name__ == "__main__":
    there = config.load()
    server.serve(
        application="benchmarks.notices.serving:make_app",
        host=there.bind,
        port=int(os.environ["SHANHUO_PORT"]),
        workers=server.default_workers(there.database_url),
        threads=8,
    )
