"""Sums over all coalitions of a few couriers; a coalition is a bit mask, courier i = bit i."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logistics.allocation.rules import shapley_weights
from logistics.allocation.types import CostsTooLarge

Whole = NDArray[np.int64]
Real = NDArray[np.float64]

_LARGEST = 2**62
# Absorbs the error of one multiplication in double precision, far below the smallest coin.
_ROUNDING_FEN = 1e-6


def sums_of_members(values: Sequence[int]) -> Whole:
    """Add up the members' values for every coalition: (2**n,) int64."""
    sums = np.zeros(1, np.int64)
    for value in values:
        sums = np.concatenate((sums, sums + value))
    return sums


def real_sums_of_members(values: Sequence[float]) -> Real:
    """Add up the members' values for every coalition: (2**n,) float64."""
    sums = np.zeros(1, np.float64)
    for value in values:
        sums = np.concatenate((sums, sums + value))
    return sums


def shapley(costs: Whole) -> list[int]:
    """Compute weights in exact proportion to every courier's Shapley value, over all coalitions.

    Refuses: `CostsTooLarge` when a sum over all coalitions could overflow.
    Cost: O(n 2**n) additions of whole numbers; nothing is sampled.
    """
    n = len(costs).bit_length() - 1
    if int(costs[-1]) << n >= _LARGEST:
        raise CostsTooLarge
    with_member = [
        [0, *_sums_by_size(costs.reshape(-1, 2, 1 << courier)[:, 1].reshape(-1))] for courier in range(n)
    ]
    return shapley_weights(with_member, _sums_by_size(costs))


def _sums_by_size(costs: Whole) -> list[int]:
    """Add up the costs of all coalitions of each size by folding one courier after the other away."""
    sums = costs.reshape(1, -1)
    while sums.shape[1] > 1:
        without, including = sums[:, 0::2], sums[:, 1::2]
        sums = np.zeros((len(sums) + 1, without.shape[1]), np.int64)
        sums[:-1] += without
        sums[1:] += including
    return [int(value) for value in sums[:, 0]]


def scale_to_bill(costs: Whole, bill_fen: int) -> Whole:
    """Scale all coalition costs so that the cost of all becomes the bill; parts of a fen are rounded up."""
    whole = int(costs[-1])
    scaled = costs * (bill_fen / whole if whole else 0.0)
    rounded: Whole = np.ceil(scaled - _ROUNDING_FEN).astype(np.int64)
    return rounded


def excesses(shares_fen: Sequence[int], scaled: Whole) -> Whole:
    """Compute what every coalition pays beyond its own cost: (2**n,) int64, nobody and everybody included.

    Up to one fen per further member is the rounding of shares to whole fen and no reason to leave: a
    surplus of at most members − 1 fen counts as 0.
    """
    excess = sums_of_members(shares_fen) - scaled
    allowance = np.maximum(sums_of_members([1] * len(shares_fen)) - 1, 0)
    beyond_rounding: Whole = np.maximum(excess - allowance, np.minimum(excess, 0))
    return beyond_rounding
