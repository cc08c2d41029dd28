"""Makes a day of payments and Alipay's bill of it, with differences of every kind, from a seed."""

import csv
import io
import random
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert

from county import money
from county.database import Base
from county.payments.types import FindingKind, SplitPart

ON = date(2026, 10, 5)
START = datetime(2026, 10, 4, 16, tzinfo=UTC)
SELLER = "2088000000000001"
FEE_BP = 60
K = FindingKind
COLUMNS = (
    "支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号",
    "门店名称", "操作员", "终端号", "对方账户", "订单金额（元）", "商家实收（元）",
    "支付宝红包（元）", "集分宝（元）", "支付宝优惠（元）", "商家优惠（元）",
    "券核销金额（元）", "券名称", "商家红包消费金额（元）", "卡消费金额（元）",
    "退款批次号/请求号", "服务费（元）", "分润（元）", "备注",
)  # fmt: skip


@dataclass
class Day:
    """Our rows, the bill's rows, what Alipay executed of splits, and the differences that must be found."""

    payments: list[dict[str, Any]] = field(default_factory=list)
    instructions: list[dict[str, Any]] = field(default_factory=list)
    rows: list[tuple[str, str, bool, str, int, int, datetime]] = field(default_factory=list)
    executed: dict[str, tuple[SplitPart, ...]] = field(default_factory=dict)
    asked: dict[str, tuple[str, int, datetime]] = field(default_factory=dict)
    expected: set[tuple[FindingKind, str, str]] = field(default_factory=set)


def make_day(*, count: int, each: int, seed: int) -> Day:
    """Make a day of about `count` lines with `each` differences of every kind.

    Every thirteenth order has a partial refund, every fiftieth a whole one, every hundredth a split.
    """
    choice, day = random.Random(seed), Day()
    trouble = [kind for kind in FindingKind for _ in range(each)]
    # Differences lie anywhere in the day.
    places = dict(zip(choice.sample(range(count), len(trouble)), trouble, strict=True))
    number = 0
    while len(day.rows) < count or number <= max(places, default=0):
        _add_order(day, choice, number, places.get(number))
        number += 1
    day.rows.sort(key=lambda row: row[-1])
    return day


def _add_order(day: Day, choice: random.Random, number: int, kind: FindingKind | None) -> None:
    order, trade = f"WB{number:012d}", f"20261005220014{number:014d}"
    fen, at = choice.randrange(500, 60_000), START + timedelta(seconds=choice.randrange(60_000))
    there_fen = fen + choice.choice((-1, 1, 100)) if kind is K.AMOUNT_DIFFERS else fen
    if kind is K.UNKNOWN_ORDER:
        day.rows.append((trade, order, False, "", fen, _fee(fen), at))
        day.expected.add((kind, order, trade))
        return
    refunds, splits = _extras(choice, number, fen, kind)
    _add_payment(day, choice, order, trade, fen, at, kind, sum(refunds))
    if kind is not K.PAYMENT_NOT_THERE:
        fee_fen = _fee(there_fen) - (choice.choice((2, 50)) if kind is K.FEE_DIFFERS else 0)
        day.rows.append((trade, order, False, "", there_fen, fee_fen, at))
    if kind in (K.AMOUNT_DIFFERS, K.FEE_DIFFERS, K.PAYMENT_NOT_THERE, K.LOST_NOTICE):
        day.expected.add((kind, order, trade))
    if kind is K.PAID_TWICE:
        day.rows.append((trade + "9", order, False, "", fen, _fee(fen), at))
        day.expected.add((kind, order, trade + "9"))
    if kind is K.REFUND_NOT_HERE:
        day.rows.append((trade, order, True, f"HAND{number}", -(fen // 3), 0, at + timedelta(hours=1)))
        day.expected.add((kind, order, f"HAND{number}"))
    for place, refund_fen in enumerate(refunds):
        _add_refund(day, order, trade, f"R{number:011d}{place}", refund_fen, at, kind)
    if kind is K.STATE_DIFFERS:
        day.expected.add((kind, order, trade))
    if splits:
        _add_split(day, choice, number, trade, splits, at, kind)


def _extras(
    choice: random.Random, number: int, fen: int, kind: FindingKind | None
) -> tuple[list[int], list[SplitPart]]:
    parts = [SplitPart("2088000000000031", fen // 10), SplitPart("2088000000000091", fen // 20)]
    if kind in (K.SPLIT_MISSING, K.SPLIT_TWICE):
        return [], parts
    if kind is K.REFUND_NOT_THERE:
        return [fen // 4], []
    if kind is K.STATE_DIFFERS:
        return [fen], []
    if kind is not None:
        return [], []
    if number % 50 == 0:
        return [fen - fen // 3, fen // 3], []
    if number % 13 == 0:
        return [choice.randrange(1, fen)], []
    return [], parts if number % 100 == 1 else []


def _fee(fen: int) -> int:
    return -money.share(fen, FEE_BP)


def _add_payment(
    day: Day,
    choice: random.Random,
    order: str,
    trade: str,
    fen: int,
    at: datetime,
    kind: FindingKind | None,
    refunded_fen: int,
) -> None:
    is_lost = kind is K.LOST_NOTICE
    if is_lost:
        day.asked[order] = (trade, fen, at)
    day.payments.append(
        {
            "id": UUID(int=choice.getrandbits(128)),
            "group_no": order,
            "out_trade_no": order,
            "fen": fen,
            "subject": "富硒茶",
            "seller_id": "",
            "sub_merchant_id": "",
            "settle_days": 365,
            "holds_for_split": False,
            "state": "awaiting" if is_lost else "returned" if refunded_fen == fen else "paid",
            "trade_no": None if is_lost else trade,
            "refunding_fen": refunded_fen,
            "refunded_fen": refunded_fen,
            "returns_to": "/",
            "asks": 0,
            "next_ask_at": None,
            "created_at": at,
            "expires_at": at + timedelta(minutes=30),
            "paid_at": None if is_lost else at,
            "closed_at": None,
            "version": 1,
        }
    )


def _add_instruction(
    day: Day, trade: str, request_no: str, wish: str, fen: int, content: dict[str, Any], at: datetime
) -> None:
    day.instructions.append(
        {
            "id": UUID(int=len(day.instructions) + 1),
            "wish": wish,
            "key": f"{wish}:{request_no}",
            "request_no": request_no,
            "payment_id": day.payments[-1]["id"],
            "trade_no": trade,
            "fen": fen,
            "content": content,
            "state": "done",
            "outcome": "",
            "created_at": at,
            "sent_at": at,
            "finished_at": at,
        }
    )


def _add_refund(
    day: Day, order: str, trade: str, request_no: str, fen: int, at: datetime, kind: FindingKind | None
) -> None:
    at += timedelta(hours=1)
    _add_instruction(day, trade, request_no, "refund", fen, {"fen": fen, "reason": "烂了", "back": []}, at)
    if kind in (K.REFUND_NOT_THERE, K.STATE_DIFFERS):
        day.expected.add((K.REFUND_NOT_THERE, order, request_no))
    else:
        day.rows.append((trade, order, True, request_no, -fen, 0, at))


def _add_split(
    day: Day,
    choice: random.Random,
    number: int,
    trade: str,
    parts: Sequence[SplitPart],
    at: datetime,
    kind: FindingKind | None,
) -> None:
    content = {"parts": [vars(part) for part in parts], "finishes": False, "is_async": False}
    _add_instruction(day, trade, f"S{number:012d}", "split", sum(part.fen for part in parts), content, at)
    executed = list(parts)
    if kind is K.SPLIT_MISSING:
        gone = executed.pop(choice.randrange(len(executed)))
        day.expected.add((kind, trade, gone.account))
    if kind is K.SPLIT_TWICE:
        again = choice.choice(executed)
        executed.append(again)
        day.expected.add((kind, trade, again.account))
    day.executed[trade] = tuple(executed)


def fill(engine: Engine, day: Day) -> None:
    """Write our side of a day into a database."""
    with engine.begin() as connection:
        for name, rows in (
            ("county_payment", day.payments),
            ("county_payment_instruction", day.instructions),
        ):
            for start in range(0, len(rows), 5_000):
                connection.execute(insert(Base.metadata.tables[name]), rows[start : start + 5_000])


def pack(day: Day) -> bytes:
    """Write the bill as Alipay does: a zip of GBK CSV with `#` lines, tabs behind numbers, and totals."""
    text = io.StringIO()
    text.write(
        f"#支付宝业务明细查询\r\n#账号：[{SELLER}0156]\r\n#起始日期：[{ON:%Y年%m月%d日} 00:00:00]   "
        f"终止日期：[{ON + timedelta(days=1):%Y年%m月%d日} 00:00:00]\r\n#-----业务明细列表-----\r\n"
    )
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for trade, order, is_refund, request_no, fen, fee_fen, at in day.rows:
        yuan = _yuan(fen)
        local = f"{at + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
        writer.writerow(
            [f"{trade}\t", f"{order}\t", "退款" if is_refund else "交易", "富硒茶,一级", local, local]
            + ["", "", "", "", "*小明(138******01)", yuan, yuan, *["0.00"] * 5, "", "0.00", "0.00"]
            + [f"{request_no}\t" if request_no else "", _yuan(fee_fen), "0.00", ""]
        )
    text.write("#-----业务明细列表结束-----\r\n")
    for word, is_refund in (("交易合计", False), ("退款合计", True)):
        fens = [row[4] for row in day.rows if row[2] is is_refund]
        text.write(f"#{word}：{len(fens)}笔，商家实收共{_yuan(sum(fens))}元，商家优惠共0.00元\r\n")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b_业务明细.csv", text.getvalue().encode("gbk"))
        archive.writestr("b_业务明细(汇总).csv", "#支付宝业务汇总查询\r\n".encode("gbk"))
    return content.getvalue()


def _yuan(fen: int) -> str:
    return money.format_yuan(fen)
