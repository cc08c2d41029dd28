"""Reads the best patterns out of priced days, for many streamer-days at once."""

from dataclasses import dataclass

import numpy as np

from livestream.planner.solver.grid import Ints
from livestream.planner.solver.pricing import NEVER, Days, Pattern, Place, Pricer, Prices, prefixed


@dataclass(frozen=True)
class Sessions:
    """The sessions of some priced days, ordered by day and time.

    `k`: (sessions,) which of the priced days; `request`, `point`, `pool`: (sessions,), as in `Place`.
    """

    k: Ints
    request: Ints
    point: Ints
    pool: Ints


def read_sessions(pricer: Pricer, days: Days, chosen: Ints, prices: Prices) -> Sessions:
    """Trace back the best patterns of these priced streamer-days (places in `days.rows`).

    Cost: O(slots × lengths) array steps, whatever the number of days.
    """
    who, length, slot = _trace(pricer, days, chosen)
    k = chosen[who]
    rows = days.rows[k]
    point = pricer.day[rows] * pricer.grid.slots_per_day + slot
    request = _choose_requests(pricer, days.gain, streamer=pricer.streamer[rows], point=point, length=length)
    pool = _choose_pools(pricer, prices, request=request, point=point, length=length)
    return Sessions(k, request, point, pool)


def read_patterns(pricer: Pricer, days: Days, chosen: Ints, prices: Prices) -> list[tuple[int, Pattern]]:
    """Give the row of the pricer and the best pattern for each of these priced days that has one."""
    found = read_sessions(pricer, days, chosen, prices)
    patterns: dict[int, list[Place]] = {}
    columns = (found.k.tolist(), found.request.tolist(), found.point.tolist(), found.pool.tolist())
    for k, request, point, pool in zip(*columns, strict=True):
        patterns.setdefault(k, []).append(Place(request, point, pool))
    return [(int(days.rows[k]), tuple(places)) for k, places in patterns.items()]


def _trace(pricer: Pricer, days: Days, chosen: Ints) -> tuple[Ints, Ints, Ints]:
    """Follow the tables of values through the day: which of `chosen`, how long, from which slot."""
    slots, rest = pricer.grid.slots_per_day, pricer.grid.instance.rest_slots
    left, at = pricer.limit[days.rows[chosen]].copy(), np.zeros(len(chosen), np.int64)
    none = np.zeros(0, np.int64)
    found: list[tuple[Ints, Ints, Ints]] = [(none, none, none)]
    for slot in range(slots):
        here = np.flatnonzero(at == slot)
        worth = days.value[slot, chosen[here], left[here]]
        waits = worth == days.value[slot + 1, chosen[here], left[here]]
        at[here[waits]] = slot + 1
        here, worth = here[~waits & (worth > 0)], worth[~waits & (worth > 0)]
        for i, n in enumerate(pricer.lengths):
            if slot + n > slots or not len(here):
                continue
            after = min(slot + n + rest, slots)
            rest_left = left[here] - n
            later = days.value[after, chosen[here], np.maximum(rest_left, 0)]
            begins = (rest_left >= 0) & (days.best[i, chosen[here], slot] + later == worth)
            begun = here[begins]
            found.append((begun, np.full(len(begun), n), np.full(len(begun), slot)))
            at[begun], left[begun] = after, left[begun] - n
            here, worth = here[~begins], worth[~begins]
    who, length, start = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((start, who))
    return who[order], length[order], start[order]


def _choose_requests(pricer: Pricer, gain: Ints, *, streamer: Ints, point: Ints, length: Ints) -> Ints:
    """Find for each session the request of its length that earns most there with its streamer."""
    request = np.zeros(len(point), np.int64)
    for n in pricer.lengths:
        mine = np.flatnonzero(length == n)
        if len(mine):
            of = pricer.ordered[n]
            able = pricer.grid.qualified[np.ix_(streamer[mine], of)]
            gains = gain[of[None, :], point[mine, None]]
            request[mine] = of[np.where(able, gains, 2 * NEVER).argmax(axis=1)]
    return request


def _choose_pools(pricer: Pricer, prices: Prices, *, request: Ints, point: Ints, length: Ints) -> Ints:
    """Find for each session the cheapest pool that it may use."""
    sums = prefixed(prices.studio)
    ends = np.zeros(len(point), np.int64)
    for n in pricer.lengths:
        mine = length == n
        ends[mine] = pricer.studio_end[n][point[mine]]
    costs = sums[:, ends] - sums[:, point]
    is_barred = pricer.grid.cold[request][None, :] & ~pricer.pools.cold[:, None]
    pool: Ints = np.where(is_barred, -NEVER, costs).argmin(axis=0)
    return pool
