"""Planning around a schedule: fewest moves first, then the objective."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from livestream.planner.parsers.schedule import parse_kept
from livestream.planner.solver.keeping import keep_most
from tests.solvers.planner.checker import Raw, Rules, check_schedule, check_sessions
from tests.solvers.planner.planning import plan, read, replan
from tests.solvers.planner.small import make_small

HERE = Path(__file__).parent
INSTANCE: Raw = json.loads((HERE / "example_instance.json").read_text(encoding="utf-8"))


def _differing(kept: Raw, again: Raw, cancelled: set[str]) -> set[str]:
    now_at = {row["request"]: row for row in again["sessions"]}
    stays = [row for row in kept["sessions"] if row["request"] not in cancelled]
    return {row["request"] for row in stays if now_at.get(row["request"]) != row}


@pytest.mark.parametrize("seed", range(40))
def test_one_cancellation_moves_nobody(seed: int, tmp_path: Path) -> None:
    instance = make_small(seed)
    kept = plan(instance, tmp_path, iterations=1)
    cancelled = {row["request"] for row in kept["sessions"][:1]} or {
        row["id"] for row in instance["requests"][:1]
    }

    again = replan(instance, kept, cancelled, tmp_path)

    assert check_schedule(instance, again, cancelled=frozenset(cancelled)) == []
    assert again["moved"] == [] and _differing(kept, again, cancelled) == set()


def test_freed_place_goes_to_the_waiting_request(tmp_path: Path) -> None:
    day = {"on": "2026-09-28", "from": "19:00", "to": "20:00"}
    product = {**INSTANCE["products"][0], "level": 1, "cold": False, "from": "2026-09-28", "to": "2026-09-28"}
    streamer = {**INSTANCE["streamers"][0], "categories": [product["category"]], "available": [day]}
    wish = {"products": [product["id"]], "slots": 2}
    instance = {
        **INSTANCE,
        "streamers": [streamer],
        "products": [{**product, "sessions": 5}],
        "requests": [{"id": "less", "value": 1, **wish}, {"id": "more", "value": 2, **wish}],
    }
    kept = plan(instance, tmp_path)

    again = replan(instance, kept, {"more"}, tmp_path)

    assert [row["request"] for row in kept["sessions"]] == ["more"]
    assert [row["request"] for row in again["sessions"]] == ["less"]
    assert again["unplaced"] == again["moved"] == []


def test_streamer_who_left_moves_only_her_sessions(tmp_path: Path) -> None:
    kept = plan(INSTANCE, tmp_path, iterations=2)
    gone = kept["sessions"][0]["streamer"]
    instance = {**INSTANCE, "streamers": [s for s in INSTANCE["streamers"] if s["id"] != gone]}

    again = replan(instance, kept, [], tmp_path)

    hers = [row["request"] for row in kept["sessions"] if row["streamer"] == gone]
    assert check_schedule(instance, again) == []
    assert sorted(again["moved"]) == sorted(hers) and hers
    assert _differing(kept, again, set()) == set(hers)


@pytest.mark.parametrize("seed", range(30))
def test_as_many_sessions_stay_as_possible(seed: int, tmp_path: Path) -> None:
    instance = make_small(seed, requests=10)
    kept = plan(instance, tmp_path, iterations=1)
    # Stricter rules than the schedule was made for: some of it cannot stay.
    stricter = {**instance, "rest_slots": 20, "turnaround_slots": 9}
    for streamer in stricter["streamers"]:
        streamer["max_slots_per_week"] = min(streamer["max_slots_per_week"], 6)
    sessions = kept["sessions"]
    feasible = [
        len(some)
        for size in range(len(sessions) + 1)
        for some in combinations(sessions, size)
        if not check_sessions(stricter, list(some))
    ]

    parsed = read(stricter, tmp_path)
    path = tmp_path / "schedule.json"
    path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    stay = keep_most(parse_kept(path, parsed, cancelled=frozenset()), parsed)
    again = replan(stricter, kept, [], tmp_path)

    assert len(stay) == max(feasible)
    assert check_schedule(stricter, again) == []
    assert len(again["moved"]) == len(sessions) - max(feasible)
    assert set(again["moved"]) == _differing(kept, again, set())


def test_upper_bound_holds_for_plans_that_move_everything(tmp_path: Path) -> None:
    for seed in range(20):
        instance = make_small(seed)
        kept = plan(instance, tmp_path, iterations=0)
        cancelled = {row["request"] for row in kept["sessions"][:2]}
        rest = {**instance, "requests": [r for r in instance["requests"] if r["id"] not in cancelled]}

        again = replan(instance, kept, cancelled, tmp_path)

        assert again["upper_bound"] >= plan(rest, tmp_path, iterations=3)["objective"]


def test_kept_sessions_keep_their_studios(tmp_path: Path) -> None:
    kept = plan(INSTANCE, tmp_path, iterations=1)

    again = replan(INSTANCE, kept, [], tmp_path)

    rules = Rules(INSTANCE)
    before = {row["request"]: row["studio"] for row in kept["sessions"]}
    assert {row["request"]: row["studio"] for row in again["sessions"] if row["request"] in before} == before
    assert set(before.values()) <= rules.studios.keys()
