"""Patterns are read in arrays: each is as good as the tables promise, and is counted like one by itself."""

from pathlib import Path

import numpy as np
import pytest

from livestream.planner.solver.grid import make_grid
from livestream.planner.solver.master import Column, Limits
from livestream.planner.solver.pricing import Pricer
from livestream.planner.solver.reading import read_patterns, read_sessions
from tests.solvers.planner.planning import read
from tests.solvers.planner.small import make_small


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_patterns_earn_what_the_tables_promise_and_take_what_they_take(seed: int, tmp_path: Path) -> None:
    instance = make_small(seed)
    # Rests as long as the night reach into the next day, and take limits there.
    instance["rest_slots"] = 20 if seed % 2 else instance["rest_slots"]
    parsed = read(instance, tmp_path)
    pricer = Pricer(make_grid(parsed, parsed.requests))
    limits, random = Limits(pricer), np.random.default_rng(seed)
    duals = random.random(limits.blocks.end) * 300 * (random.random(limits.blocks.end) < 0.3)
    farmers = slice(limits.blocks.farmer, limits.blocks.studio)
    duals[farmers] = np.minimum(duals[farmers], limits.grid.bonus)
    prices = limits.to_prices(duals)
    whole = np.rint(np.clip(duals, 0, pricer.dearest) * pricer.scale).astype(np.int64)
    # A streamer's day costs nothing by itself.
    whole[limits.blocks.day :] = 0
    days = pricer.price_days(pricer.profit(prices), prices, pricer.all_rows)
    earning = np.flatnonzero(pricer.day_values(days) > 0)

    patterns = read_patterns(pricer, days, earning, prices)
    together = limits.use_together(days.rows, earning, read_sessions(pricer, days, earning, prices))

    assert [row for row, _ in patterns] == days.rows[earning].tolist()
    alone = np.zeros(limits.blocks.end)
    for k, (row, pattern) in zip(earning, patterns, strict=True):
        earned = limits.worth_of(Column(row, pattern)) * pricer.scale
        for limit, amount in limits.use_of(Column(row, pattern)).items():
            alone[limit] += amount
            earned -= amount * int(whole[limit])
        assert earned == pricer.day_values(days)[k]
    assert together.tolist() == alone.tolist()
