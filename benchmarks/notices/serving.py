"""The benchmark's web process: the county's own pages with a receiver that books, and the anchor."""

import logging
import os
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, request
from sqlalchemy import text

from county import config, database
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.operations import server
from county.payments import alipay, parsers, service
from county.payments.alipay import signature
from county.payments.types import Payment
from county.room import Room
from county.web import PUBLIC, allow, frame
from county.web.limits import csrf_exempt
from county.wiring import ROOM

anchor = Blueprint("anchor", __name__)
BENCH = Room(name="bench", blueprints=("benchmarks.notices.serving:anchor",))


class Booking:
    """A receiver that books each payment in the ledger, as the shop does."""

    def payment_succeeded(self, db: Any, *, payment: Payment, now: datetime) -> None:
        """Book it: the account it came into, and the order it is owed to."""
        ledger.post(
            db,
            key=f"pay:{payment.trade_no}",
            cause=Cause("order", payment.out_trade_no),
            postings=[
                Posting("cash:alipay:bench", payment.fen),
                Posting(f"liability:order:{payment.out_trade_no.lower()}", -payment.fen),
            ],
            now=now,
        )

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_named: None


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
    settings = config.load()
    app = frame.make_app(settings, [ROOM, BENCH])
    alipay.connect(settings)
    service.wire_receiver(Booking())
    return app


if __name__ == "__main__":
    there = config.load()
    server.serve(
        application="benchmarks.notices.serving:make_app",
        host=there.bind,
        port=int(os.environ["SHANHUO_PORT"]),
        workers=server.default_workers(there.database_url),
        threads=8,
    )
