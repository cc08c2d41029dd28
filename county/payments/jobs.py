"""Jobs of payments: send instructions to the provider, ask about payments that stay unpaid."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from county import clock, database
from county.errors import Unreachable
from county.payments import service
from county.payments.gateway import (
    Bill,
    CallRefused,
    CallUnknown,
    Done,
    Effect,
    NotFound,
    PaymentProvider,
    SplitFacts,
)
from county.payments.types import (
    Bind,
    Close,
    Confirmation,
    Instruction,
    InstructionId,
    InstructionState,
    NoticeRefused,
    Refund,
    Split,
    SplitPart,
    TradeFacts,
    TradeStatus,
    Wish,
)


def instruct(payload: Mapping[str, Any], now: datetime) -> None:
    """Have the provider do what an instruction says: intent, call, result, each on its own.

    Raises `Unreachable` while the result is unknown, so that the job comes again: it asks before it sends the
    same number once more.
    """
    instruction_id = InstructionId(UUID(payload["instruction_id"]))
    begun = database.in_transaction(
        lambda db: service.begin_instruction(db, instruction_id=instruction_id, now=now)
    )
    closed, outcome = begun, None
    if begun.state not in (InstructionState.DONE, InstructionState.REFUSED):
        outcome = perform(service.provider(), begun)
        closed = database.in_transaction(
            lambda db: service.close_instruction(
                db, instruction_id=instruction_id, outcome=outcome, now=clock.now()
            )
        )
    if isinstance(outcome, CallUnknown):
        raise Unreachable(f"payment provider ({outcome.why})", again=True)
    # What cannot be closed was paid a moment ago: ask until we know, since its notice may never come.
    was_paid = (closed.wish, closed.state) == (Wish.CLOSE, InstructionState.REFUSED)
    if was_paid and ask(out_trade_no=closed.out_trade_no) is None:
        raise Unreachable("payment provider (about a trade that cannot be closed)", again=True)


def perform(provider: PaymentProvider, begun: Instruction) -> Effect:
    """Make the call of an instruction; one that was sent before is asked about first."""
    if begun.state is not InstructionState.PLANNED:
        before = _ask_before(provider, begun)
        if before is not None:
            return before
    content, trade_no, number = begun.content, begun.trade_no or "", begun.request_no
    if isinstance(content, Close):
        return provider.close(out_trade_no=begun.out_trade_no)
    if isinstance(content, Refund):
        return provider.refund(trade_no=trade_no, request_no=number, refund=content)
    if isinstance(content, Confirmation):
        return provider.confirm(trade_no=trade_no, request_no=number, confirmation=content)
    if isinstance(content, Split):
        outcome = provider.split(trade_no=trade_no, request_no=number, split=content)
        if isinstance(outcome, Done) and content.is_async:
            # Accepted is not executed: only the query says how each receiver fared.
            return _read_split(provider.query_split(trade_no=trade_no, request_no=number)) or outcome
        return outcome
    if isinstance(content, Bind):
        named = {one.account: one.name for one in content.receivers}
        return provider.bind_receivers(request_no=number, receivers=named)
    return provider.transfer(request_no=number, transfer=content)


def _ask_before(provider: PaymentProvider, begun: Instruction) -> Effect | None:
    """Find out whether an earlier call took effect; None when it did not, so that it may be sent again."""
    content, trade_no, number = begun.content, begun.trade_no or "", begun.request_no
    answer: Effect | NotFound | TradeFacts | SplitFacts
    if isinstance(content, Refund):
        answer = provider.query_refund(trade_no=trade_no, request_no=number)
    elif isinstance(content, Split):
        return _read_split(provider.query_split(trade_no=trade_no, request_no=number))
    elif isinstance(content, Close):
        answer = provider.query(out_trade_no=begun.out_trade_no)
        if isinstance(answer, TradeFacts):
            return Done() if answer.status is TradeStatus.CLOSED else None
        if isinstance(answer, NotFound):
            return Done()
    elif isinstance(content, Confirmation | Bind):
        return None  # They have no query; the same number settles, and binds, once.
    else:
        answer = provider.query_transfer(request_no=number)
    if isinstance(answer, NotFound | TradeFacts | SplitFacts | CallRefused):
        return None
    return answer


def _read_split(answer: SplitFacts | NotFound | CallRefused | CallUnknown) -> Effect | None:
    if isinstance(answer, CallUnknown):
        return answer
    if not isinstance(answer, SplitFacts):
        return None
    failed = [line for line in answer.lines if line.state == "failed"]
    if any(line.state == "processing" for line in answer.lines):
        return CallUnknown("the split is being processed")
    if failed:
        named = ", ".join(f"{line.part.account} {line.error}" for line in failed)
        return CallRefused(code="SPLIT_PARTLY_FAILED", message=named)
    return Done(reference=answer.request_no)


def ask(*, out_trade_no: str) -> service.NoticeEffect | None:
    """Ask the provider about one trade and act on its answer; None when it gave none."""
    answer = service.provider().query(out_trade_no=out_trade_no)
    if isinstance(answer, CallRefused | CallUnknown):
        return None
    try:
        return database.in_transaction(
            lambda db: service.record_query(db, out_trade_no=out_trade_no, answer=answer, now=clock.now())
        )
    except NoticeRefused:
        return None  # Another amount: nothing is booked; the daily bill brings it to light.


BILL_DAYS = 7


def read_bills(now: datetime) -> None:
    """Read the bills of the last days that were not read yet, and compare them with our books (bell)."""
    today = clock.county_day(now)
    days = [today - timedelta(days=back) for back in range(BILL_DAYS, 0, -1)]
    with database.reading() as db:
        read = service.list_bills_read(db, days=days)
    for on in days:
        if on not in read:
            read_bill(on)


def read_bill(on: date) -> bool:
    """Read one day's bill, once; False when it is not there yet or was read before.

    Orders that the bill shows as paid and we do not know as paid are asked about first, so that a lost notice
    is made up for; then everything is compared in one transaction.
    """
    with database.reading() as db:
        if service.was_bill_read(db, on=on):
            return False
    bill = service.provider().bill(on=on)
    if isinstance(bill, CallRefused):
        why = bill.message or bill.code
        database.in_transaction(lambda db: service.note_bill_trouble(db, on=on, why=why, now=clock.now()))
    if not isinstance(bill, Bill):
        return False
    with database.reading() as db:
        lost = service.list_unpaid_of(db, bill=bill)
        split = service.list_split_orders(db, on=on)
    for number in lost:
        ask(out_trade_no=number)
    executed: dict[str, tuple[SplitPart, ...]] = {}
    for trade_no in split.values():
        # By its own number: an order that was paid twice has two trades, and only one of them was split.
        parts = service.provider().executed_splits(trade_no=trade_no)
        if isinstance(parts, tuple):
            executed[trade_no] = parts
    database.in_transaction(
        lambda db: service.record_bill(db, bill=bill, lost=lost, executed=executed, now=clock.now())
    )
    return True


def fetch_bill(payload: Mapping[str, Any], now: datetime) -> None:
    """Read one day's bill because somebody asked for it again."""
    read_bill(date.fromisoformat(payload["on"]))


def ask_unpaid(now: datetime) -> None:
    """Ask about every unpaid payment that is 1, 5, 15 or 60 minutes old (bell)."""
    with database.reading() as db:
        due = service.list_due_asks(db, now=now)
    for out_trade_no, asks in due:
        if database.in_transaction(
            lambda db, number=out_trade_no, count=asks: service.note_ask(  # type: ignore[misc]
                db, out_trade_no=number, asks=count, now=now
            )
        ):
            ask(out_trade_no=out_trade_no)
