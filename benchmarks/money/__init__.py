"""Plays seeds of the money simulation on every core, keeps what is done, and counts what does not hold."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "out"
# Seeds that one process plays before it says how it went.
BATCH = 200


@dataclass(frozen=True)
class Batch:
    """How some seeds went."""

    seeds: int
    orders: int
    deeds: int
    kills: int
    cpu_s: float
    failed: tuple[int, ...]
    happened: dict[str, int]


def play(seeds: Sequence[int]) -> Batch:
    """Play seeds one after the other in this process."""
    from tests.flows.money_simulation.running import open_theatre, play_safely

    begun_s, orders, deeds, kills = time.process_time(), 0, 0, 0
    failed: list[int] = []
    happened: Counter[str] = Counter()
    with open_theatre() as theatre:
        for seed in seeds:
            story, faults = play_safely(theatre, seed)
            orders, deeds, kills = orders + story.placed, deeds + len(story.lines), kills + story.kills
            happened.update(story.counts)
            if faults:
                failed.append(seed)
    return Batch(
        len(seeds), orders, deeds, kills, time.process_time() - begun_s, tuple(failed), dict(happened)
    )


def run(*, seeds: Sequence[int], quick: bool = False, path: Path | None = None) -> list[dict[str, Any]]:
    """Play all `seeds`, on every core; what an earlier run of the same number has done is not done again.

    Takes: `quick`, a single small batch; `path`, the file that remembers finished batches.
    Gives: one row of figures; a seed that failed is named.
    """
    seeds = list(seeds)[:4] if quick else list(seeds)
    path = path or OUT / f"money-{len(seeds)}.jsonl"
    done = {} if quick else _remembered(path)
    batches = [seeds[at : at + BATCH] for at in range(0, len(seeds), BATCH)]
    waiting = [batch for batch in batches if batch[0] not in done]
    begun_s = time.monotonic()
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(waiting) or 1)) as pool:
        for batch, result in zip(waiting, pool.map(play, waiting), strict=True):
            done[batch[0]] = result
            if not quick:
                _remember(path, batch[0], result)
            _progress(done, len(seeds), time.monotonic() - begun_s)
    return [_row(list(done.values()))]


def _remembered(path: Path) -> dict[int, Batch]:
    if not path.exists():
        return {}
    kept = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {
        each["first"]: Batch(**{**each["batch"], "failed": tuple(each["batch"]["failed"])}) for each in kept
    }


def _remember(path: Path, first: int, batch: Batch) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"first": first, "batch": vars(batch)}) + "\n")


def _progress(done: dict[int, Batch], all_seeds: int, wall_s: float) -> None:
    played = sum(batch.seeds for batch in done.values())
    failed = [seed for batch in done.values() for seed in batch.failed]
    print(f"{played:,} of {all_seeds:,} seeds, {wall_s:,.0f} s, failed {failed}", file=sys.stderr, flush=True)


def _row(batches: Sequence[Batch]) -> dict[str, Any]:
    happened: Counter[str] = Counter()
    for batch in batches:
        happened.update(batch.happened)
    failed = sorted(seed for batch in batches for seed in batch.failed)
    seeds = sum(batch.seeds for batch in batches)
    return {
        "what": "failed: " + (", ".join(map(str, failed[:20])) or "none"),
        "seeds": seeds,
        "failed seeds": len(failed),
        "orders": sum(batch.orders for batch in batches),
        "deeds": sum(batch.deeds for batch in batches),
        "processes killed": sum(batch.kills for batch in batches),
        "bills read": happened["bills"],
        "claims": happened["claim"],
        "refunds": happened["refund"],
        "pay runs": happened["pay_run"],
        "CPU s a seed": sum(batch.cpu_s for batch in batches) / max(1, seeds),
    }
