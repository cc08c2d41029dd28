"""Hundreds of random days: every allocation, by every method, passes the independent checker."""

import random
from typing import Any

import pytest

from logistics.allocation import service
from logistics.allocation.cli import to_json
from logistics.allocation.types import CourierTerms, Method, NothingToShare
from logistics.routes.types import Instance
from tests.solvers.allocation.checker import check_allocation
from tests.solvers.bound.tiny_days import make_tiny_day


def make_pool(instance: Instance, seed: int) -> dict[str, int | None]:
    """Make the pool of a day: its couriers, one that has nothing to do, and prices for some."""
    rng = random.Random(f"pool-{seed}")
    names = sorted({parcel.courier for parcel in instance.parcels} | {"idle"})
    return {name: rng.choice((None, rng.randint(0, 4_000))) for name in names}


def allocate(
    instance: Instance, pool: dict[str, int | None], *, bill_fen: int, method: Method
) -> dict[str, Any]:
    """Share a bill and give allocation.json."""
    couriers = [CourierTerms(name, price) for name, price in pool.items()]
    return to_json(service.allocate(instance=instance, couriers=couriers, bill_fen=bill_fen, method=method))


@pytest.mark.parametrize("first", range(0, 240, 20))
def test_random_days_have_no_fault(first: int) -> None:
    for seed in range(first, first + 20):
        instance = make_tiny_day(seed)
        pool = make_pool(instance, seed)
        for method in Method:
            try:
                result = allocate(instance, pool, bill_fen=10_007 + 13 * seed, method=method)
            except NothingToShare:
                continue
            assert check_allocation(instance, pool, result) == [], f"seed {seed}, {method}"


def test_the_checker_sees_a_fen_that_moved() -> None:
    instance = make_tiny_day(9)
    pool = make_pool(instance, 9)
    result = allocate(instance, pool, bill_fen=100_000, method=Method.SHAPLEY)
    first, second, *_ = (share for share in result["shares"] if share["share_fen"])

    first["share_fen"] += 2
    second["share_fen"] -= 2

    assert len(check_allocation(instance, pool, result)) >= 2
