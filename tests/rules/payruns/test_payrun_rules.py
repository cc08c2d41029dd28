"""Tax at the edges of its brackets, what is open, what papers let through, what bank answers say."""

from datetime import UTC, date, datetime
from itertools import pairwise
from random import Random

import pytest

from county.errors import IllegalMove
from county.ledger.types import AccountLine, Cause
from shop.payruns import rules
from shop.payruns.types import ItemEvent, ItemState, OpenEntry, RunEvent, RunState, WaitReason

AT = datetime(2026, 10, 5, tzinfo=UTC)
EDGES = [
    (0, 0),
    (80_000, 0),
    (80_002, 0),
    (80_003, 1),
    (80_100, 20),
    (399_999, 64_000),
    (400_000, 64_000),
    (400_001, 64_000),
    (400_100, 64_016),
    (2_500_000, 400_000),
    (2_500_005, 400_001),
    (6_250_000, 1_300_000),
    (6_250_005, 1_300_002),
    (10_000_000, 2_500_000),
]


@pytest.mark.parametrize(("gross_fen", "tax_fen"), EDGES)
def test_tax_is_exact_at_the_edges_of_its_brackets(gross_fen, tax_fen):
    assert rules.monthly_tax_fen(gross_fen) == tax_fen


def test_payment_of_one_fen_is_paid_and_its_tax_is_due_with_the_next():
    assert rules.withheld_fen(1, earlier_gross_fen=510_509, earlier_withheld_fen=81_681) == 0
    assert rules.withheld_fen(100, earlier_gross_fen=510_510, earlier_withheld_fen=81_681) == 17


def test_parts_of_a_month_are_taxed_as_much_as_the_whole():
    # A seeded loop: a busy machine cannot make it fail.
    chance = Random(20261128)
    for _ in range(3_000):
        parts = [
            chance.randint(2, chance.choice((200, 90_000, 3_000_000))) for _ in range(chance.randint(1, 6))
        ]
        gross_fen = withheld_fen = 0
        for part in parts:
            tax_fen = rules.withheld_fen(part, earlier_gross_fen=gross_fen, earlier_withheld_fen=withheld_fen)
            assert 0 <= tax_fen < part, parts
            gross_fen, withheld_fen = gross_fen + part, withheld_fen + tax_fen
        assert withheld_fen == rules.monthly_tax_fen(sum(parts)), parts


def test_tax_never_falls_when_pay_rises():
    chance = Random(20261129)
    pays = sorted(chance.randint(0, 20_000_000) for _ in range(3_000))
    edges = [edge + more for edge in (80_000, 400_000, 2_500_000, 6_250_000) for more in range(-3, 4)]
    for less, more in pairwise(sorted([*pays, *edges])):
        assert rules.monthly_tax_fen(less) <= rules.monthly_tax_fen(more), (less, more)


def test_tax_withheld_before_something_came_back_is_not_withheld_again():
    assert rules.withheld_fen(100_000, earlier_gross_fen=0, earlier_withheld_fen=50_000) == 0


def line(key, fen, kind="order", ref="SH1"):
    return AccountLine(key, AT, date(2026, 10, 5), Cause(kind, ref), "", fen)


def test_own_payments_and_what_they_took_are_not_open():
    lines = [
        line("release:SH1", -600),
        line("release:SH2", -500, ref="SH2"),
        line("payout:FK1", 600, kind="pay_item", ref="FK1"),
        line("comp:1", -50, kind="claim", ref="1"),
    ]

    assert rules.open_entries(lines, taken={"release:SH1"}) == (
        OpenEntry("release:SH2", 500, "SH2"),
        OpenEntry("comp:1", 50, None),
    )


def test_refunded_order_is_taken_off_also_without_a_paper():
    released, refund, other = (
        OpenEntry("release:SH1", 600, "SH1"),
        OpenEntry("refund:1", -700, "SH1"),
        OpenEntry("release:SH2", 500, "SH2"),
    )

    assert rules.part_by_papers([released, other], covered=()) == ((), (released, other))
    assert rules.part_by_papers([released, refund, other], covered=["SH2"]) == ((released, refund, other), ())
    assert rules.part_by_papers([released, refund, other], covered=[]) == ((released, refund), (other,))


def test_item_holds_while_nothing_is_taken_off():
    one, two, off = OpenEntry("a", 5, None), OpenEntry("b", 7, None), OpenEntry("c", -1, None)

    assert rules.is_still([one], now_ready=[one, two], now_open=[one, two])
    assert not rules.is_still([one], now_ready=[two], now_open=[one, two])
    assert not rules.is_still([one], now_ready=[one, off], now_open=[one, off])
    assert rules.is_still([one, off], now_ready=[one, off], now_open=[one, off])


def test_weightiest_reason_to_wait_is_named():
    assert rules.reason_of(has_account=False, is_cooling=True, came_back=True) is WaitReason.COOLING_OFF
    assert rules.reason_of(has_account=False, is_cooling=False, came_back=True) is WaitReason.NO_ACCOUNT
    assert rules.reason_of(has_account=True, is_cooling=False, came_back=True) is WaitReason.RETURNED
    assert rules.reason_of(has_account=True, is_cooling=False, came_back=False) is None


def test_moves_that_are_not_in_the_tables_are_refused():
    for state in RunState:
        for event in RunEvent:
            if (state, event) not in rules.MOVES:
                with pytest.raises(IllegalMove):
                    rules.move(state, event)
    for state in ItemState:
        for event in ItemEvent:
            if (state, event) not in rules.ITEM_MOVES:
                with pytest.raises(IllegalMove):
                    rules.move_item(state, event)
