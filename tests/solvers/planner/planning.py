"""Runs the planner on a raw instance the way the command does, and gives back what it would write."""

import json
from collections.abc import Iterable
from pathlib import Path

from livestream.planner import service
from livestream.planner.parsers.instance import parse_instance
from livestream.planner.parsers.schedule import format_schedule, parse_kept
from livestream.planner.types import Effort, Instance
from tests.solvers.planner.checker import Raw


def read(instance: Raw, folder: Path) -> Instance:
    """Write a raw instance to a file and parse it."""
    path = folder / "instance.json"
    path.write_text(json.dumps(instance, ensure_ascii=False), encoding="utf-8")
    return parse_instance(path)


def plan(instance: Raw, folder: Path, *, iterations: int = 2, seed: int = 1) -> Raw:
    """Plan with counted steps."""
    parsed = read(instance, folder)
    effort = Effort(None, iterations, seed)
    schedule = service.plan_sessions(parsed, effort=effort, elapsed_s=lambda: 0.0, report=lambda _: None)
    written: Raw = json.loads(format_schedule(schedule, parsed))
    return written


def replan(instance: Raw, kept: Raw, cancelled: Iterable[str], folder: Path, *, iterations: int = 2) -> Raw:
    """Plan again around a written schedule."""
    parsed, gone = read(instance, folder), frozenset(cancelled)
    path = folder / "kept.json"
    path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    schedule = service.replan_sessions(
        parsed,
        kept=parse_kept(path, parsed, cancelled=gone),
        cancelled=gone,
        effort=Effort(None, iterations, 1),
        elapsed_s=lambda: 0.0,
        report=lambda _: None,
    )
    written: Raw = json.loads(format_schedule(schedule, parsed))
    return written
