"""Each rule of a schedule by itself, with exact values."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livestream.planner import rules
from livestream.planner.types import (
    InfeasibleSchedule,
    Instance,
    Product,
    Reason,
    Request,
    Session,
    Streamer,
    Studio,
    Weight,
    WeightDays,
    Window,
)

HOUR = 60
TEA = Product("P1", "F1", "茶", 1, False, 0, 6, 2)
HAM = Product("P2", "F2", "肉", 3, True, 2, 3, 1)
# 2026-10-08 is a Thursday: days 2 and 3 are the weekend.
INSTANCE = Instance(
    starts_on=date(2026, 10, 8),
    days=10,
    slot_minutes=30,
    opens_minute=6 * HOUR,
    closes_minute=24 * HOUR,
    weights=(
        Weight(WeightDays.WEEKEND, 19 * HOUR, 22 * HOUR, 110),
        Weight(WeightDays.ALL, 19 * HOUR + 15, 22 * HOUR + 45, 100),
        Weight(WeightDays.WEEKDAY, 19 * HOUR, 20 * HOUR, 7),
    ),
    default_weight=25,
    rest_slots=2,
    turnaround_slots=1,
    first_session_bonus=400,
    streamers=(
        Streamer("S1", 2, frozenset({"茶"}), tuple(Window(d, 8 * HOUR, 12 * HOUR) for d in range(10)), 6, 10),
        Streamer("S2", 3, frozenset({"茶", "肉"}), (Window(2, 18 * HOUR, 24 * HOUR),), 48, 400),
    ),
    studios=(Studio("R1", False), Studio("R2", True)),
    products={"P1": TEA, "P2": HAM},
    requests=(
        Request("Q1", ("P1",), 2, 3),
        Request("Q2", ("P1",), 4, 1),
        Request("Q3", ("P2",), 2, 5),
        Request("Q4", ("P1", "P2"), 2, 1),
        Request("Q5", ("P1",), 7, 1),
    ),
)
S1, S2 = INSTANCE.streamers


def at(day: int, hour: float) -> int:
    return day * 24 * HOUR + round(hour * HOUR)


def session(request: str, day: int, hour: float, streamer: str = "S1", studio: str = "R1") -> Session:
    slots = INSTANCE.request_by_id[request].slots
    return Session(request, streamer, studio, at(day, hour), slots)


def test_first_matching_weight_counts_by_the_start_of_a_slot() -> None:
    thursday, saturday = rules.weigh_slots(INSTANCE, 0), rules.weigh_slots(INSTANCE, 2)
    seven_pm = (19 - 6) * 2

    assert thursday[seven_pm - 1 : seven_pm + 9] == [25, 7, 100, 100, 100, 100, 100, 100, 100, 25]
    assert saturday[seven_pm - 1 : seven_pm + 9] == [25, 110, 110, 110, 110, 110, 110, 100, 100, 25]
    assert len(thursday) == 36


def test_qualification_needs_every_level_and_the_first_category() -> None:
    tea, _, ham, tea_and_ham, _ = INSTANCE.requests

    assert [rules.is_qualified(S1, r, INSTANCE) for r in (tea, ham, tea_and_ham)] == [True, False, False]
    assert [rules.is_qualified(S2, r, INSTANCE) for r in (tea, ham, tea_and_ham)] == [True, True, True]
    only_ham = replace(S2, categories=frozenset({"肉"}))
    assert not rules.is_qualified(only_ham, tea_and_ham, INSTANCE)


def test_request_has_the_days_that_all_its_products_share() -> None:
    assert rules.dates_of(INSTANCE.requests[3], INSTANCE) == (2, 3)
    assert rules.needs_cold(INSTANCE.requests[3], INSTANCE)
    assert rules.farmer_of(INSTANCE.requests[3], INSTANCE) == "F1"


def test_session_lies_inside_one_of_two_touching_windows() -> None:
    touching = replace(S1, windows=(Window(0, 8 * HOUR, 12 * HOUR), Window(0, 12 * HOUR, 14 * HOUR)))

    starts = [slot for _, slot in rules.window_starts(touching, 4, INSTANCE)]

    eight, noon = (8 - 6) * 2, (12 - 6) * 2
    assert starts == [eight, eight + 1, eight + 2, eight + 3, eight + 4, noon]


def test_window_beyond_opening_hours_and_off_the_grid_is_cut() -> None:
    early = replace(S1, windows=(Window(0, 4 * HOUR, 7 * HOUR + 10), Window(1, 23 * HOUR + 10, 24 * HOUR)))

    assert list(rules.window_starts(early, 2, INSTANCE)) == [(0, 0)]
    assert list(rules.window_starts(early, 1, INSTANCE)) == [(0, 0), (0, 1), (1, 35)]


def test_objective_counts_each_farmer_once() -> None:
    sessions = [session("Q1", 0, 8), session("Q2", 1, 8), session("Q3", 2, 19, "S2", "R2")]

    assert rules.objective_of(sessions, INSTANCE) == 3 * 50 + 1 * 100 + 5 * 220 + 2 * 400


@pytest.mark.parametrize(
    ("objective", "bound", "gap_bp"),
    [(10_000, 10_000, 0), (10_000, 10_001, 1), (30_000, 30_001, 1), (3, 4, 3334), (0, 0, 0), (0, 7, 70_000)],
)
def test_gap_is_rounded_up(objective: int, bound: int, gap_bp: int) -> None:
    assert rules.gap_bp_of(objective, bound) == gap_bp


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_gap_is_the_least_whole_number_that_covers(objective: int, above: int) -> None:
    gap_bp = rules.gap_bp_of(objective, objective + above)

    assert (gap_bp - 1) * objective < above * 10_000 <= gap_bp * objective


FAULTY = {
    "unknown streamer": ([session("Q1", 0, 8, "S9")], "its request, streamer or studio is unknown"),
    "other slots": ([Session("Q1", "S1", "R1", at(0, 8), 3)], "has 3 slots instead of 2"),
    "not qualified": ([session("Q3", 2, 9, "S1", "R2")], "S1 lacks the level or the category"),
    "warm studio": ([session("Q3", 2, 19, "S2", "R1")], "R1 is not cold"),
    "outside the dates": ([session("Q1", 7, 8)], "day 7 is outside its products' dates"),
    "outside the window": ([session("Q1", 0, 11.5)], "does not lie inside one window of S1"),
    "off the grid": ([session("Q1", 0, 8.25)], "does not lie inside one window of S1"),
    "twice": ([session("Q1", 0, 8), session("Q1", 1, 8)], "Q1: placed 2 times"),
    "too little rest": (
        [session("Q1", 0, 8), session("Q2", 0, 9.5, "S1", "R2")],
        "S1: Q1 and Q2 are closer than 2",
    ),
    "too little turnaround": (
        [session("Q1", 2, 9, "S1"), session("Q2", 2, 8.5, "S1")],
        "R1: Q2 and Q1 are closer than 1 slots",
    ),
    "too many slots in a week": (
        [session("Q1", 0, 8), session("Q2", 1, 8), session("Q5", 2, 8)],
        "S1: too many slots in week 0",
    ),
    "too many slots in a day": ([session("Q5", 2, 8)], "S1: too many slots on day 2"),
    "product shown too often": (
        [session("Q1", 0, 8), session("Q2", 1, 8), session("Q4", 2, 19, "S2", "R2")],
        "P1: shown 3 times",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_broken_rule_is_named(name: str) -> None:
    sessions, says = FAULTY[name]

    with pytest.raises(InfeasibleSchedule) as refusal:
        rules.require_feasible(sessions, INSTANCE)

    assert says in str(refusal.value)


def test_exact_rest_turnaround_and_limits_are_feasible() -> None:
    sessions = [
        session("Q1", 0, 8),
        session("Q2", 0, 10),
        session("Q3", 2, 18, "S2", "R2"),
    ]

    rules.require_feasible(sessions, INSTANCE)


def test_rest_counts_over_midnight() -> None:
    round_the_clock = replace(
        INSTANCE,
        opens_minute=0,
        streamers=(replace(S1, windows=(Window(0, 22 * HOUR, 24 * HOUR), Window(1, 0, 3 * HOUR))),),
    )
    late, early = session("Q1", 0, 23), session("Q2", 1, 0.5, "S1", "R2")
    later = session("Q2", 1, 1, "S1", "R2")

    with pytest.raises(InfeasibleSchedule, match="S1: Q1 and Q2 are closer than 2 slots"):
        rules.require_feasible([late, early], round_the_clock)
    rules.require_feasible([late, later], round_the_clock)


def test_weeks_start_on_the_first_day_of_the_horizon() -> None:
    long = replace(TEA, last_day=9)
    instance = replace(INSTANCE, products={"P1": replace(long, sessions=9), "P2": HAM})
    instance = replace(
        instance, requests=tuple(Request(f"Q{n}", ("P1",), 4, 1) for n in range(4)), turnaround_slots=0
    )
    sixth, seventh, eighth = (Session(f"Q{n}", "S1", "R1", at(5 + n, 8), 4) for n in range(3))

    rules.require_feasible([sixth, seventh, eighth], instance)
    with pytest.raises(InfeasibleSchedule, match="S1: too many slots in week 0"):
        rules.require_feasible([Session("Q3", "S1", "R1", at(4, 8), 4), sixth, seventh], instance)


def test_bound_below_the_objective_is_our_mistake() -> None:
    rules.require_bounded(5, 5)
    with pytest.raises(InfeasibleSchedule, match="objective 6 is above the upper bound 5"):
        rules.require_bounded(6, 5)


def _reason(instance: Instance, request: str, placed: list[Session]) -> tuple[Reason, str]:
    rows = rules.explain_unplaced(placed, instance, leave_out=frozenset())
    return next((row.reason, row.detail) for row in rows if row.request == request)


def test_reasons_come_in_their_order() -> None:
    no_cold = replace(INSTANCE, studios=(Studio("R1", False),))
    unskilled = replace(no_cold, streamers=(S1,))
    placed = [session("Q1", 0, 8), session("Q2", 1, 8)]

    assert _reason(unskilled, "Q3", []) == (
        Reason.NO_QUALIFIED_STREAMER,
        "no streamer has category 肉 and level 3 or higher",
    )
    assert _reason(no_cold, "Q5", placed)[0] == Reason.PRODUCT_SESSIONS_USED
    late = replace(INSTANCE, streamers=(S1, replace(S2, windows=(Window(4, 0, 1440),))))
    assert _reason(replace(late, studios=no_cold.studios), "Q3", [])[0] == Reason.NO_WINDOW
    assert _reason(no_cold, "Q3", [])[0] == Reason.NO_COLD_STUDIO
    assert _reason(INSTANCE, "Q4", placed) == (
        Reason.PRODUCT_SESSIONS_USED,
        "product P1 is already in the 2 sessions it may have",
    )
    assert _reason(INSTANCE, "Q3", placed)[0] == Reason.NO_PLACE_LEFT


def test_session_longer_than_every_daily_limit_has_no_window() -> None:
    instance = replace(INSTANCE, streamers=(S1,))

    reason, detail = _reason(instance, "Q5", [])

    assert reason == Reason.NO_WINDOW
    assert detail.startswith(
        "none of the 1 qualified streamers has a window of 7 slots, inside opening hours"
    )


def test_cancelled_requests_get_no_reason() -> None:
    rows = rules.explain_unplaced([session("Q1", 0, 8)], INSTANCE, leave_out=frozenset(["Q3", "Q4"]))

    assert [row.request for row in rows] == ["Q2", "Q5"]
