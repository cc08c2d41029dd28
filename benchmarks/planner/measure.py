"""Measures plans of several sizes: objective, bound, gap, anchor, greedy alone, and a re-plan."""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.planner.instances import make_instance
from benchmarks.planner.local_search import search_locally
from livestream.planner import service
from livestream.planner.parsers.instance import parse_instance
from livestream.planner.solver import greedy
from livestream.planner.solver.calendar import Calendar
from livestream.planner.solver.grid import make_grid
from livestream.planner.types import Effort, Instance, Progress, Schedule

# name: requests, streamers, studios, days, seconds
SIZES: dict[str, tuple[int, int, int, int, float]] = {
    "week": (80, 24, 6, 7, 60.0),
    "county": (300, 60, 8, 14, 60.0),
    "scarce": (300, 30, 3, 14, 60.0),
    "large": (1500, 300, 40, 14, 60.0),
    "large-scarce": (1500, 60, 8, 14, 60.0),
}
_QUICK = {"week": (80, 24, 6, 7, 5.0)}


def _quiet(_: Progress) -> None:
    pass


def _load(seed: int, size: tuple[int, int, int, int, float]) -> Instance:
    requests, streamers, studios, days, _ = size
    made = make_instance(seed, requests=requests, streamers=streamers, studios=studios, days=days)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.json"
        path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
        return parse_instance(path)


def _time_greedy(instance: Instance) -> tuple[int, float]:
    began = time.perf_counter()
    calendar = Calendar(make_grid(instance, instance.requests))
    greedy.fill(calendar, greedy.order_by_density(calendar))
    return calendar.objective(), time.perf_counter() - began


def _plan(instance: Instance, limit_s: float, seed: int) -> Schedule:
    began = time.perf_counter()
    effort = Effort(limit_s, None, seed, processes=2)
    return service.plan_sessions(
        instance, effort=effort, elapsed_s=lambda: time.perf_counter() - began, report=_quiet
    )


def _replan(instance: Instance, plan: Schedule, seed: int) -> Schedule:
    began = time.perf_counter()
    cancelled = plan.sessions[len(plan.sessions) // 2].request
    return service.replan_sessions(
        instance,
        kept=[session for session in plan.sessions if session.request != cancelled],
        cancelled=frozenset([cancelled]),
        effort=Effort(60.0, None, seed),
        elapsed_s=lambda: time.perf_counter() - began,
        report=_quiet,
    )


def _measure_one(name: str, size: tuple[int, int, int, int, float], seed: int) -> dict[str, Any]:
    instance = _load(seed, size)
    first, greedy_s = _time_greedy(instance)
    plan = _plan(instance, size[4], seed)
    anchor, _ = search_locally(make_grid(instance, instance.requests), limit_s=size[4], seed=seed)
    again = _replan(instance, plan, seed)
    return {
        "size": name,
        "requests/streamers/studios/days": "/".join(map(str, size[:4])),
        "seed": seed,
        "placed": len(plan.sessions),
        "objective": plan.objective,
        "bound": plan.upper_bound,
        "gap %": plan.gap_bp / 100,
        "seconds": round(plan.seconds, 1),
        "anchor": anchor.objective(),
        "over anchor %": round((plan.objective / anchor.objective() - 1) * 100, 2),
        "greedy": first,
        "greedy s": round(greedy_s, 3),
        "re-plan s": round(again.seconds, 2),
        "moved": len(again.moved or ()),
        "re-plan objective": again.objective,
    }


def measure(seeds: Sequence[int], quick: bool, *, only: str | None = None) -> list[dict[str, Any]]:
    """Give one row for each size and seed, in order."""
    sizes = _QUICK if quick else SIZES
    rows = []
    for name, size in sizes.items():
        for seed in seeds if only in (None, name) else ():
            rows.append(_measure_one(name, size, seed))
            print(f"{name} {seed}: gap {rows[-1]['gap %']} %", file=sys.stderr, flush=True)
    return rows
