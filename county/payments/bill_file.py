"""Reads Alipay's daily trade bill as a stream: whose it is, of which day, its rows and its own totals."""

import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from typing import IO

from county import clock, money
from county.errors import BadInput, Fault
from county.payments.gateway import Bill, BillRow

MOST_BYTES = 512 * 1024 * 1024
MOST_LINE = 20_000
MOST_NUMBER = 64
FAULTS_SAID = 20
# The file without 汇总 in its name holds the rows. Source: Alipay's 业务明细, 2025.
TRADE_NO, OUT_TRADE_NO, KIND, FINISHED = "支付宝交易号", "商户订单号", "业务类型", "完成时间"
RECEIVED, REQUEST_NO, FEE = "商家实收（元）", "退款批次号/请求号", "服务费（元）"
NEEDED = (TRADE_NO, OUT_TRADE_NO, KIND, FINISHED, RECEIVED, REQUEST_NO, FEE)
KINDS = {"交易": False, "退款": True}
_HEAD_LINES = 20
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_TOTAL = re.compile(r"[：:](\d+)笔，.*?共(-?\d+\.\d\d)元", re.ASCII)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError, RuntimeError)


def read_bill(content: bytes, *, on: date, seller_id: str) -> Bill:
    """Read a downloaded trade bill and check it against what it says of itself.

    Takes: `on`, the day it was asked for; `seller_id`, whose bill it must be.
    Refuses: `BadInput` when it is no such bill, another day's or account's, or its rows do not add up to its
    own totals.
    Cost: O(rows); the text is never held whole.
    """
    try:
        with _detail(content) as lines:
            return _read(lines, on, seller_id)
    except _BROKEN as error:
        raise _refused("is not a zip with Alipay's 业务明细 in GBK, or not a whole one") from error


@contextmanager
def _detail(content: bytes) -> Iterator[Iterator[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            # Names inside the zip are GBK without a flag, so the content says which file it is.
            with archive.open(entry) as raw:
                head = list(islice(_lines(raw), 4))
            if any("业务明细列表" in line for line in head):
                with archive.open(entry) as raw:
                    yield _lines(raw)
                return
    raise _refused("is not a zip with Alipay's 业务明细 in GBK")


def _lines(raw: IO[bytes]) -> Iterator[str]:
    """Give lines of bounded length, and no more of them than a bill can have, whatever the zip claims."""
    read_bytes = 0
    buffered = io.BufferedReader(raw)  # type: ignore[type-var]
    while line := buffered.readline(MOST_LINE):
        read_bytes += len(line)
        if len(line) == MOST_LINE or read_bytes > MOST_BYTES:
            raise _refused("is larger than a bill can be")
        yield line.decode("gb18030")


def _read(lines: Iterator[str], on: date, seller_id: str) -> Bill:
    head, names = _read_head(lines)
    faults = _check_head(head, on, seller_id)
    missing = [name for name in NEEDED if name not in names]
    if missing:
        faults.append(Fault(f"bill:{len(head) + 1}", f"lacks the columns {', '.join(missing)}"))
    if faults:
        raise BadInput(faults)
    places = [names.index(name) for name in NEEDED]
    rows: list[BillRow] = []
    totals: list[str] = []
    span = (clock.day_start(on), clock.day_start(on + timedelta(days=1)))
    reader = csv.reader(_until_totals(lines, totals))
    for cells in reader:
        try:
            if len(cells) != len(names):
                raise ValueError(f"{len(cells)} cells, expected {len(names)}")
            rows.append(_row([cells[place].strip() for place in places], span))
        except ValueError as error:
            faults.append(Fault(f"bill:{len(head) + 1 + reader.line_num}", f"cannot be read: {error}"))
            if len(faults) == FAULTS_SAID:
                break
    if not faults:
        faults = [*_check_repeats(rows), *_check_totals(rows, [*totals, *lines])]
    if faults:
        raise BadInput(faults)
    return Bill(on=on, rows=tuple(rows))


def _read_head(lines: Iterator[str]) -> tuple[list[str], list[str]]:
    head: list[str] = []
    for line in islice(lines, _HEAD_LINES):
        if TRADE_NO in line and not line.startswith("#"):
            return head, [cell.strip() for cell in next(csv.reader([line]))]
        head.append(line)
    raise _refused("has no line of column names; expected Alipay's 业务明细")


def _check_head(head: list[str], on: date, seller_id: str) -> list[Fault]:
    text = "".join(head)
    account = re.search(r"#账号：\[(\d+)\]", text)
    start = re.search(r"起始日期：\[(\d{4})年(\d\d)月(\d\d)日", text)
    faults = []
    # Alipay prints the account's number with 0156 behind it.
    if not account or account[1] not in (seller_id, seller_id + "0156"):
        faults.append(
            Fault("bill", f"is of account {account[1] if account else 'unknown'}, expected {seller_id}")
        )
    if not start or "-".join(start.groups()) != on.isoformat():
        said = "-".join(start.groups()) if start else "unknown"
        faults.append(Fault("bill", f"is of the day {said}, expected {on}"))
    return faults


def _until_totals(lines: Iterator[str], totals: list[str]) -> Iterator[str]:
    for line in lines:
        if line.startswith("#"):
            totals.append(line)
            return
        yield line


def _row(cells: list[str], span: tuple[datetime, datetime]) -> BillRow:
    trade_no, out_trade_no, kind, finished, received, request_no, fee = cells
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is neither 交易 nor 退款")
    if not trade_no or max(len(trade_no), len(out_trade_no), len(request_no)) > MOST_NUMBER:
        raise ValueError(f"a number of 1 to {MOST_NUMBER} characters was expected")
    if not _TIME.fullmatch(finished):
        raise ValueError(f"{finished!r} is not a time such as 2026-10-05 08:00:00")
    at = datetime.fromisoformat(finished).replace(tzinfo=clock.COUNTY_ZONE)
    if not span[0] <= at < span[1]:
        raise ValueError(f"{finished} is not on the bill's day")
    return BillRow(
        trade_no=trade_no,
        out_trade_no=out_trade_no,
        is_refund=KINDS[kind],
        request_no=request_no,
        fen=_signed_fen(received),
        fee_fen=_signed_fen(fee),
        finished_at=at,
    )


def _signed_fen(text: str) -> int:
    return -money.parse_yuan(text[1:]) if text.startswith("-") else money.parse_yuan(text)


def _check_repeats(rows: list[BillRow]) -> list[Fault]:
    counted = Counter((row.trade_no, row.request_no, row.is_refund) for row in rows)
    if len(counted) == len(rows):
        return []
    first = next(key for key, count in counted.items() if count > 1)
    return [Fault("bill", f"has a row twice: trade {first[0]} {first[1]}".rstrip())]


def _check_totals(rows: list[BillRow], lines: list[str]) -> list[Fault]:
    faults = []
    for word, is_refund in (("交易合计", False), ("退款合计", True)):
        said = next((line for line in lines if line.startswith(f"#{word}")), "")
        match = _TOTAL.search(said)
        ours = [row.fen for row in rows if row.is_refund is is_refund]
        if not match:
            faults.append(Fault("bill", f"has no line {word}"))
        elif (int(match[1]), _signed_fen(match[2])) != (len(ours), sum(ours)):
            faults.append(Fault("bill", f"claims {match[0][1:]} as {word}, but its rows add up otherwise"))
    return faults


def _refused(why: str) -> BadInput:
    return BadInput([Fault("bill", why)])
