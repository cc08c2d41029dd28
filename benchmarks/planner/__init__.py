"""Benchmarks of the session planner: seeded instances, a plain local search as anchor, one table."""

from collections.abc import Sequence
from typing import Any


def run(seeds: Sequence[int], quick: bool) -> list[dict[str, Any]]:
    """Measure planning and re-planning on made-up instances, one row for each size and seed."""
    from benchmarks.planner.measure import measure

    return measure(seeds, quick)
