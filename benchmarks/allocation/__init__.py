"""Shares of three methods side by side: time, stability with outside prices, and what splitting brings."""

import random
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.routes.county import make_county
from logistics.allocation import service
from logistics.allocation.types import Allocation, CourierTerms, Method
from logistics.routes.parsers import read_instance
from logistics.routes.types import Instance

BILL_FEN = 1_000_000


def run(seeds: Sequence[int], quick: bool) -> list[dict[str, Any]]:
    """Share a bill among 21 couriers (quick: 9) by every method, with and without sub-contract prices."""
    couriers = 9 if quick else 21
    rows = []
    for seed in seeds:
        for parcels in (1_000,) if quick else (6_000, 30_000):
            instance = _read(seed, parcels, couriers)
            for terms in ("none", "some"):
                pool = _pool(instance, seed, with_prices=terms == "some")
                rows += [_row(instance, pool, seed, parcels, terms, method) for method in Method]
    return rows


def _read(seed: int, parcels: int, couriers: int) -> Instance:
    with tempfile.TemporaryDirectory() as folder:
        return read_instance(**make_county(seed, parcels=parcels, couriers=couriers).write(Path(folder)))


def _pool(instance: Instance, seed: int, *, with_prices: bool) -> list[CourierTerms]:
    rng = random.Random(f"prices-{seed}")
    names = sorted({parcel.courier for parcel in instance.parcels})
    prices = [rng.choice((None, rng.randint(40, 120))) if with_prices else None for _ in names]
    return [CourierTerms(name, price) for name, price in zip(names, prices, strict=True)]


def _row(
    instance: Instance, pool: list[CourierTerms], seed: int, parcels: int, terms: str, method: Method
) -> dict[str, Any]:
    began = time.process_time()
    allocation = service.allocate(instance=instance, couriers=pool, bill_fen=BILL_FEN, method=method)
    spent_s = time.process_time() - began
    savings = [1 - share.share_fen / share.alone_fen for share in allocation.shares if share.alone_fen]
    return {
        "method": str(method),
        "prices": terms,
        "seed": seed,
        "parcels": parcels,
        "couriers": len(savings),
        "dearer_than_alone": len(allocation.stability.pays_more_than_alone),
        "blocking": allocation.stability.blocking_coalitions,
        "worst_excess_fen": allocation.stability.worst.excess_fen,
        "least_saving": round(min(savings), 3),
        "most_saving": round(max(savings), 3),
        "split_changes_fen": _gain_of_splitting(instance, pool, allocation, method),
        "cpu_s": round(spent_s, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _gain_of_splitting(
    instance: Instance, pool: list[CourierTerms], whole: Allocation, method: Method
) -> int:
    """Let the largest courier appear as two in place of the smallest; give the change of what it pays."""
    by_units = sorted(whole.shares, key=lambda share: share.units)
    smallest, largest = by_units[0].courier, by_units[-1].courier
    kept = [parcel for parcel in instance.parcels if parcel.courier != smallest]
    halves = [
        replace(parcel, courier=smallest) if parcel.courier == largest and number % 2 else parcel
        for number, parcel in enumerate(kept)
    ]
    price = next(terms.subcontract_fen for terms in pool if terms.courier == largest)
    split_pool = [replace(t, subcontract_fen=price) if t.courier == smallest else t for t in pool]
    shares = []
    for parcels in (kept, halves):
        shared = service.allocate(
            instance=replace(instance, parcels=tuple(parcels)),
            couriers=split_pool,
            bill_fen=BILL_FEN,
            method=method,
        )
        shares.append(sum(s.share_fen for s in shared.shares if s.courier in (smallest, largest)))
    return int(shares[1] - shares[0])
