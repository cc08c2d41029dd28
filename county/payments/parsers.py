"""Readers of what Alipay sends: raw notices and the daily bill."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import unquote_to_bytes

from county import clock, money
from county.errors import BadInput, Fault
from county.payments.gateway import Bill, BillRow
from county.payments.types import Notice, NoticeRefused, TradeFacts, TradeStatus

MOST_NOTICE_BYTES = 64 * 1024
MOST_BILL_BYTES = 512 * 1024 * 1024
_CHARSETS = {"utf-8": "utf-8", "gbk": "gbk"}
_AMOUNT = re.compile(r"\d{1,9}\.\d\d", re.ASCII)
_TIME = "%Y-%m-%d %H:%M:%S"


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


# The bill: a zip in which the file without 汇总 in its name holds the rows. Source: Alipay's 业务明细, 2025.
TRADE_NO, OUT_TRADE_NO, KIND, FINISHED = "支付宝交易号", "商户订单号", "业务类型", "完成时间"
RECEIVED, REQUEST_NO, FEE = "商家实收（元）", "退款批次号/请求号", "服务费（元）"
NEEDED = (TRADE_NO, OUT_TRADE_NO, KIND, FINISHED, RECEIVED, REQUEST_NO, FEE)


def read_bill(content: bytes, *, on: date) -> Bill:
    """Read a downloaded trade bill and check it against the totals that it claims itself.

    Refuses: `BadInput` when it is not such a bill, or its rows do not add up to its own totals.
    """
    text = _detail_text(content)
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if TRADE_NO in line and not line.startswith("#")), None)
    if start is None:
        raise BadInput([Fault("bill", "has no line of column names; expected Alipay's 业务明细")])
    header = [cell.strip() for cell in next(csv.reader([lines[start]]))]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise BadInput([Fault(f"bill:{start + 1}", f"lacks the columns {', '.join(missing)}")])
    faults: list[Fault] = []
    rows = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        if line.startswith("#"):
            break
        cells = [cell.strip() for cell in next(csv.reader([line]))]
        try:
            rows.append(_bill_row(dict(zip(header, cells, strict=True))))
        except ValueError as error:
            faults.append(Fault(f"bill:{number}", f"cannot be read: {error}"))
    faults += _check_totals(rows, lines)
    if faults:
        raise BadInput(faults)
    return Bill(on=on, rows=tuple(rows))


def _detail_text(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BILL_BYTES:
                raise BadInput([Fault("bill", "is larger than a bill can be")])
            for entry in archive.infolist():
                text = archive.read(entry).decode("gb18030")
                # Names inside the zip are GBK without a flag, so the content says which file it is.
                if "业务明细列表" in text[:1_000]:
                    return text
    except (zipfile.BadZipFile, UnicodeDecodeError):
        pass
    raise BadInput([Fault("bill", "is not a zip with Alipay's 业务明细 in GBK")])


def _bill_row(cells: Mapping[str, str]) -> BillRow:
    kind = cells[KIND]
    if kind not in ("交易", "退款"):
        raise ValueError(f"{kind!r} is neither 交易 nor 退款")
    return BillRow(
        trade_no=cells[TRADE_NO],
        out_trade_no=cells[OUT_TRADE_NO],
        is_refund=kind == "退款",
        request_no=cells[REQUEST_NO],
        fen=_signed_fen(cells[RECEIVED]),
        fee_fen=_signed_fen(cells[FEE]),
        finished_at=read_time(cells[FINISHED]),
    )


def _signed_fen(text: str) -> int:
    return -money.parse_yuan(text[1:]) if text.startswith("-") else money.parse_yuan(text)


def _check_totals(rows: list[BillRow], lines: list[str]) -> list[Fault]:
    faults = []
    for word, is_refund in (("交易合计", False), ("退款合计", True)):
        said = next((line for line in lines if line.startswith(f"#{word}")), "")
        match = re.search(r"[：:](\d+)笔，.*?共(-?\d+\.\d\d)元", said)
        ours = [row for row in rows if row.is_refund is is_refund]
        if not match:
            faults.append(Fault("bill", f"has no line {word}"))
        elif (int(match[1]), _signed_fen(match[2])) != (len(ours), sum(row.fen for row in ours)):
            faults.append(Fault("bill", f"claims {match[0][1:]} as {word}, but its rows add up otherwise"))
    return faults
