"""Measures whole pools of 21 couriers: processor time, memory, and who would rather leave."""

import random
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.allocation.properties import measure_properties
from benchmarks.routes.county import make_county
from logistics.allocation import service
from logistics.allocation.types import Allocation, CourierTerms, Method
from logistics.routes.parsers import read_instance
from logistics.routes.types import Instance

BILL_FEN = 1_000_000
_COUNTIES = 50


def run(seeds: Sequence[int], quick: bool) -> list[dict[str, Any]]:
    """Share a bill among 21 couriers (quick: 9) by every method, with and without sub-contract prices.

    Gives: a row for each size, kind of prices and method over all seeds – the worst of each figure –, then a
    row for each method with its properties on 50 small counties (quick: 5).
    """
    couriers = 9 if quick else 21
    rows = []
    for parcels in (1_000,) if quick else (6_000, 30_000):
        found: dict[tuple[str, Method], list[tuple[Allocation, float]]] = {}
        for seed in seeds:
            instance = read_county(seed, parcels=parcels, couriers=couriers)
            for terms in ("none", "some"):
                pool = make_pool(instance, seed, with_prices=terms == "some")
                for method in Method:
                    found.setdefault((terms, method), []).append(_timed(instance, pool, method))
        rows += [_row(parcels, couriers, terms, method, of) for (terms, method), of in found.items()]
    counties = range(1, (5 if quick else _COUNTIES) + 1)
    return rows + measure_properties(
        [
            (county := read_county(seed, parcels=300, couriers=6), make_pool(county, seed, with_prices=True))
            for seed in counties
        ],
        bill_fen=BILL_FEN,
    )


def read_county(seed: int, *, parcels: int, couriers: int) -> Instance:
    """Make a county from a seed and read it as the command would."""
    with tempfile.TemporaryDirectory() as folder:
        return read_instance(**make_county(seed, parcels=parcels, couriers=couriers).write(Path(folder)))


def make_pool(instance: Instance, seed: int, *, with_prices: bool) -> list[CourierTerms]:
    """List the couriers of a day; about half of them may have a price for sub-contracting."""
    rng = random.Random(f"prices-{seed}")
    names = sorted({parcel.courier for parcel in instance.parcels})
    prices = [rng.choice((None, rng.randint(40, 120))) if with_prices else None for _ in names]
    return [CourierTerms(name, price) for name, price in zip(names, prices, strict=True)]


def _timed(instance: Instance, pool: list[CourierTerms], method: Method) -> tuple[Allocation, float]:
    began = time.process_time()
    allocation = service.allocate(instance=instance, couriers=pool, bill_fen=BILL_FEN, method=method)
    return allocation, time.process_time() - began


def _row(
    parcels: int, couriers: int, terms: str, method: Method, found: list[tuple[Allocation, float]]
) -> dict[str, Any]:
    savings = [
        1 - share.share_fen / share.alone_fen
        for allocation, _ in found
        for share in allocation.shares
        if share.alone_fen
    ]
    stabilities = [allocation.stability for allocation, _ in found]
    return {
        "method": str(method),
        "prices": terms,
        "counties": len(found),
        "parcels": parcels,
        "couriers": couriers,
        "dearer_than_alone": max(len(stability.pays_more_than_alone) for stability in stabilities),
        "blocking": max(stability.blocking_coalitions for stability in stabilities),
        "least_saving": round(min(savings), 3),
        "most_saving": round(max(savings), 3),
        "least_cpu_s": round(min(cpu_s for _, cpu_s in found), 2),
        "most_cpu_s": round(max(cpu_s for _, cpu_s in found), 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
