"""The example of the public file format, and the same plan for the same seed."""

import json
from pathlib import Path

from tests.solvers.planner.checker import Raw, check_schedule
from tests.solvers.planner.planning import plan
from tests.solvers.planner.small import make_small

HERE = Path(__file__).parent
INSTANCE: Raw = json.loads((HERE / "example_instance.json").read_text(encoding="utf-8"))
GREEDY: Raw = json.loads((HERE / "example_schedule.json").read_text(encoding="utf-8"))


def test_example_is_planned_better_than_its_greedy_answer(tmp_path: Path) -> None:
    schedule = plan(INSTANCE, tmp_path, iterations=6)

    assert check_schedule(INSTANCE, schedule) == []
    assert schedule["objective"] >= 36_000 > GREEDY["objective"]
    assert schedule["objective"] <= schedule["upper_bound"] < GREEDY["upper_bound"]
    assert schedule["gap_bp"] <= 300


def test_every_unplaced_request_of_the_example_has_its_reason(tmp_path: Path) -> None:
    schedule = plan(INSTANCE, tmp_path, iterations=0)

    reasons = [row["reason"] for row in schedule["unplaced"]]

    assert reasons.count("no_qualified_streamer") == 20
    assert reasons.count("no_window") == 13
    assert reasons.count("no_cold_studio") == 1


def test_counted_steps_give_the_same_schedule_again(tmp_path: Path) -> None:
    for instance in (INSTANCE, make_small(7), make_small(1001, requests=60, streamers=12, studios=5)):
        first = plan(instance, tmp_path, iterations=3, seed=5)
        second = plan(instance, tmp_path, iterations=3, seed=5)

        assert json.dumps(first) == json.dumps(second)


def test_no_requests_give_an_empty_schedule_without_gap(tmp_path: Path) -> None:
    schedule = plan({**INSTANCE, "requests": [], "products": []}, tmp_path)

    assert schedule["sessions"] == schedule["unplaced"] == []
    assert (schedule["objective"], schedule["upper_bound"], schedule["gap_bp"]) == (0, 0, 0)


def test_worthless_requests_are_planned_with_objective_zero(tmp_path: Path) -> None:
    worthless = [{**request, "value": 0} for request in INSTANCE["requests"]]
    instance = {**INSTANCE, "requests": worthless, "first_session_bonus": 0}

    schedule = plan(instance, tmp_path)

    assert check_schedule(instance, schedule) == []
    assert (schedule["objective"], schedule["upper_bound"], schedule["gap_bp"]) == (0, 0, 0)
