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
from county.payments.bill_faults import BillFaultKind, fault_of
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
_TOTAL = re.compile(r"[：:](\d+)笔，[^共]*共(-?\d{1,13}\.\d\d)元", re.ASCII)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError, RuntimeError)


class _Spoilt(ValueError):
    """A row that cannot be read."""

    def __init__(self, kind: BillFaultKind, **facts: object) -> None:
        self.kind, self.facts = kind, facts
        super().__init__(kind)


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
        raise _refused(BillFaultKind.NO_BILL) from error


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
    raise _refused(BillFaultKind.NO_BILL)


def _lines(raw: IO[bytes]) -> Iterator[str]:
    """Give lines of bounded length, and no more of them than a bill can have, whatever the zip claims."""
    read_bytes = 0
    buffered = io.BufferedReader(raw)  # type: ignore[type-var]
    while line := buffered.readline(MOST_LINE):
        read_bytes += len(line)
        if len(line) == MOST_LINE or read_bytes > MOST_BYTES:
            raise _refused(BillFaultKind.TOO_LARGE)
        yield line.decode("gb18030")


def _read(lines: Iterator[str], on: date, seller_id: str) -> Bill:
    head, names = _read_head(lines)
    faults = _check_head(head, on, seller_id)
    missing = [name for name in NEEDED if name not in names]
    if missing:
        faults.append(fault_of(BillFaultKind.NO_COLUMNS, said="、".join(missing)))
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
                raise _Spoilt(BillFaultKind.ROW_CELLS, said=len(cells), expected=len(names))
            rows.append(_row([cells[place].strip() for place in places], span))
        except _Spoilt as spoilt:
            row = len(head) + 1 + reader.line_num
            faults.append(fault_of(spoilt.kind, row=row, **spoilt.facts))
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
    raise _refused(BillFaultKind.NO_HEAD)


def _check_head(head: list[str], on: date, seller_id: str) -> list[Fault]:
    text = "".join(head)
    account = re.search(r"#账号：\[(\d+)\]", text)
    start = re.search(r"起始日期：\[(\d{4})年(\d\d)月(\d\d)日", text)
    faults: list[Fault] = []
    # Alipay prints the account's number with 0156 behind it.
    if not account or account[1] not in (seller_id, seller_id + "0156"):
        said = account[1] if account else "?"
        faults.append(fault_of(BillFaultKind.OTHER_ACCOUNT, said=said, expected=seller_id))
    if not start or "-".join(start.groups()) != on.isoformat():
        said = "-".join(start.groups()) if start else "?"
        faults.append(fault_of(BillFaultKind.OTHER_DAY, said=said, expected=on))
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
        raise _Spoilt(BillFaultKind.ROW_KIND, said=kind)
    if not trade_no or max(len(trade_no), len(out_trade_no), len(request_no)) > MOST_NUMBER:
        raise _Spoilt(BillFaultKind.ROW_NUMBER, expected=MOST_NUMBER)
    at = _time(finished)
    if not span[0] <= at < span[1]:
        raise _Spoilt(BillFaultKind.ROW_DAY, said=finished)
    return BillRow(
        trade_no=trade_no,
        out_trade_no=out_trade_no,
        is_refund=KINDS[kind],
        request_no=request_no,
        fen=_signed_fen(received),
        fee_fen=_signed_fen(fee),
        finished_at=at,
    )


def _time(text: str) -> datetime:
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=clock.COUNTY_ZONE)
    except ValueError:
        pass  # the 31st of February
    raise _Spoilt(BillFaultKind.ROW_TIME, said=text)


def _signed_fen(text: str) -> int:
    try:
        return -money.parse_yuan(text[1:]) if text.startswith("-") else money.parse_yuan(text)
    except ValueError:
        raise _Spoilt(BillFaultKind.ROW_AMOUNT, said=text) from None


def _check_repeats(rows: list[BillRow]) -> list[Fault]:
    counted = Counter((row.trade_no, row.request_no, row.is_refund) for row in rows)
    if len(counted) == len(rows):
        return []
    first = next(key for key, count in counted.items() if count > 1)
    return [fault_of(BillFaultKind.ROW_TWICE, said=f"{first[0]} {first[1]}".rstrip())]


def _check_totals(rows: list[BillRow], lines: list[str]) -> list[Fault]:
    faults: list[Fault] = []
    for word, is_refund in (("交易合计", False), ("退款合计", True)):
        said = next((line for line in lines if line.startswith(f"#{word}")), "")
        match = _TOTAL.search(said)
        ours = [row.fen for row in rows if row.is_refund is is_refund]
        if not match:
            faults.append(fault_of(BillFaultKind.NO_TOTAL, said=word))
        elif (int(match[1]), _signed_fen(match[2])) != (len(ours), sum(ours)):
            faults.append(fault_of(BillFaultKind.TOTAL_DIFFERS, said=match[0][1:], expected=word))
    return faults


def _refused(kind: BillFaultKind) -> BadInput:
    return BadInput([fault_of(kind)])
