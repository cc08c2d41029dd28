"""Fills vehicle days with trips to the last second: greatest subset sums, begun anew until all trips fit."""

import random
from collections.abc import Sequence

# Sizes up to this part larger or smaller change places in the order of a new try.
SHAKE = 0.35
# Few items can be put into few orders: more tries would repeat them.
TRIES_PER_ITEM = 4


def fill_days(sizes: Sequence[int], days: int, room: int, *, tries: int, seed: int) -> list[list[int]] | None:
    """Put every item into one of so many days; None when no try of these manages.

    Takes: `sizes` ≥ 0 in seconds, `room` of a day in seconds.
    Gives: the places of the items per day, days without items included.
    Cost: per try O(days × items × room ÷ 64) bit operations, about 2 ms for 80 trips.
    Source: minimum bin slack, J. N. D. Gupta and J. C. Ho, A new heuristic algorithm for the one-dimensional
    bin-packing problem, Production Planning & Control 10(6), 1999; each bin's largest item is fixed first.
    """
    if sum(sizes) > days * room or max(sizes, default=0) > room:
        return None
    if not sizes:
        return [[] for _ in range(days)]
    rng = random.Random(f"fill-{seed}")
    for number in range(min(tries, TRIES_PER_ITEM * len(sizes))):
        shaken = {place: size * (1 + SHAKE * rng.random() * (number > 0)) for place, size in enumerate(sizes)}
        left = sorted(shaken, key=lambda place: (-shaken[place], place))
        filled: list[list[int]] = []
        for _ in range(days):
            first = left[:1]
            fitting = left[1:]
            chosen = fullest(sizes, fitting, room - sum(sizes[place] for place in first))
            filled.append([*first, *chosen])
            taken = {*first, *chosen}
            left = [place for place in left if place not in taken]
        if not left:
            return filled
    return None


def fullest(sizes: Sequence[int], places: Sequence[int], room: int) -> list[int]:
    """Choose items that fill the room most, sparing the last ones where others do as well.

    Sums that can be reached are the bits of a whole number: adding an item is one shift.
    """
    mask = (1 << (room + 1)) - 1
    reached = [1]
    for place in places:
        reached.append((reached[-1] | reached[-1] << sizes[place]) & mask)
    total = reached[-1].bit_length() - 1
    chosen: list[int] = []
    for number in range(len(places) - 1, -1, -1):
        if not reached[number] >> total & 1:
            chosen.append(places[number])
            total -= sizes[places[number]]
    return chosen
