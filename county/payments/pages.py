"""Where Alipay and its buyers come back: the notice, and the return from the cashier."""

import logging

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from county import clock, database
from county.errors import Refused
from county.payments import service
from county.payments.parsers import MOST_NOTICE_BYTES
from county.web import PUBLIC, allow
from county.web.limits import csrf_exempt, limited

pages = Blueprint("payments", __name__)
log = logging.getLogger("shanhuo.payments")


@pages.route("/pay/alipay/notify", methods=["GET", "POST"])
@allow(PUBLIC)
@csrf_exempt
@limited("100000 per minute")
def take_notice() -> Response:
    """Answer a notice: `success` only after the commit, else `fail`, always with status 200."""
    if request.method != "POST":
        return Response("fail", mimetype="text/plain")
    try:
        body = request.stream.read(MOST_NOTICE_BYTES + 1)
        notice = service.provider().read_notice(body)
        database.in_transaction(lambda db: service.record_notice(db, notice=notice, now=clock.now()))
    except Refused as refusal:
        log.warning("a payment notice was refused: %s", refusal)
        return Response("fail", mimetype="text/plain")
    except Exception:  # A 5xx would tell a stranger more than `fail`, and Alipay sends it again either way.
        log.exception("a payment notice could not be booked")
        return Response("fail", mimetype="text/plain")
    return Response("success", mimetype="text/plain")


@pages.get("/pay/alipay/return")
@allow(PUBLIC)
def come_back() -> AnyResponse:
    """Send a buyer who comes from the cashier to the page of the order; changes nothing."""
    number = request.args.get("out_trade_no", "")[:64]
    group_no = request.args.get("out_merge_no", "")[:64].rpartition("_")[0]
    with database.reading() as db:
        returns_to = service.find_return(db, out_trade_no=number, group_no=group_no)
    return redirect(returns_to or "/", code=303)
