"""Each difference between a bill and our books is found, and by its name."""

from dataclasses import replace
from datetime import UTC, date, datetime

from county.payments.gateway import Bill, BillRow
from county.payments.reconciliation import OurPayment, OurRefund, Ours, compare_bill
from county.payments.types import Finding, FindingKind, SplitPart

ON = date(2026, 10, 5)
AT = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
PAID = BillRow("T1", "A1", False, "", 7_650, -46, AT)
BACK = BillRow("T1", "A1", True, "R1", -2_000, 12, AT)
PAYMENT = OurPayment("A1", "T1", 7_650, 2_000, True)
REFUND = OurRefund("T1", "R1", "A1", 2_000, is_done=True, is_expected=True)
OURS = Ours(
    payments={"A1": PAYMENT},
    refunds={("T1", "R1"): REFUND},
    lost=frozenset(),
    billed_refunds={"T1": 2_000},
    splits={},
)


def compare(*rows: BillRow, ours: Ours = OURS) -> list[Finding]:
    """Compare these rows with our side."""
    return compare_bill(Bill(ON, rows), ours, fee_bp=60)


def test_a_day_on_which_all_agree_has_no_finding() -> None:
    assert compare(PAID, BACK) == []


def test_a_lost_notice() -> None:
    ours = replace(OURS, lost=frozenset({"A1"}))

    assert compare(PAID, BACK, ours=ours) == [Finding(ON, FindingKind.LOST_NOTICE, "A1", 7_650, 7_650, "T1")]


def test_a_payment_that_is_here_but_not_there() -> None:
    assert compare(BACK) == [Finding(ON, FindingKind.PAYMENT_NOT_THERE, "A1", 7_650, 0, "T1")]


def test_an_amount_that_differs() -> None:
    wrong = replace(PAID, fen=7_651)

    assert compare(wrong, BACK) == [Finding(ON, FindingKind.AMOUNT_DIFFERS, "A1", 7_650, 7_651, "T1")]


def test_an_order_paid_twice() -> None:
    second = replace(PAID, trade_no="T2")

    assert compare(PAID, second, BACK) == [Finding(ON, FindingKind.PAID_TWICE, "A1", 7_650, 7_650, "T2")]


def test_a_refund_that_is_here_but_not_there() -> None:
    assert compare(PAID) == [Finding(ON, FindingKind.REFUND_NOT_THERE, "A1", 2_000, 0, "R1")]


def test_a_refund_near_midnight_is_waited_for_a_day() -> None:
    late = replace(REFUND, is_expected=False)
    ours = replace(OURS, refunds={("T1", "R1"): late}, billed_refunds={})

    assert compare(PAID, ours=ours) == []


def test_a_refund_that_is_there_but_not_here() -> None:
    unknown = replace(OURS, refunds={("T1", "R1"): replace(REFUND, is_done=False)})

    expected = [Finding(ON, FindingKind.REFUND_NOT_HERE, "A1", 0, 2_000, "R1")]
    assert compare(PAID, BACK, ours=unknown) == expected
    assert compare(PAID, BACK, ours=replace(OURS, refunds={})) == expected


def test_a_refund_of_another_amount() -> None:
    wrong = replace(BACK, fen=-1_999)

    assert compare(PAID, wrong) == [Finding(ON, FindingKind.AMOUNT_DIFFERS, "A1", 2_000, 1_999, "R1")]


def test_an_unknown_order() -> None:
    strange = replace(PAID, trade_no="T9", out_trade_no="B9")

    assert compare(PAID, BACK, strange) == [Finding(ON, FindingKind.UNKNOWN_ORDER, "B9", 0, 7_650, "T9")]


def test_a_fee_that_is_not_as_contracted() -> None:
    rounded = replace(PAID, fee_fen=-45)
    high = replace(PAID, fee_fen=-77)

    assert compare(rounded, BACK) == []
    assert compare(high, BACK) == [Finding(ON, FindingKind.FEE_DIFFERS, "A1", 46, 77, "T1")]


def test_a_state_that_differs() -> None:
    closed_there = replace(OURS, billed_refunds={"T1": 7_650})
    closed_here = replace(OURS, payments={"A1": replace(PAYMENT, refunded_fen=7_650)})

    assert compare(PAID, BACK, ours=closed_there) == [
        Finding(ON, FindingKind.STATE_DIFFERS, "A1", 2_000, 7_650, "T1")
    ]
    assert compare(PAID, BACK, ours=closed_here) == [
        Finding(ON, FindingKind.STATE_DIFFERS, "A1", 7_650, 2_000, "T1")
    ]


def test_a_whole_refund_recorded_a_day_late_but_before_its_bill_is_no_difference() -> None:
    whole = replace(BACK, fen=-7_650)
    late = replace(REFUND, fen=7_650, is_expected=False)
    ours = replace(
        OURS,
        payments={"A1": replace(PAYMENT, refunded_fen=7_650)},
        refunds={("T1", "R1"): late},
        billed_refunds={"T1": 7_650},
    )

    assert compare(PAID, whole, ours=ours) == []


def test_splits_not_or_doubly_executed() -> None:
    streamer, association = SplitPart("2088000000000031", 685), SplitPart("2088000000000091", 343)
    agreed = replace(OURS, splits={"T1": ([streamer, association], [association, streamer])})
    missing = replace(OURS, splits={"T1": ([streamer, association], [streamer])})
    twice = replace(OURS, splits={"T1": ([streamer], [streamer, streamer])})

    assert compare(PAID, BACK, ours=agreed) == []
    assert compare(PAID, BACK, ours=missing) == [
        Finding(ON, FindingKind.SPLIT_MISSING, "T1", 343, 0, "2088000000000091")
    ]
    assert compare(PAID, BACK, ours=twice) == [
        Finding(ON, FindingKind.SPLIT_TWICE, "T1", 0, 685, "2088000000000031")
    ]
