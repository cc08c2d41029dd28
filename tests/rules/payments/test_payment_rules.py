"""Decisions about payments, on plain values."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.errors import IllegalMove
from county.payments import rules
from county.payments.types import (
    InstructionEvent,
    InstructionState,
    PaymentEvent,
    PaymentState,
    Split,
    SplitNotAllowed,
    SplitPart,
)

CREATED = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


def test_the_table_of_moves_says_everything_that_can_happen() -> None:
    allowed = {(state.value, event.value): after.value for (state, event), after in rules.MOVES.items()}

    assert allowed == {
        ("awaiting", "succeeded"): "paid",
        ("awaiting", "closed"): "closed",
        ("closed", "arrived_late"): "late",
        ("late", "taken"): "paid",
        ("late", "returned"): "returned",
        ("paid", "returned"): "returned",
    }


@pytest.mark.parametrize("event", PaymentEvent)
def test_a_returned_payment_moves_no_more(event: PaymentEvent) -> None:
    with pytest.raises(IllegalMove):
        rules.move(PaymentState.RETURNED, event)


@pytest.mark.parametrize("event", InstructionEvent)
@pytest.mark.parametrize("state", [InstructionState.DONE, InstructionState.REFUSED])
def test_a_finished_instruction_moves_no_more(state: InstructionState, event: InstructionEvent) -> None:
    with pytest.raises(IllegalMove):
        rules.move_instruction(state, event)


def test_unpaid_payments_are_asked_about_after_1_5_15_and_60_minutes() -> None:
    planned = [rules.next_ask(CREATED, asks) for asks in range(5)]

    assert planned == [*(CREATED + timedelta(minutes=n) for n in (1, 5, 15, 60)), None]


def check(parts: list[int], *, split_fen: int = 0, is_async: bool = False, finishes: bool = False) -> None:
    """Check a split of the worked example's 76.50 yuan."""
    asked = Split(tuple(SplitPart(f"2088{n:012d}", fen) for n, fen in enumerate(parts)), finishes, is_async)
    rules.check_split(
        asked, total_fen=7_650, split_fen=split_fen, cap_bp=3_000, sync_receivers=5, async_receivers=50
    )


def test_the_worked_example_is_23_9_percent_and_fits() -> None:
    check([685, 343, 800])

    assert (685 + 343 + 800) * 1_000 // 7_650 == 238


@pytest.mark.parametrize(
    ("parts", "split_fen"),
    [([2_296], 0), ([1_000, 1_296], 0), ([468], 1_828), ([0], 0), ([-5, 10], 0), ([], 0)],
)
def test_splits_that_do_not_fit_are_refused(parts: list[int], split_fen: int) -> None:
    with pytest.raises(SplitNotAllowed):
        check(parts, split_fen=split_fen)


def test_receivers_per_request_are_limited_by_the_mode() -> None:
    with pytest.raises(SplitNotAllowed, match="6 receivers"):
        check([1] * 6)
    with pytest.raises(SplitNotAllowed, match="51 receivers"):
        check([1] * 51, is_async=True)

    check([1] * 5)
    check([1] * 50, is_async=True)
    check([], finishes=True)


def test_free_freight_at_45_percent_is_over_the_cap() -> None:
    with pytest.raises(SplitNotAllowed, match="1349 fen are over the cap of 897 fen"):
        asked = Split((SplitPart("2088000000000031", 449), SplitPart("2088000000000091", 900)))
        rules.check_split(
            asked, total_fen=2_990, split_fen=0, cap_bp=3_000, sync_receivers=5, async_receivers=50
        )


@given(
    total_fen=st.integers(1, 10_000_000),
    shares=st.lists(st.integers(0, 3_000), min_size=1, max_size=5),
    cuts=st.lists(st.integers(0, 10_000_000), max_size=12),
)
def test_partial_refunds_return_exactly_what_one_full_refund_returns(
    total_fen: int, shares: list[int], cuts: list[int]
) -> None:
    parts = [SplitPart(f"2088{n:012d}", total_fen * bp // 10_000) for n, bp in enumerate(shares)]
    marks = sorted({0, total_fen, *(cut for cut in cuts if cut < total_fen)})
    returned = dict.fromkeys((part.account for part in parts), 0)

    for before, after in pairwise(marks):
        back = rules.royalties_back(
            parts, total_fen=total_fen, refunded_fen=before, refund_fen=after - before
        )
        for one in back:
            returned[one.account] += one.fen
            assert one.fen > 0

    assert returned == {part.account: part.fen for part in parts}


def test_more_than_was_paid_returns_nothing() -> None:
    with pytest.raises(ValueError):
        rules.royalties_back(
            [SplitPart("2088000000000031", 1)], total_fen=100, refunded_fen=60, refund_fen=41
        )
