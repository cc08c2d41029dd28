"""Decisions about payments: notices fact by fact, the tables of moves, split limits, refund shares."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from county import money
from county.errors import IllegalMove
from county.payments.types import (
    InstructionEvent,
    InstructionState,
    Notice,
    NoticeRefused,
    Payment,
    PaymentEvent,
    PaymentState,
    RoyaltyBack,
    Split,
    SplitNotAllowed,
    SplitPart,
)

P, E = PaymentState, PaymentEvent
MOVES: dict[tuple[PaymentState, PaymentEvent], PaymentState] = {
    (P.AWAITING, E.SUCCEEDED): P.PAID,
    (P.AWAITING, E.CLOSED): P.CLOSED,
    (P.CLOSED, E.ARRIVED_LATE): P.LATE,
    (P.LATE, E.TAKEN): P.PAID,
    (P.LATE, E.RETURNED): P.RETURNED,
    (P.PAID, E.RETURNED): P.RETURNED,
}
S, V = InstructionState, InstructionEvent
INSTRUCTION_MOVES: dict[tuple[InstructionState, InstructionEvent], InstructionState] = {
    (S.PLANNED, V.SEND): S.SENT,
    (S.SENT, V.FINISH): S.DONE,
    (S.SENT, V.REFUSE): S.REFUSED,
    (S.SENT, V.LOSE): S.UNKNOWN,
    # A worker that died between the call and the record leaves `sent`; the next one asks first.
    (S.UNKNOWN, V.SEND): S.SENT,
    (S.UNKNOWN, V.FINISH): S.DONE,
    (S.UNKNOWN, V.REFUSE): S.REFUSED,
    (S.UNKNOWN, V.LOSE): S.UNKNOWN,
}
ASKS_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))


def move(state: PaymentState, event: PaymentEvent) -> PaymentState:
    """Give the state that follows; refuses `IllegalMove`."""
    if (state, event) not in MOVES:
        raise IllegalMove(what="payment", state=state.value, event=event.value)
    return MOVES[state, event]


def move_instruction(state: InstructionState, event: InstructionEvent) -> InstructionState:
    """Give the state that follows; refuses `IllegalMove`."""
    if (state, event) not in INSTRUCTION_MOVES:
        raise IllegalMove(what="instruction", state=state.value, event=event.value)
    return INSTRUCTION_MOVES[state, event]


def check_recipient(notice: Notice, *, app_id: str, seller_ids: Sequence[str]) -> None:
    """Refuse a notice that is meant for another app or another seller, however well it is signed."""
    if notice.app_id != app_id:
        raise NoticeRefused(why="it is for another app")
    if notice.seller_id not in seller_ids:
        raise NoticeRefused(why="it is for another seller")


def check_notice(notice: Notice, *, app_id: str, our_seller_id: str, expected: Payment | None) -> Payment:
    """Compare a notice with the payment it claims to be about, fact by fact, in the order of RULES §6.

    Takes: a notice whose signature was right; `expected`, the payment with its number, if there is one.
    Gives: the payment.
    Refuses: `NoticeRefused` with the first fact that is wrong.
    """
    sellers = [our_seller_id]
    if expected is not None and expected.payee.seller_id:
        sellers = [expected.payee.seller_id]
    check_recipient(notice, app_id=app_id, seller_ids=sellers)
    if expected is None:
        raise NoticeRefused(why="there is no such order")
    if notice.trade.total_fen != expected.fen:
        raise NoticeRefused(why="the amount is another one")
    return expected


def next_ask(created_at: datetime, asks: int) -> datetime | None:
    """Say when to ask about an unpaid payment that was asked about `asks` times; None after the last."""
    return created_at + ASKS_AFTER[asks] if asks < len(ASKS_AFTER) else None


def check_split(
    split: Split, *, total_fen: int, split_fen: int, cap_bp: int, sync_receivers: int, async_receivers: int
) -> None:
    """Refuse a split beyond the provider's limits.

    Takes: `total_fen` of the order, `split_fen` split before, the cap in basis points of the order.
    Refuses: `SplitNotAllowed` with the reason.
    """
    most = async_receivers if split.is_async else sync_receivers
    if not split.parts and not split.finishes:
        raise SplitNotAllowed(why="it has no receiver")
    if len(split.parts) > most:
        raise SplitNotAllowed(why=f"{len(split.parts)} receivers in one request, {most} are allowed")
    if any(part.fen <= 0 for part in split.parts):
        raise SplitNotAllowed(why="every part must be more than 0")
    asked_fen = split_fen + sum(part.fen for part in split.parts)
    cap_fen = total_fen * cap_bp // money.WHOLE_BP
    if asked_fen > cap_fen:
        raise SplitNotAllowed(why=f"{asked_fen} fen are over the cap of {cap_fen} fen")


def royalties_back(
    parts: Sequence[SplitPart], *, total_fen: int, refunded_fen: int, refund_fen: int
) -> tuple[RoyaltyBack, ...]:
    """Say what each receiver of a split returns with a refund.

    Cumulative, so that many partial refunds return exactly what one full refund would: the part returned is
    reverse(all so far) − reverse(before).

    Takes: the split's parts; `total_fen` of the order; `refunded_fen` before; `refund_fen` now.
    Gives: what returns, only where it is more than 0.
    Cost: O(n).
    """
    if refund_fen < 0 or refunded_fen + refund_fen > total_fen:
        raise ValueError("more is refunded than was paid")

    def returned(part: SplitPart, so_far_fen: int) -> int:
        return part.fen * so_far_fen // total_fen

    back = (
        RoyaltyBack(part.account, returned(part, refunded_fen + refund_fen) - returned(part, refunded_fen))
        for part in parts
    )
    return tuple(one for one in back if one.fen > 0)
