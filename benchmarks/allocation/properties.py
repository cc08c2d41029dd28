"""Counts how often a way of sharing breaks what fairness asks for, over many small counties."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from logistics.allocation import service
from logistics.allocation.types import Allocation, CourierTerms, Method
from logistics.routes.types import Instance

Pool = list[CourierTerms]


def measure_properties(counties: Sequence[tuple[Instance, Pool]], *, bill_fen: int) -> list[dict[str, Any]]:
    """Give one row for each method: in how many counties each property is broken, and what splitting brings.

    A courier of two halves pays `split` per cent of the bill more than whole (below 0: splitting saves).
    """
    return [_row(counties, bill_fen, method) for method in Method]


def _row(counties: Sequence[tuple[Instance, Pool]], bill_fen: int, method: Method) -> dict[str, Any]:
    broken = dict.fromkeys(("sum", "idle_pays", "equals_differ", "names_matter"), 0)
    dearer = blocking = 0
    changes = []
    for seed, (instance, pool) in enumerate(counties):

        def share(day: Instance, couriers: Pool) -> Allocation:
            return service.allocate(instance=day, couriers=couriers, bill_fen=bill_fen, method=method)

        whole = share(instance, [*pool, CourierTerms("idle", 1)])
        paid = _paid(whole)
        broken["sum"] += sum(paid.values()) != bill_fen
        broken["idle_pays"] += paid["idle"] != 0
        dearer += bool(whole.stability.pays_more_than_alone)
        blocking += whole.stability.blocking_coalitions > 0
        largest = max(whole.shares, key=lambda of: of.units).courier
        twins = _paid(share(*_with_twin(instance, pool, largest)))
        broken["equals_differ"] += abs(twins[largest] - twins["twin"]) > 1
        names = _new_names(pool, seed)
        renamed = _paid(share(*_renamed(instance, pool, names, seed)))
        broken["names_matter"] += any(paid[old] != renamed[new] for old, new in names.items())
        halves = _paid(share(*_split(instance, pool, largest)))
        changes.append((halves[largest] + halves["twin"] - paid[largest]) / bill_fen * 100)
    return {
        "method": str(method),
        "prices": "some",
        "counties": len(counties),
        "parcels": len(counties[0][0].parcels),
        "couriers": len(counties[0][1]),
        "with_dearer": dearer,
        "with_blocking": blocking,
        **broken,
        "split_least_%": round(min(changes), 2),
        "split_most_%": round(max(changes), 2),
    }


def _paid(allocation: Allocation) -> dict[str, int]:
    return {share.courier: share.share_fen for share in allocation.shares}


def _terms_of(pool: Pool, courier: str) -> CourierTerms:
    return next(terms for terms in pool if terms.courier == courier)


def _with_twin(instance: Instance, pool: Pool, courier: str) -> tuple[Instance, Pool]:
    """Let a second courier have the same day as this one."""
    copies = [
        replace(parcel, parcel=f"{parcel.parcel}-twin", courier="twin")
        for parcel in instance.parcels
        if parcel.courier == courier
    ]
    twin = replace(_terms_of(pool, courier), courier="twin")
    return replace(instance, parcels=(*instance.parcels, *copies)), [*pool, twin]


def _split(instance: Instance, pool: Pool, courier: str) -> tuple[Instance, Pool]:
    """Let every other parcel of this courier belong to a second one."""
    parcels = [
        replace(parcel, courier="twin") if parcel.courier == courier and number % 2 else parcel
        for number, parcel in enumerate(instance.parcels)
    ]
    return replace(instance, parcels=tuple(parcels)), [
        *pool,
        replace(_terms_of(pool, courier), courier="twin"),
    ]


def _new_names(pool: Pool, seed: int) -> dict[str, str]:
    names = [terms.courier for terms in pool]
    return dict(zip(names, random.Random(f"names-{seed}").sample(names, len(names)), strict=True))


def _renamed(instance: Instance, pool: Pool, names: dict[str, str], seed: int) -> tuple[Instance, Pool]:
    """Give every courier another's name and shuffle everything."""
    rng = random.Random(f"order-{seed}")
    parcels = [replace(parcel, courier=names[parcel.courier]) for parcel in instance.parcels]
    couriers = [replace(terms, courier=names[terms.courier]) for terms in pool]
    rng.shuffle(parcels)
    rng.shuffle(couriers)
    return replace(instance, parcels=tuple(parcels)), couriers
