"""Notices: written when a trade changes, posted until the answer is exactly `success`."""

import contextlib
import http.client
import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from cryptography.hazmat.primitives.asymmetric import rsa

from county.payments.simulator import books, faults, signing
from county.payments.simulator.database import Database
from county.payments.simulator.wire import local_time, yuan

# Source: Alipay's notes on asynchronous notices: at once, then these pauses.
PAUSES_S = (240, 600, 600, 3_600, 7_200, 21_600, 54_000)
TIMEOUT_S = 10
LEASE_S = 30
Post = Callable[[str, bytes, str], str]


@dataclass(frozen=True)
class Attempt:
    """One notice that was posted and what came back."""

    notify_id: str
    out_trade_no: str
    answer: str
    state: str


def write(db: sqlite3.Connection, trade: sqlite3.Row, now_s: int, *, refund_no: str = "") -> None:
    """Put a notice of a trade's present state on the list; a trade without a notify address gets none."""
    if not trade["notify_url"]:
        return
    notify_id = f"{local_time(now_s)[:10].replace('-', '')}{secrets.token_hex(13)}"
    out_trade_no = trade["out_trade_no"]
    state, copies, spoilt = "due", 1, ""
    if faults.take(db, "notice_doubled", out_trade_no=out_trade_no):
        copies = 2
    if faults.take(db, "notice_reordered", out_trade_no=out_trade_no):
        state = "held_for_next"
    elif faults.take(db, "notice_after_close", out_trade_no=out_trade_no):
        state = "held_for_close"
    if faults.take(db, "wrong_amount", out_trade_no=out_trade_no):
        spoilt = "amount"
    elif faults.take(db, "wrong_key", out_trade_no=out_trade_no):
        spoilt = "key"
    if state == "due":
        # Whoever waited for the next notice may follow it now, one second behind.
        db.execute(
            "UPDATE notice SET state = 'due', next_at_s = ?"
            " WHERE state = 'held_for_next' AND out_trade_no = ?",
            (now_s + 1, out_trade_no),
        )
    db.execute(
        "INSERT INTO notice (notify_id, trade_no, out_trade_no, url, params, charset, next_at_s, state,"
        " spoilt, copies, at_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            notify_id,
            trade["trade_no"],
            out_trade_no,
            trade["notify_url"],
            json.dumps(_params(trade, notify_id, now_s, refund_no)),
            trade["charset"],
            now_s,
            state,
            spoilt,
            copies,
            now_s,
        ),
    )


def release_after_close(db: sqlite3.Connection, out_trade_no: str, now_s: int) -> None:
    """Let the notices go that were kept back until the merchant closed the trade."""
    db.execute(
        "UPDATE notice SET state = 'due', next_at_s = ? WHERE state = 'held_for_close' AND out_trade_no = ?",
        (now_s, out_trade_no),
    )


def _params(trade: sqlite3.Row, notify_id: str, now_s: int, refund_no: str) -> dict[str, str]:
    amount = yuan(trade["total_fen"])
    buyer = books.buyer(trade["buyer_id"])
    params = {
        "app_id": trade["app_id"],
        "auth_app_id": trade["app_id"],
        "body": trade["body"],
        "buyer_id": trade["buyer_id"],
        "buyer_logon_id": buyer.logon_id if buyer else "",
        "buyer_pay_amount": amount,
        "charset": trade["charset"],
        "fund_bill_list": json.dumps(
            [{"amount": amount, "fundChannel": "ALIPAYACCOUNT"}], separators=(",", ":")
        ),
        "gmt_create": local_time(trade["created_at_s"]),
        "gmt_payment": local_time(trade["paid_at_s"]) if trade["paid_at_s"] else "",
        "invoice_amount": amount,
        "notify_id": notify_id,
        "notify_type": "trade_status_sync",
        "out_trade_no": trade["out_trade_no"],
        "passback_params": trade["passback_params"],
        "point_amount": "0.00",
        "receipt_amount": amount,
        "seller_id": trade["seller_id"],
        "subject": trade["subject"],
        "total_amount": amount,
        "trade_no": trade["trade_no"],
        "trade_status": trade["status"],
        "version": "1.0",
    }
    if trade["merge_no"]:
        params["out_merge_no"] = trade["merge_no"]
    if trade["sub_merchant"]:
        params["alipay_sub_merchant_id"] = trade["sub_merchant"]
    if refund_no:
        params["refund_fee"] = yuan(trade["refunded_fen"])
        params["out_biz_no"] = refund_no
        params["gmt_refund"] = f"{local_time(now_s)}.000"
    if trade["closed_at_s"]:
        params["gmt_close"] = local_time(trade["closed_at_s"])
    # Absent where empty, except what a merchant gave as empty: blanks do arrive in the world.
    return {name: value for name, value in params.items() if value or name == "body"}


class Sender:
    """Posts what is due, signs each attempt anew, and writes down what came back."""

    def __init__(
        self, database: Database, key: rsa.RSAPrivateKey, now_s: Callable[[], int], post: Post
    ) -> None:
        self.database, self.key, self.now_s, self.post = database, key, now_s, post
        self._wrong_key: rsa.RSAPrivateKey | None = None

    def send_due(self, *, out_trade_no: str = "", most: int = 1_000) -> list[Attempt]:
        """Post every notice that is due now, one attempt each, oldest first."""
        attempts: list[Attempt] = []
        tried: set[str] = set()
        while len(attempts) < most and (notice := self._claim(out_trade_no, tried)) is not None:
            tried.add(notice["notify_id"])
            attempts.append(self._send(notice))
        return attempts

    def _claim(self, out_trade_no: str, tried: set[str]) -> sqlite3.Row | None:
        now_s = self.now_s()
        with self.database.transaction() as db:
            rows = db.execute(
                "SELECT * FROM notice WHERE state = 'due' AND next_at_s <= :now AND claimed_until_s <= :now"
                " AND (:out = '' OR out_trade_no = :out) ORDER BY next_at_s, at_s, rowid LIMIT :few",
                {"now": now_s, "out": out_trade_no, "few": len(tried) + 1},
            ).fetchall()
            notice: sqlite3.Row | None = next((row for row in rows if row["notify_id"] not in tried), None)
            if notice is not None:
                db.execute(
                    "UPDATE notice SET claimed_until_s = ? WHERE notify_id = ?",
                    (now_s + LEASE_S, notice["notify_id"]),
                )
        return notice

    def _send(self, notice: sqlite3.Row) -> Attempt:
        charset = notice["charset"]
        body = self.signed_body(json.loads(notice["params"]), charset, notice["spoilt"])
        for _ in range(notice["copies"]):
            answer = self.post(notice["url"], body, charset)
        attempts, now_s = notice["attempts"] + 1, self.now_s()
        if answer == "success":
            state, next_at_s = "delivered", None
        elif attempts > len(PAUSES_S):
            state, next_at_s = "given_up", None
        else:
            state, next_at_s = "due", now_s + PAUSES_S[attempts - 1]
        with self.database.transaction() as db:
            db.execute(
                "UPDATE notice SET attempts = ?, state = ?, next_at_s = ?, claimed_until_s = 0, copies = 1,"
                " last_answer = ? WHERE notify_id = ?",
                (attempts, state, next_at_s, answer[:200], notice["notify_id"]),
            )
        return Attempt(notice["notify_id"], notice["out_trade_no"], answer[:200], state)

    def signed_body(self, params: dict[str, str], charset: str, spoilt: str = "") -> bytes:
        """Write a notice as it goes over the wire: time of this attempt, sign type and signature."""
        params = {**params, "notify_time": local_time(self.now_s())}
        if spoilt == "amount":
            fen = int(params["total_amount"].replace(".", "")) + 1
            params["total_amount"] = yuan(fen)
        text = signing.notice_text(params).encode(charset, errors="replace")
        signature = signing.sign(self._other_key() if spoilt == "key" else self.key, text)
        pairs = {**params, "sign_type": "RSA2", "sign": signature}
        return urlencode(pairs, encoding=charset, errors="replace").encode("ascii")

    def _other_key(self) -> rsa.RSAPrivateKey:
        if self._wrong_key is None:
            self._wrong_key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        return self._wrong_key


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_named: object) -> None:
        return None


_opener = build_opener(ProxyHandler({}), _NoRedirects)


def post_form(url: str, body: bytes, charset: str) -> str:
    """Post a form and give the answer's text; a failure gives its reason in brackets."""
    if not url.startswith(("http://", "https://")):
        return "[not an http address]"
    headers = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    try:
        request = Request(url, data=body, headers=headers, method="POST")
        with contextlib.closing(_opener.open(request, timeout=TIMEOUT_S)) as answer:
            return str(answer.read(1_000).decode("utf-8", errors="replace"))
    except HTTPError as error:
        return f"[status {error.code}]"
    except (URLError, OSError, ValueError, http.client.HTTPException) as error:
        return f"[{type(error).__name__}]"
