"""A provider's daily bill against our own payments, refunds and splits: pure comparison, named findings."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from county import money
from county.payments.gateway import Bill, BillRow
from county.payments.types import Finding, FindingKind, SplitPart

# Alipay rounds its fee per trade; a fen either way is no breach of contract.
FEE_TOLERANCE_FEN = 1


@dataclass(frozen=True)
class OurPayment:
    """What we believe about one order's payment; `trade_no` None as long as it is unpaid."""

    out_trade_no: str
    trade_no: str | None
    fen: int
    refunded_fen: int
    was_paid_that_day: bool


@dataclass(frozen=True)
class OurRefund:
    """What we believe about one refund; `is_expected` when a bill up to this day must show it."""

    trade_no: str
    request_no: str
    out_trade_no: str
    fen: int
    is_done: bool
    is_expected: bool


@dataclass(frozen=True)
class Ours:
    """Our side of a day: payments and refunds that the bill names or that we have of that day.

    `lost`: orders whose payment we had not heard of until the bill was read; `billed`: what bills up to this
    day showed per trade: payments fen, refunds fen; `splits`: instructed and executed parts per trade.
    """

    payments: Mapping[str, OurPayment]
    refunds: Mapping[tuple[str, str], OurRefund]
    lost: frozenset[str]
    billed_refunds: Mapping[str, int]
    splits: Mapping[str, tuple[Sequence[SplitPart], Sequence[SplitPart]]]


def compare_bill(bill: Bill, ours: Ours, *, fee_bp: int) -> list[Finding]:
    """Compare a bill with our side of its day.

    Takes: `fee_bp`, the fee of the contract; the fee itself is read from the bill.
    Gives: every difference, by name; an empty list when all agree.
    Cost: O(rows).
    """
    findings: list[Finding] = []
    for row in bill.rows:
        findings += (
            _refund_row(bill.on, row, ours) if row.is_refund else _payment_row(bill.on, row, ours, fee_bp)
        )
    findings += _missing_there(bill, ours)
    findings += _states(bill, ours)
    findings += _splits(bill.on, ours)
    return findings


def _payment_row(on: date, row: BillRow, ours: Ours, fee_bp: int) -> Iterable[Finding]:
    mine = ours.payments.get(row.out_trade_no)
    if mine is None:
        yield Finding(on, FindingKind.UNKNOWN_ORDER, row.out_trade_no, 0, row.fen, row.trade_no)
        return
    if mine.fen != row.fen:
        # Also when its notice was lost: it was refused because of this, and asking cannot make up for it.
        yield Finding(on, FindingKind.AMOUNT_DIFFERS, row.out_trade_no, mine.fen, row.fen, row.trade_no)
    elif row.out_trade_no in ours.lost and mine.trade_no in (None, row.trade_no):
        yield Finding(on, FindingKind.LOST_NOTICE, row.out_trade_no, mine.fen, row.fen, row.trade_no)
    elif mine.trade_no != row.trade_no:
        yield Finding(on, FindingKind.PAID_TWICE, row.out_trade_no, mine.fen, row.fen, row.trade_no)
    agreed_fen = money.share(row.fen, fee_bp)
    if abs(-row.fee_fen - agreed_fen) > FEE_TOLERANCE_FEN:
        yield Finding(on, FindingKind.FEE_DIFFERS, row.out_trade_no, agreed_fen, -row.fee_fen, row.trade_no)


def _refund_row(on: date, row: BillRow, ours: Ours) -> Iterable[Finding]:
    mine = ours.refunds.get((row.trade_no, row.request_no))
    if mine is None or not mine.is_done:
        yield Finding(on, FindingKind.REFUND_NOT_HERE, row.out_trade_no, 0, -row.fen, row.request_no)
    elif mine.fen != -row.fen:
        yield Finding(on, FindingKind.AMOUNT_DIFFERS, row.out_trade_no, mine.fen, -row.fen, row.request_no)


def _missing_there(bill: Bill, ours: Ours) -> Iterable[Finding]:
    paid = {row.trade_no for row in bill.rows if not row.is_refund}
    back = {(row.trade_no, row.request_no) for row in bill.rows if row.is_refund}
    for mine in ours.payments.values():
        if mine.was_paid_that_day and mine.trade_no not in paid:
            yield Finding(
                bill.on, FindingKind.PAYMENT_NOT_THERE, mine.out_trade_no, mine.fen, 0, mine.trade_no or ""
            )
    for key, refund in ours.refunds.items():
        if refund.is_done and refund.is_expected and key not in back:
            yield Finding(
                bill.on, FindingKind.REFUND_NOT_THERE, refund.out_trade_no, refund.fen, 0, refund.request_no
            )


def _states(bill: Bill, ours: Ours) -> Iterable[Finding]:
    back = {(row.trade_no, row.request_no) for row in bill.rows if row.is_refund}
    waiting = Counter[str]()
    for key, refund in ours.refunds.items():
        if refund.is_done and not refund.is_expected and key not in back:
            waiting[refund.trade_no] += refund.fen
    for mine in ours.payments.values():
        if mine.trade_no is None:
            continue
        here_fen = mine.refunded_fen - waiting[mine.trade_no]
        there_fen = ours.billed_refunds.get(mine.trade_no, 0)
        if (here_fen == mine.fen) != (there_fen == mine.fen):
            yield Finding(
                bill.on, FindingKind.STATE_DIFFERS, mine.out_trade_no, here_fen, there_fen, mine.trade_no
            )


def _splits(on: date, ours: Ours) -> Iterable[Finding]:
    for trade_no, (asked, executed) in ours.splits.items():
        here = Counter((part.account, part.fen) for part in asked)
        there = Counter((part.account, part.fen) for part in executed)
        for kind, parts in (
            (FindingKind.SPLIT_MISSING, here - there),
            (FindingKind.SPLIT_TWICE, there - here),
        ):
            for (account, fen), count in sorted(parts.items()):
                both = (fen * count, 0) if kind is FindingKind.SPLIT_MISSING else (0, fen * count)
                yield Finding(on, kind, trade_no, *both, account)
