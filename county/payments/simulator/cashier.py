"""The cashier: plain pages on which a buyer pays, pays as somebody else, cannot pay, cancels or leaves it."""

import json
import sqlite3
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for

from county.money import say_yuan
from county.payments.simulator import books, faults, orders, signing, trades
from county.payments.simulator.desk import Desk
from county.payments.simulator.wire import GatewayError, local_time, yuan

pages = Blueprint("cashier", __name__)


def desk() -> Desk:
    """Give the simulator's parts to a view."""
    found = current_app.extensions["simulator"]
    assert isinstance(found, Desk)
    return found


@pages.get("/qr/<token>")
def scan(token: str) -> Response:
    """Be the scan of a QR code: the trade comes to be and the buyer sees the cashier."""
    return _see(token, "ask")


@pages.get("/cashier/<token>")
def show(token: str) -> Response:
    """Show the cashier; a buyer who sees it has reached it."""
    return _see(token, "ask")


def _see(token: str, state: str) -> Response:
    try:
        with desk().database.transaction() as db:
            visit, made = orders.reach(db, token, desk().clock.now_s())
    except GatewayError as error:
        return _wrong(error)
    return _page(visit, made, state)


def _page(visit: sqlite3.Row, made: list[sqlite3.Row], state: str) -> Response:
    page = render_template(
        "payments/cashier.html",
        token=visit["token"],
        state=state,
        orders=[
            {"subject": one["subject"], "number": one["out_trade_no"], "yuan": say_yuan(one["total_fen"])}
            for one in made
        ],
        total=say_yuan(sum(one["total_fen"] for one in made)),
        until=local_time(min(one["expires_at_s"] for one in made)),
        buyers=books.BUYERS,
        return_url=visit["return_url"],
    )
    return Response(page)


def _wrong(error: GatewayError) -> Response:
    return Response(render_template("payments/cashier_error.html", error=error))


@pages.post("/cashier/<token>")
def act(token: str) -> Response:
    """Do what the buyer chose: pay, cancel or leave."""
    action = request.form.get("action", "pay")
    if action in ("cancel", "later"):
        return _see(token, action)
    buyer = books.buyer(request.form.get("buyer", books.BUYERS[0].user_id))
    if action != "pay" or buyer is None:
        abort(400)
    try:
        visit, paid = _pay(token, buyer.user_id)
    except books.NotEnough:
        return _see(token, "not_enough")
    except GatewayError as error:
        return _wrong(error)
    if _notice_first(paid):
        for trade in paid:
            desk().sender.send_due(out_trade_no=trade["out_trade_no"])
    desk().wake()
    if not visit["return_url"]:
        return _page(visit, paid, "paid")
    return Response(status=303, headers={"Location": _return_address(visit, paid)})


def _pay(token: str, buyer_id: str) -> tuple[sqlite3.Row, list[sqlite3.Row]]:
    now_s = desk().clock.now_s()
    with desk().database.transaction() as db:
        visit, made = orders.reach(db, token, now_s)
        # One transaction for all orders of a visit: they are paid together or not at all.
        for trade in made:
            trades.pay(db, trade["trade_no"], buyer_id=buyer_id, now_s=now_s)
            if faults.take(db, "second_trade", out_trade_no=trade["out_trade_no"]):
                _pay_again(db, visit, trade["out_trade_no"], now_s)
        return visit, [trades.get(db, one["trade_no"]) for one in made]


def _pay_again(db: sqlite3.Connection, visit: sqlite3.Row, out_trade_no: str, now_s: int) -> None:
    order: dict[str, Any] = next(
        one for one in json.loads(visit["orders"]) if one["out_trade_no"] == out_trade_no
    )
    second = trades.make(db, order, now_s=now_s, again=1)
    trades.pay(db, second["trade_no"], buyer_id=books.BUYERS[1].user_id, now_s=now_s)


def _notice_first(paid: list[sqlite3.Row]) -> bool:
    with desk().database.transaction() as db:
        # Every order uses up its own fault, so all are asked before any() looks.
        taken = [faults.take(db, "notice_before_return", out_trade_no=one["out_trade_no"]) for one in paid]
    return any(taken)


def _return_address(visit: sqlite3.Row, paid: list[sqlite3.Row]) -> str:
    params = {
        "app_id": paid[0]["app_id"],
        "auth_app_id": paid[0]["app_id"],
        "charset": visit["charset"],
        "method": f"{visit['method']}.return",
        "seller_id": paid[0]["seller_id"],
        "timestamp": local_time(desk().clock.now_s()),
        "total_amount": yuan(sum(one["total_fen"] for one in paid)),
        "version": "1.0",
    }
    if visit["merge_no"]:
        params["out_merge_no"] = visit["merge_no"]
    else:
        params["out_trade_no"], params["trade_no"] = paid[0]["out_trade_no"], paid[0]["trade_no"]
    text = signing.notice_text(params).encode(visit["charset"])
    params["sign"], params["sign_type"] = signing.sign(desk().key, text), "RSA2"
    joint = "&" if "?" in visit["return_url"] else "?"
    return f"{visit['return_url']}{joint}{urlencode(params)}"


@pages.get("/bill/<token>")
def download_bill(token: str) -> Response:
    """Give a bill for the half minute that its address lives."""
    with desk().database.transaction() as db:
        row = db.execute("SELECT * FROM bill WHERE token = ?", (token,)).fetchone()
    if row is None or row["expires_at_s"] < desk().clock.now_s():
        abort(404)
    headers = {"Content-Disposition": f'attachment; filename="{row["name"]}"'}
    return Response(row["content"], mimetype="application/zip", headers=headers)


@pages.get("/cashier.css")
def style() -> Response:
    """Give the cashier's style sheet."""
    return Response(render_template("payments/cashier.css"), mimetype="text/css")


@pages.get("/")
def overview() -> Response:
    """Show the latest trades and who holds what."""
    with desk().database.transaction() as db:
        rows = db.execute("SELECT * FROM trade ORDER BY created_at_s DESC, trade_no DESC LIMIT 50").fetchall()
        accounts = books.balances(db)
    latest = [
        {**dict(row), "yuan": say_yuan(row["total_fen"]), "created": local_time(row["created_at_s"])}
        for row in rows
    ]
    page = render_template(
        "payments/simulator.html",
        trades=latest,
        accounts=[(code, say_yuan(fen)) for code, fen in accounts.items()],
        total=say_yuan(sum(accounts.values())),
        now=local_time(desk().clock.now_s()),
    )
    return Response(page)


def to_cashier(token: str) -> Response:
    """Send a browser to the cashier."""
    return Response(status=302, headers={"Location": url_for("cashier.show", token=token)})
