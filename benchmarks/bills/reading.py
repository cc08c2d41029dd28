"""Reads a made bill with the program's own job, beside a provider that answers from the made day."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from benchmarks.bills.make import ON, SELLER, Day
from county import clock, database
from county.payments import bill_file, jobs, service
from county.payments.alipay.provider import LIMITS
from county.payments.gateway import Account, Bill
from county.payments.types import FindingKind, SplitPart, TradeFacts, TradeStatus


class MadeProvider:
    """Answers with the made bill, the made trades and what was made to be executed."""

    account = Account(app_id="2021000000000001", seller_id=SELLER)
    limits = LIMITS

    def __init__(self, packed: bytes, day: Day) -> None:
        self.packed, self.day = packed, day

    def bill(self, *, on: object) -> Bill:
        """Read the bill as the adapter does."""
        return bill_file.read_bill(self.packed, on=ON, seller_id=SELLER)

    def query(self, *, out_trade_no: str) -> TradeFacts:
        """Say that the order was paid."""
        trade_no, fen, paid_at = self.day.asked[out_trade_no]
        return TradeFacts(trade_no, out_trade_no, TradeStatus.SUCCESS, fen, paid_at=paid_at)

    def executed_splits(self, *, trade_no: str) -> tuple[SplitPart, ...]:
        """Say what was split."""
        return self.day.executed[trade_no]


class Nobody:
    """A receiver that books nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_named: None


def read(packed: bytes, day: Day) -> dict[FindingKind, tuple[int, int, int]]:
    """Have the job read the bill; give per kind how many must be found, were found, and were false alarms."""
    service.wire_provider(lambda: MadeProvider(packed, day))  # type: ignore[arg-type, return-value]
    service.wire_receiver(Nobody())
    assert jobs.read_bill(ON)
    with database.reading() as db:
        found = {(one.kind, one.number, one.detail) for one in service.list_findings(db, open_only=False)}
    must, right = Counter(key[0] for key in day.expected), Counter(key[0] for key in found & day.expected)
    wrong = Counter(key[0] for key in found - day.expected)
    return {kind: (must[kind], right[kind], wrong[kind]) for kind in FindingKind}


def after_the_day() -> datetime:
    """Give a moment at which the bill is there."""
    return clock.day_start(ON + timedelta(days=1)) + timedelta(hours=10)
