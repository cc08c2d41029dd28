"""A schedule under construction: what is placed, and where another session still fits."""

import numpy as np

from livestream.planner.solver.grid import Flags, Grid, Ints
from livestream.planner.solver.pricing import Place
from livestream.planner.types import WEEK_DAYS


class Calendar:
    """Placed sessions with the use of every limit, kept up to date by `add` and `remove`."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.pools = grid.pools
        streamers, points = grid.reach.shape
        self.placed: dict[int, tuple[int, Place]] = {}
        self._resting = np.zeros((streamers, points), dtype=np.bool_)
        self._starts = np.zeros((streamers, points + 1), dtype=np.int64)
        self._in_studio = np.zeros((len(grid.pools.studios), points), dtype=np.int64)
        self._day_slots = np.zeros((streamers, grid.days), dtype=np.int64)
        self._week_slots = np.zeros((streamers, grid.weeks), dtype=np.int64)
        self._shown = np.zeros(len(grid.product_sessions), dtype=np.int64)
        self._of_farmer = np.zeros(grid.farmers, dtype=np.int64)
        self._rest_ends: dict[int, Ints] = {}
        self._studio_ends: dict[int, Ints] = {}

    def copy(self) -> "Calendar":
        """Make an independent calendar with the same sessions."""
        twin = Calendar(self.grid)
        for streamer, place in self.placed.values():
            twin.add(streamer, place)
        return twin

    def objective(self) -> int:
        """Add up the worth of the placed sessions and the bonuses of their farmers."""
        worth = sum(int(self.grid.worth[place.request, place.point]) for _, place in self.placed.values())
        return worth + int(self.grid.bonus[self._of_farmer > 0].sum())

    def _ends(self, length: int) -> tuple[Ints, Ints]:
        if length not in self._rest_ends:
            instance = self.grid.instance
            self._rest_ends[length] = self.grid.cover_ends(length + instance.rest_slots)
            self._studio_ends[length] = self.grid.cover_ends(length + instance.turnaround_slots)
        return self._rest_ends[length], self._studio_ends[length]

    def _change(self, streamer: int, place: Place, by: int) -> None:
        grid = self.grid
        length = int(grid.length[place.request])
        rest_end, studio_end = (int(ends[place.point]) for ends in self._ends(length))
        day = place.point // grid.slots_per_day
        self._resting[streamer, place.point : rest_end] = by > 0
        self._starts[streamer, place.point + 1 :] += by
        self._in_studio[place.pool, place.point : studio_end] += by
        self._day_slots[streamer, day] += by * length
        self._week_slots[streamer, day // WEEK_DAYS] += by * length
        for product in grid.products[place.request]:
            self._shown[product] += by
        self._of_farmer[grid.farmer[place.request]] += by

    def add(self, streamer: int, place: Place) -> None:
        """Place a session; it must fit."""
        self.placed[place.request] = (streamer, place)
        self._change(streamer, place, 1)

    def add_if_free(self, streamer: int, place: Place) -> None:
        """Place a session when it fits, in the pool of studios that is free."""
        if place.request in self.placed or not self.can_show(place.request):
            return
        pool = int(self.free_pool(place.request)[place.point])
        if pool >= 0 and self.free_starts(place.request, np.array([streamer]))[0, place.point]:
            self.add(streamer, Place(place.request, place.point, pool))

    def remove(self, request: int) -> tuple[int, Place]:
        """Take a placed session out and give it back."""
        streamer, place = self.placed.pop(request)
        self._change(streamer, place, -1)
        return streamer, place

    def can_show(self, request: int) -> bool:
        """Tell whether every product of the request may have another session."""
        return all(self._shown[p] < self.grid.product_sessions[p] for p in self.grid.products[request])

    def bonus_of(self, request: int) -> int:
        """Give the bonus that this request's farmer would bring now."""
        farmer = self.grid.farmer[request]
        return int(self.grid.bonus[farmer]) if self._of_farmer[farmer] == 0 else 0

    def free_pool(self, request: int) -> Ints:
        """Give for every point the pool that a session of this request could use, -1 for none."""
        _, studio_ends = self._ends(int(self.grid.length[request]))
        pool_of = np.full(self.grid.points, -1, dtype=np.int64)
        for pool in reversed(self.pools.allowed(bool(self.grid.cold[request]))):
            full = np.concatenate([[0], (self._in_studio[pool] >= self.pools.capacity[pool]).cumsum()])
            pool_of[full[studio_ends] == full[:-1]] = pool
        return pool_of

    def free_starts(self, request: int, streamers: Ints) -> Flags:
        """Tell where these streamers could hold this request, studios and products aside."""
        grid = self.grid
        length = int(grid.length[request])
        rest_ends, _ = self._ends(length)
        starts = self._starts[streamers]
        fits: Flags = (grid.reach[streamers] >= length) & ~self._resting[streamers]
        fits &= (starts[:, rest_ends] == starts[:, :-1]) & (grid.worth[request] >= 0)
        days = self._day_slots[streamers] + length <= grid.max_day[streamers]
        weeks = self._week_slots[streamers] + length <= grid.max_week[streamers]
        days &= weeks[:, np.arange(grid.days) // WEEK_DAYS]
        return fits & np.repeat(days, grid.slots_per_day, axis=1)

    def best_place(self, request: int) -> tuple[int, int, Place] | None:
        """Find the place of highest worth for a request; among equals the tightest window, then the earliest.

        Gives: (worth with bonus, streamer, place), or None when it fits nowhere.
        """
        grid = self.grid
        streamers = np.flatnonzero(grid.qualified[:, request])
        if not len(streamers) or not self.can_show(request):
            return None
        pool_of = self.free_pool(request)
        fits = self.free_starts(request, streamers) & (pool_of >= 0)
        if not fits.any():
            return None
        worth = np.where(fits, grid.worth[request], -1)
        top = int(worth.max())
        slack = np.where(worth == top, grid.reach[streamers], 2**40)
        k, point = np.unravel_index(int(slack.argmin()), slack.shape)
        place = Place(request, int(point), int(pool_of[point]))
        return top + self.bonus_of(request), int(streamers[k]), place
