"""Adding up a month's shares, the balanced entry, the tables of moves, what of a statement is agreed."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.errors import IllegalMove
from logistics.netting import rules
from logistics.netting.types import PartyLine, PeriodEvent, PeriodState
from logistics.settlements import rules as statement_rules
from logistics.settlements.types import (
    BadPeriod,
    Discrepancy,
    Findings,
    StatementEvent,
    StatementState,
)

NAMES = ("中通", "圆通", "申通")
IDS = {name: UUID(int=number) for number, name in enumerate(NAMES, 1)}
fen = st.integers(0, 10**9)
shares = st.lists(st.builds(PartyLine, st.sampled_from(NAMES), fen, fen, st.integers(1, 9), st.just(0)))


@given(shares, st.dictionaries(st.sampled_from(NAMES), fen))
def test_month_loses_no_fen_and_its_entry_balances(days, agreed_fen):
    lines = rules.add_up(days, agreed_fen=agreed_fen)
    entry = rules.postings(lines, carrier_ids=IDS)

    assert sum(line.share_fen for line in lines) == sum(day.share_fen for day in days)
    assert sum(line.agreed_fen for line in lines) == sum(agreed_fen.values())
    assert sum(amount for _account, amount in entry) == 0
    assert all(amount for _account, amount in entry)


def test_entry_of_a_month_to_the_fen():
    lines = rules.add_up(
        [
            PartyLine("中通", 500, 900, 2, 0),
            PartyLine("圆通", 300, 400, 1, 0),
            PartyLine("中通", 50, 60, 1, 0),
        ],
        agreed_fen={"圆通": 1_000, "申通": 0},
    )

    assert lines == (PartyLine("中通", 550, 960, 3, 0), PartyLine("圆通", 300, 400, 1, 1_000))
    assert rules.postings(lines, carrier_ids=IDS) == [
        (f"receivable:courier:{IDS['中通']}", 550),
        (f"payable:courier:{IDS['圆通']}", -700),
        ("income:joint-tours", -850),
        ("expense:linehaul", 1_000),
    ]


@pytest.mark.parametrize("state", list(PeriodState))
@pytest.mark.parametrize("event", list(PeriodEvent))
def test_period_moves_only_along_its_table(state, event):
    expected = {
        (PeriodState.OPEN, PeriodEvent.RECONCILE): PeriodState.RECONCILED,
        (PeriodState.RECONCILED, PeriodEvent.RECONCILE): PeriodState.RECONCILED,
        (PeriodState.RECONCILED, PeriodEvent.CLOSE): PeriodState.CLOSED,
    }.get((state, event))

    if expected is not None:
        assert rules.move(state, event) is expected
    else:
        with pytest.raises(IllegalMove):
            rules.move(state, event)


@pytest.mark.parametrize("event", list(StatementEvent))
def test_agreed_statement_takes_no_event(event):
    with pytest.raises(IllegalMove):
        statement_rules.move(StatementState.AGREED, event)


def test_only_a_read_statement_is_agreed():
    agreeable = [state for state in StatementState if (state, StatementEvent.AGREE) in statement_rules.MOVES]

    assert agreeable == [StatementState.RECONCILED]


@pytest.mark.parametrize("period", ["", "2026-13", "2026-1", "26-10", "2026-10-01", "２０２６-10", "1926-10"])
def test_what_is_no_month_is_refused(period):
    with pytest.raises(BadPeriod):
        statement_rules.month_span(period)


def test_month_is_half_open():
    assert statement_rules.month_span("2026-12") == (date(2026, 12, 1), date(2027, 1, 1))


def test_agreed_is_the_charge_less_what_is_too_much_plus_what_is_too_little():
    items = (
        Discrepancy("1", "weight", 1_000, 800, (2,)),
        Discrepancy("2", "rate", 500, 600, (3, 4)),
        Discrepancy("3", "unknown_waybill", 950, 0, (5,)),
        # Not on the statement: nothing is billed, so nothing is in dispute.
        Discrepancy("4", "not_billed", 0, 800, ()),
        # Cash on delivery is remitted apart.
        Discrepancy("5", "cod", 0, 30_000, (6,)),
    )
    found = Findings(5, 4, 10_000, 9_000, 1, {}, items, ())

    assert found.disputed_fen == 200 - 100 + 950
    assert found.agreed_fen == 10_000 - 1_050
