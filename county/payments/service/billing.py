"""The provider's daily bill: compared with our books once, its fees announced, its differences kept."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.outbox import service as outbox
from county.payments import reconciliation, store
from county.payments.gateway import Bill
from county.payments.service.receiving import ALIPAY, lock, take_second_trade
from county.payments.service.wires import provider
from county.payments.store import bills
from county.payments.types import FeeCharged, Finding, FindingKind, Instruction, Payment, SplitPart

MADE_UP_FOR = "made up for by asking"


def was_bill_read(db: Session, *, on: date) -> bool:
    """Tell whether a day's bill was compared."""
    return on in list_bills_read(db, days=[on])


def list_bills_read(db: Session, *, days: Sequence[date]) -> set[date]:
    """List those of the days whose bills were compared."""
    return bills.list_read(db, days=days)


def list_unpaid_of(db: Session, *, bill: Bill) -> list[str]:
    """List the orders that a bill shows as paid and we do not know as paid: their notices were lost."""
    numbers = {row.out_trade_no for row in bill.rows if not row.is_refund}
    return bills.list_unpaid(db, numbers=numbers)


def list_split_orders(db: Session, *, on: date) -> dict[str, str]:
    """List the orders (number → trade) whose splits of a day should be looked at."""
    return bills.list_split_orders(db, on=on)


def record_bill(
    db: Session,
    *,
    bill: Bill,
    lost: Sequence[str],
    executed: Mapping[str, Sequence[SplitPart]],
    now: datetime,
) -> list[Finding]:
    """Compare a bill with our books and keep what was found; reading it again changes nothing.

    Takes: `lost`, the orders that were asked about because the bill knew more than we; `executed`, the parts
    that the provider says it split, per trade.
    Gives: the findings; a lost notice that was made up for by asking is kept as settled. A second trade that
    only the bill knows waits in suspense from now on.
    """
    if not bills.claim_bill(db, on=bill.on, lines=len(bill.rows), now=now):
        return []
    _hold_unfinished_refunds(db, bill)
    ours = _ours(db, bill, lost=lost, executed=executed)
    findings = reconciliation.compare_bill(bill, ours, fee_bp=provider().limits.fee_bp)
    bills.add_findings(db, [(finding, _repaired(finding, ours)) for finding in findings], now=now)
    fresh = bills.add_lines(db, bill.rows, on=bill.on)
    for piece in bills.chunks(fresh):
        fees = [
            FeeCharged(bill.on, row.out_trade_no, row.trade_no, row.request_no, -row.fee_fen)
            for row in piece
            if row.fee_fen and row.out_trade_no in ours.payments
        ]
        outbox.announce_all(db, fees, now=now)
    bills.note_findings(db, on=bill.on, findings=len(findings))
    _take_second_trades(db, findings, now)
    return findings


def _hold_unfinished_refunds(db: Session, bill: Bill) -> None:
    """Let nobody record a refund between our look at it and our finding, which would then stay open."""
    trades = {row.trade_no for row in bill.rows if row.is_refund}
    for number in bills.list_unfinished_refunds(db, trades=trades):
        lock(db, out_trade_no=number)


def _take_second_trades(db: Session, findings: Sequence[Finding], now: datetime) -> None:
    """Keep in suspense what arrived in our own account a second time; orders are locked by their numbers."""
    own = provider().account.seller_id
    twice = [finding for finding in findings if finding.kind is FindingKind.PAID_TWICE]
    for finding in sorted(twice, key=lambda each: (each.number, each.detail)):
        payment = lock(db, out_trade_no=finding.number)
        if payment.trade_no is not None and payment.payee.seller_id in ("", own):
            take_second_trade(db, payment=payment, trade_no=finding.detail, fen=finding.theirs_fen, now=now)


def _ours(
    db: Session, bill: Bill, *, lost: Sequence[str], executed: Mapping[str, Sequence[SplitPart]]
) -> reconciliation.Ours:
    own = provider().account.seller_id
    numbers = {row.out_trade_no for row in bill.rows}
    trades = {row.trade_no for row in bill.rows}
    payments = bills.list_payments(db, on=bill.on, numbers=numbers, seller_id=own)
    trades |= {payment.trade_no for payment in payments.values() if payment.trade_no}
    billed = bills.sum_billed_refunds(db, trades=trades, before=bill.on)
    for row in bill.rows:
        if row.is_refund:
            billed[row.trade_no] = billed.get(row.trade_no, 0) - row.fen
    asked = bills.list_split_parts(db, trades=executed.keys())
    return reconciliation.Ours(
        payments=payments,
        refunds=bills.list_refunds(db, on=bill.on, trades=trades, seller_id=own),
        lost=frozenset(lost),
        billed_refunds=billed,
        splits={trade_no: (asked.get(trade_no, []), parts) for trade_no, parts in executed.items()},
    )


def _repaired(finding: Finding, ours: reconciliation.Ours) -> str:
    if finding.kind is not FindingKind.LOST_NOTICE:
        return ""
    return MADE_UP_FOR if ours.payments[finding.number].trade_no == finding.detail else ""


def note_bill_trouble(db: Session, *, on: date, why: str, now: datetime) -> None:
    """Keep why a day's bill cannot be used, for the association's tasks; a good one takes it away."""
    if not was_bill_read(db, on=on):
        bills.note_trouble(db, on=on, why=why, now=now)


def list_findings(db: Session, *, open_only: bool = True) -> list[Finding]:
    """List the differences between bills and our books, oldest first."""
    return bills.list_findings(db, open_only=open_only)


def settle_by_refund(db: Session, *, refund: Instruction, payment: Payment, now: datetime) -> None:
    """Close what a bill found because a refund was done before it was recorded here.

    Takes: `payment` as it is now that the refund is counted.
    """
    back_fen, is_whole = store.fen_of(refund.content), payment.refunded_fen == payment.fen
    for finding in bills.list_findings_of(db, number=payment.out_trade_no):
        shows_it = finding.kind is FindingKind.REFUND_NOT_HERE and (finding.detail, finding.theirs_fen) == (
            refund.request_no,
            back_fen,
        )
        was_whole_there = finding.kind is FindingKind.STATE_DIFFERS and (
            finding.detail,
            finding.theirs_fen,
        ) == (payment.trade_no, payment.fen)
        if shows_it or (was_whole_there and is_whole):
            settle_finding(db, finding=finding, note=MADE_UP_FOR, actor=ALIPAY, now=now)


def settle_finding(db: Session, *, finding: Finding, note: str, actor: Actor, now: datetime) -> None:
    """Close a difference with a note of what was done about it; refuses `NotFound`."""
    if not bills.settle_finding(db, finding, note=note, now=now):
        raise NotFound(what="finding")
    audit.record(
        db,
        actor=actor,
        action="payment.finding_settled",
        object=("payment", finding.number),
        after={"kind": finding.kind.value, "on": finding.on.isoformat(), "note": note},
        now=now,
    )
