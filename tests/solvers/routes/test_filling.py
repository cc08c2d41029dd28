"""Shifts filled to the last second, and the subset sums behind it."""

import random
from itertools import combinations

from logistics.routes.solver.filling import fill_days, fullest


def test_fullest_is_the_greatest_sum_that_fits() -> None:
    rng = random.Random(5)
    for _ in range(60):
        sizes = [rng.randint(1, 60) for _ in range(rng.randint(1, 9))]
        room = rng.randint(0, 150)

        chosen = fullest(sizes, range(len(sizes)), room)

        sums = (sum(some) for n in range(len(sizes) + 1) for some in combinations(sizes, n))
        assert sum(sizes[place] for place in chosen) == max(total for total in sums if total <= room)
        assert len(set(chosen)) == len(chosen)


def test_fullest_spares_the_last_ones() -> None:
    assert sorted(fullest([4, 3, 7, 5, 2], range(5), 7)) == [0, 1]


def test_days_without_a_second_to_spare_are_filled() -> None:
    rng = random.Random(3)
    sizes = []
    for _ in range(6):
        marks = sorted(rng.sample(range(1, 33_300), 4))
        sizes += [b - a for a, b in zip([0, *marks], [*marks, 33_300], strict=True)]

    filled = fill_days(sizes, 6, 33_300, tries=400, seed=1)

    assert filled is not None
    assert [sum(sizes[place] for place in places) for places in filled] == [33_300] * 6
    assert sorted(place for places in filled for place in places) == list(range(30))


def test_what_cannot_fit_is_not_filled() -> None:
    assert fill_days([10, 10, 11], 3, 10, tries=9, seed=1) is None
    assert fill_days([6, 6, 6], 2, 10, tries=9, seed=1) is None
    assert fill_days([], 2, 10, tries=9, seed=1) == [[], []]


def test_filling_repeats_exactly() -> None:
    sizes = [(37 * k) % 101 + 20 for k in range(40)]
    days = -(-sum(sizes) // 150)

    assert fill_days(sizes, days + 1, 150, tries=50, seed=4) == fill_days(
        sizes, days + 1, 150, tries=50, seed=4
    )
