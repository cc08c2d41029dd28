"""Reads the raw notices that Alipay sends; its daily bill is read in `bill_file`."""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import unquote_to_bytes

from county import clock, money
from county.payments.types import Notice, NoticeRefused, TradeFacts, TradeStatus

MOST_NOTICE_BYTES = 64 * 1024
_CHARSETS = {"utf-8": "utf-8", "gbk": "gbk"}
_AMOUNT = re.compile(r"\d{1,9}\.\d\d", re.ASCII)
_TIME = "%Y-%m-%d %H:%M:%S"
# What is signed is not escaped, so that one text can be cut into fields in two ways. A value in which a field
# that we read seems to begin (a product's name may be chosen so) makes the notice ambiguous.
_HIDDEN = re.compile(
    "&(app_id|buyer_id|buyer_open_id|charset|gmt_payment|notify_id|notify_time|out_trade_no|refund_fee|seller_id"
    "|total_amount|trade_no|trade_status)="
)


def read_fields(body: bytes) -> dict[str, str]:
    """Read the raw form of a notice: blank values are kept, a repeated parameter is refused.

    Refuses: `NoticeRefused` for anything that is not a plain form in UTF-8 or GBK.
    """
    if len(body) > MOST_NOTICE_BYTES:
        raise NoticeRefused(why="it is too long")
    raw: dict[bytes, bytes] = {}
    for pair in body.split(b"&"):
        name, equals, value = pair.partition(b"=")
        if not equals or not name:
            raise NoticeRefused(why="it is not a form")
        name, value = _decoded(name), _decoded(value)
        if name in raw:
            raise NoticeRefused(why="a parameter is repeated")
        raw[name] = value
    charset = _CHARSETS.get(raw.get(b"charset", b"").decode("ascii", errors="replace").lower())
    if charset is None:
        raise NoticeRefused(why="its charset is neither utf-8 nor gbk")
    try:
        return {name.decode("ascii"): value.decode(charset) for name, value in raw.items()}
    except UnicodeDecodeError:
        raise NoticeRefused(why="it is not text in its charset") from None


def _decoded(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def signed_text(fields: Mapping[str, str]) -> bytes:
    """Write the text that a notice's signature covers: all fields but `sign` and `sign_type`, sorted.

    Blank values belong to it: Alipay signs a notice with them, unlike requests.
    """
    names = sorted(name for name in fields if name not in ("sign", "sign_type"))
    return "&".join(f"{name}={fields[name]}" for name in names).encode(_CHARSETS[fields["charset"].lower()])


def read_notice(fields: Mapping[str, str]) -> Notice:
    """Turn the fields of a notice, whose signature was right, into typed facts.

    Refuses: `NoticeRefused` when a fact is missing or malformed, above all an amount that is not `12.30`.
    """
    if any(_HIDDEN.search(value) for value in fields.values()):
        raise NoticeRefused(why="a field hides in another")
    status = fields.get("trade_status", "")
    if status not in {one.value for one in TradeStatus}:
        raise NoticeRefused(why="it says no known trade status")
    refund = fields.get("refund_fee")
    return Notice(
        notify_id=_number(fields, "notify_id", most=128),
        app_id=_number(fields, "app_id"),
        seller_id=_number(fields, "seller_id"),
        trade=TradeFacts(
            trade_no=_number(fields, "trade_no"),
            out_trade_no=_number(fields, "out_trade_no"),
            status=TradeStatus(status),
            total_fen=_fen(fields.get("total_amount", "")),
            refunded_fen=_fen(refund) if refund else 0,
            paid_at=_time(fields["gmt_payment"]) if fields.get("gmt_payment") else None,
            buyer=fields.get("buyer_id", "") or fields.get("buyer_open_id", ""),
        ),
        notified_at=_time(fields.get("notify_time", "")),
        fields=dict(fields),
    )


def _number(fields: Mapping[str, str], name: str, most: int = 64) -> str:
    text = fields.get(name, "")
    if not re.fullmatch(r"[0-9A-Za-z_-]+", text) or len(text) > most:
        raise NoticeRefused(why=f"its {name} is not a number")
    return text


def _fen(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise NoticeRefused(why="an amount is not plain, such as 12.30")
    return money.parse_yuan(text)


def _time(text: str) -> datetime:
    try:
        return read_time(text)
    except ValueError:
        raise NoticeRefused(why="a time is not plain") from None


def read_time(text: str) -> datetime:
    """Read an instant as Alipay writes it, in Beijing time; raises ValueError otherwise."""
    return datetime.strptime(text, _TIME).replace(tzinfo=clock.COUNTY_ZONE)
