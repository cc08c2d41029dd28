"""Decisions of pay runs: the tables of moves, what is open, who has to wait, the tax that is withheld."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from county import money
from county.errors import IllegalMove
from county.ledger.types import AccountLine
from shop.payruns.types import (
    ItemEvent,
    ItemState,
    OpenEntry,
    RunEvent,
    RunKind,
    RunState,
    WaitReason,
)

S, E = RunState, RunEvent
MOVES: dict[tuple[RunState, RunEvent], RunState] = {
    (S.DRAFT, E.CONFIRM): S.CONFIRMED,
    (S.CONFIRMED, E.EXPORT): S.EXPORTED,
    (S.EXPORTED, E.SEND): S.SENT,
    (S.SENT, E.ANSWER): S.DONE,
    (S.DRAFT, E.CANCEL): S.CANCELLED,
    (S.CONFIRMED, E.CANCEL): S.CANCELLED,
    (S.EXPORTED, E.CANCEL): S.CANCELLED,
}
# Banks send money back days after they said it was paid, so a paid item may still return.
ITEM_MOVES: dict[tuple[ItemState, ItemEvent], ItemState] = {
    (ItemState.PLANNED, ItemEvent.SEND): ItemState.SENT,
    (ItemState.PLANNED, ItemEvent.CANCEL): ItemState.CANCELLED,
    (ItemState.SENT, ItemEvent.PAY): ItemState.PAID,
    (ItemState.SENT, ItemEvent.RETURN): ItemState.RETURNED,
    (ItemState.PAID, ItemEvent.RETURN): ItemState.RETURNED,
}
PAYABLES = {
    RunKind.GROWERS: "payable:grower",
    RunKind.STREAMERS: "payable:streamer",
    RunKind.COMPENSATION: "payable:compensation",
    RunKind.FEES: "payable:fee",
    RunKind.COURIERS: "payable:courier",
}
# What the receiver reads on the bank's statement, in the language of the bank.
PURPOSES = {
    RunKind.GROWERS: "农产品货款",
    RunKind.STREAMERS: "直播佣金",
    RunKind.COMPENSATION: "售后补偿",
    RunKind.FEES: "支付手续费补付",
    RunKind.COURIERS: "快递费结算",
}
# Confirmed money is set aside this long; a run that is not sent by then is made anew.
HOLD = timedelta(days=30)
CAUSE = "pay_item"

# Withholding on pay for personal services (劳务报酬所得预扣预缴).
# Source: 国家税务总局公告2018年第61号, 个人所得税扣缴申报管理办法（试行） 第八条, in force since 2019-01-01:
# up to 4,000 yuan 800 are deducted, above it 20 %; of the rest 20 % up to 20,000, 30 % up to 50,000, 40 %,
# with quick deductions of 0, 2,000 and 7,000. What comes from one continuous task counts together for a month
# (个人所得税法实施条例 第十四条).
FLAT_UP_TO_FEN, FLAT_FEN, DEDUCTED_BP = 400_000, 80_000, 2_000
BRACKETS = ((2_000_000, 2_000, 0), (5_000_000, 3_000, 200_000), (None, 4_000, 700_000))


def move(state: RunState, event: RunEvent) -> RunState:
    """Give a run's state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="run", state=state.value, event=event.value) from None


def move_item(state: ItemState, event: ItemEvent) -> ItemState:
    """Give an item's state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return ITEM_MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="payment", state=state.value, event=event.value) from None


def open_entries(lines: Iterable[AccountLine], *, taken: Collection[str]) -> tuple[OpenEntry, ...]:
    """Give the entries of a payable that no payment covers: neither our own payments nor what they took.

    Takes: `taken`, the keys of entries that are in a run which was not cancelled or returned.
    """
    return tuple(
        OpenEntry(line.entry_key, -line.fen, line.cause.ref if line.cause.kind == "order" else None)
        for line in lines
        if line.cause.kind != CAUSE and line.entry_key not in taken
    )


def part_by_papers(
    entries: Sequence[OpenEntry], *, covered: Collection[str]
) -> tuple[tuple[OpenEntry, ...], tuple[OpenEntry, ...]]:
    """Part entries into what may be paid and what waits for a paper.

    An order that was refunded to below nothing needs no paper: it is taken off whatever else is paid.
    """
    sums: dict[str, int] = {}
    for entry in entries:
        if entry.order_no is not None:
            sums[entry.order_no] = sums.get(entry.order_no, 0) + entry.fen
    waits = {order_no for order_no, fen in sums.items() if fen > 0 and order_no not in covered}
    ready = tuple(entry for entry in entries if entry.order_no not in waits)
    return ready, tuple(entry for entry in entries if entry.order_no in waits)


def total_fen(entries: Iterable[OpenEntry]) -> int:
    """Add entries up; above 0 is owed to the payee."""
    return sum(entry.fen for entry in entries)


def orders_of(entries: Iterable[OpenEntry]) -> tuple[str, ...]:
    """List the orders that entries come from, each once, in order."""
    return tuple(dict.fromkeys(entry.order_no for entry in entries if entry.order_no))


def monthly_tax_fen(gross_fen: int) -> int:
    """Compute what is withheld on a month's pay for personal services; see the source above."""
    if gross_fen <= FLAT_UP_TO_FEN:
        taxable_fen = max(0, gross_fen - FLAT_FEN)
    else:
        taxable_fen = gross_fen - money.share(gross_fen, DEDUCTED_BP)
    for limit_fen, rate_bp, quick_fen in BRACKETS:
        if limit_fen is None or taxable_fen <= limit_fen:
            return money.share(taxable_fen, rate_bp) - quick_fen
    raise AssertionError("the last bracket has no limit")


def withheld_fen(gross_fen: int, *, earlier_gross_fen: int, earlier_withheld_fen: int) -> int:
    """Compute what is withheld on one payment, together with the earlier ones of the same month.

    A bank sends no payment of nothing: a last fen that cannot be withheld is due with the next payment.
    """
    due_fen = monthly_tax_fen(earlier_gross_fen + gross_fen) - earlier_withheld_fen
    return min(gross_fen - 1, max(0, due_fen))


def is_still(
    entries: Sequence[OpenEntry], *, now_ready: Sequence[OpenEntry], now_open: Sequence[OpenEntry]
) -> bool:
    """Tell whether an item's entries may still be paid as they are.

    Not any more: one of them waits again, or something was taken off the payable since. What was earned since
    comes into the next run.
    """
    ready, own = {entry.key for entry in now_ready}, {entry.key for entry in entries}
    taken_off = {entry.key for entry in now_open if entry.fen < 0}
    return own <= ready and taken_off <= own


def reason_of(*, has_account: bool, is_cooling: bool, came_back: bool) -> WaitReason | None:
    """Say why a payee with money that may be paid is not paid, the weightiest reason first."""
    if is_cooling:
        return WaitReason.COOLING_OFF
    if not has_account:
        return WaitReason.NO_ACCOUNT
    return WaitReason.RETURNED if came_back else None
