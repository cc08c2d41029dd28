"""The lower bound: what it says of many counties, and its time beside that of building the network."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.routes.county import make_county
from logistics.routes.network import build_network
from logistics.routes.parsers import read_instance
from logistics.routes.solver.bound import lower_bound
from logistics.routes.types import Instance

COUNTIES: dict[str, dict[str, Any]] = {
    "6,000 parcels": {"parcels": 6_000},
    "30,000 parcels": {"parcels": 30_000},
    "30,000, three passes": {"parcels": 30_000, "passes": 3},
    "6,000, mixed fleet": {"parcels": 6_000, "mixed_fleet": True},
    "30,000, 600 stations": {"parcels": 30_000, "stations": 600},
}


def run(seeds: Sequence[int], quick: bool) -> list[dict[str, Any]]:
    """Bound each kind of county, on its roads and (as the crow flies) without them."""
    chosen = list(COUNTIES.items())[: 1 if quick else None]
    rows = []
    for seed in seeds:
        for name, shape in chosen:
            instance = _read(seed, shape)
            rows.append(_row(name, seed, instance))
            if not quick:
                rows.append(_row(f"{name}, no roads", seed, replace(instance, roads=None)))
    return rows


def _read(seed: int, shape: dict[str, Any]) -> Instance:
    with tempfile.TemporaryDirectory() as folder:
        return read_instance(**make_county(seed, **shape).write(Path(folder)))


def _row(name: str, seed: int, instance: Instance) -> dict[str, Any]:
    began = time.process_time()
    network = build_network(instance)
    network_s = time.process_time() - began
    began = time.process_time()
    bound = lower_bound(instance, network, instance.parcels)
    spent_s = time.process_time() - began
    return {
        "county": name,
        "method": bound.method,
        "seed": seed,
        "bound_fen": bound.cost_fen,
        "cpu_ms": round(spent_s * 1000),
        "times_network": round(spent_s / max(network_s, 1e-3), 2),
    }
