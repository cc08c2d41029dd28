"""Benchmarks of the joint plan: made-up counties, measured gaps, times and costs."""

from collections.abc import Sequence
from typing import Any


def run(seeds: Sequence[int], quick: bool) -> list[dict[str, Any]]:
    """Plan the counties of every case; twenty seeds take about half an hour."""
    from benchmarks.routes.bench import run_counties

    return list(run_counties(seeds, quick))
