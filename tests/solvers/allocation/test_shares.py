"""Shapley values against all orders of joining; equal savings against one large programme."""

import random
from fractions import Fraction
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from logistics.allocation.solver import coalitions
from logistics.allocation.solver.equal_saving import equal_saving
from logistics.allocation.types import CostsTooLarge


def make_costs(n: int, seed: int) -> NDArray[np.int64]:
    """Make costs of roads shared by whoever needs them, plus a part that makes small groups pay more."""
    rng = random.Random(f"costs-{seed}")
    roads = [(rng.randint(1, 2**n - 1), rng.randint(1, 5_000)) for _ in range(12)]
    loads = [rng.randint(1, 400) for _ in range(n)]
    costs = [0] * 2**n
    for mask in range(1, 2**n):
        trips = -(-sum(loads[i] for i in range(n) if mask >> i & 1) // 380)
        costs[mask] = 2_000 * trips + sum(fen for members, fen in roads if members & mask)
    return np.array(costs, np.int64)


@pytest.mark.parametrize("n", range(1, 8))
@pytest.mark.parametrize("seed", range(3))
def test_shapley_is_the_mean_over_all_orders_of_joining(n: int, seed: int) -> None:
    costs = make_costs(n, seed)
    added = [0] * n
    for order in permutations(range(n)):
        mask = 0
        for courier in order:
            added[courier] += int(costs[mask | 1 << courier] - costs[mask])
            mask |= 1 << courier

    weights = coalitions.shapley(costs)

    assert weights == added
    assert sum(weights) == factorial(n) * int(costs[-1])


def test_shapley_refuses_costs_whose_sums_could_overflow() -> None:
    with pytest.raises(CostsTooLarge):
        coalitions.shapley(np.array([0, 2**60, 2**60, 2**61], np.int64))


@pytest.mark.parametrize("seed", range(30))
def test_equal_savings_are_stable_and_no_stable_shares_are_more_equal(seed: int) -> None:
    n = 3 + seed % 4
    costs = make_costs(n, 100 + seed)
    alone = np.array([costs[1 << i] for i in range(n)], float)
    slack, spread = _best_by_one_programme(costs, alone)

    shares = np.array(equal_saving(costs)) * float(costs[-1])

    payments = np.array([sum(shares[i] for i in range(n) if mask >> i & 1) for mask in range(2**n)])
    relative = shares / alone
    assert payments[-1] == pytest.approx(costs[-1])
    assert float(np.max((payments - costs)[1:-1])) <= slack + 0.01
    assert relative.max() - relative.min() <= spread + 1e-5


def _best_by_one_programme(costs: NDArray[np.int64], alone: NDArray[np.float64]) -> tuple[float, float]:
    n = len(alone)
    rows = np.array([[float(mask >> i & 1) for i in range(n)] for mask in range(1, 2**n - 1)])
    core = np.hstack((rows * alone, np.zeros((len(rows), 2)), -np.ones((len(rows), 1))))
    order = np.zeros((2 * n, n + 3))
    for i in range(n):
        order[2 * i, [i, n + 1]] = 1, -1
        order[2 * i + 1, [n, i]] = 1, -1
    above, most = np.vstack((core, order)), np.concatenate((costs[1:-1].astype(float), np.zeros(2 * n)))
    whole = [[*alone, 0.0, 0.0, 0.0]], [float(costs[-1])]
    slack_cost, spread_cost = np.eye(n + 3)[n + 2], np.eye(n + 3)[n + 1] - np.eye(n + 3)[n]
    slack = float(linprog(slack_cost, above, most, *whole).fun)
    bounds = [(0, None)] * (n + 2) + [(0, slack + 1e-6)]
    return slack, float(linprog(spread_cost, above, most, *whole, bounds=bounds).fun)


def test_equal_savings_are_exactly_equal_where_nobody_objects() -> None:
    costs = np.array([0, 100, 300, 320], np.int64)

    assert equal_saving(costs) == [pytest.approx(0.25), pytest.approx(0.75)]


def test_three_couriers_of_whom_two_save_nothing_with_the_third_pay_what_stability_asks() -> None:
    # Couriers 0 and 1 share everything, courier 2 shares nothing: equal savings would tax the pair.
    costs = np.array([0, 100, 100, 100, 100, 200, 200, 200], np.int64)

    assert equal_saving(costs) == [pytest.approx(v, abs=1e-5) for v in (0.25, 0.25, 0.5)]


def test_excesses_forgive_the_rounding_of_shares_and_nothing_more() -> None:
    scaled = np.array([0, 50, 50, 99], np.int64)

    assert coalitions.excesses([50, 50], scaled).tolist() == [0, 0, 0, 0]
    assert coalitions.excesses([51, 49], scaled).tolist() == [0, 1, -1, 0]


def test_costs_scale_to_the_bill_and_round_up() -> None:
    costs = np.array([0, 100, 200, 300], np.int64)

    assert coalitions.scale_to_bill(costs, 300).tolist() == [0, 100, 200, 300]
    assert coalitions.scale_to_bill(costs, 100).tolist() == [0, 34, 67, 100]
    assert coalitions.scale_to_bill(np.zeros(4, np.int64), 100).tolist() == [0, 0, 0, 0]


def test_shapley_weights_are_in_exact_proportion() -> None:
    weights = coalitions.shapley(np.array([0, 6, 6, 9], np.int64))

    assert [Fraction(weight, sum(weights)) for weight in weights] == [Fraction(1, 2), Fraction(1, 2)]
