"""The cheapest plan of a tiny day with ready and due times, by trying everything.

It shares no code with the solver or the bound. It is lenient where the rules could be read in two ways:
a delivery must only have arrived by `due_s`, a collection only be driven off after `ready_s`.
"""

from dataclasses import dataclass

from logistics.routes.types import Direction, Instance, Parcel, VehicleType
from tests.solvers.bound.brute_force import Way, shortest_ways

# Place, parcels delivered or brought home, deliveries aboard, collections aboard.
State = tuple[str, int, int, int]
# Seconds on the clock, fen of finished trips and of stops, metres of the trip under way.
Label = tuple[int, int, int]


def cheapest_timed_plan(instance: Instance, parcels: list[Parcel]) -> int | None:
    """Find the least cost in fen of any plan that keeps all times, None when there is no plan."""
    ways = shortest_ways(instance)
    everything = (1 << len(parcels)) - 1
    plans: dict[int, int] = {0: 0}
    for kind in instance.fleet:
        days = _Day(instance, parcels, kind, ways).costs(everything)
        for _ in range(min(kind.available, len(parcels))):
            grown = dict(plans)
            for served, cost in plans.items():
                for more, fen in days.items():
                    if more and not more & served:
                        total = cost + fen + kind.day_fen
                        grown[served | more] = min(grown.get(served | more, total), total)
            plans = grown
    return plans.get(everything)


@dataclass
class _Day:
    instance: Instance
    parcels: list[Parcel]
    kind: VehicleType
    ways: dict[tuple[str, str], Way]

    def costs(self, everything: int) -> dict[int, int]:
        """Find the least fen of one vehicle's trips for each set of parcels it can carry in its shift."""
        hub = self.instance.hub.station
        best: dict[State, list[Label]] = {}
        found: dict[int, int] = {}
        queue: list[tuple[State, Label]] = []

        def reach(state: State, label: Label) -> None:
            kept = best.setdefault(state, [])
            if not any(all(a <= b for a, b in zip(k, label, strict=True)) for k in kept):
                kept[:] = [k for k in kept if not all(a <= b for a, b in zip(label, k, strict=True))]
                kept.append(label)
                queue.append((state, label))

        reach((hub, 0, 0, 0), (-self.kind.reload_s, 0, 0))
        while queue:
            (place, done, ins, outs), (now, fen, metres) = queue.pop()
            if place == hub and not ins and not outs:
                found[done] = min(found.get(done, fen), fen)
                for load in _subsets(everything & ~done & self._of(Direction.IN)):
                    if self._fits(load):
                        ready = max([p.ready_s for p in self._chosen(load)], default=0)
                        start = max(now + self.kind.reload_s, ready)
                        for state, label in self._stops(hub, done, load, 0, (start, fen, 0)):
                            reach(state, label)
                continue
            for state, label in self._stops(place, done, ins, outs, (now, fen, metres)):
                reach(state, label)
            home = self.ways[place, hub]
            back = now + home[1]
            in_time = all(p.due_s is None or back <= p.due_s for p in self._chosen(outs))
            if not ins and back <= self.kind.shift_s and in_time:
                trip_fen = -(-(metres + home[0]) * self.kind.km_fen // 1000)
                reach((hub, done | outs, 0, 0), (back, fen + trip_fen, 0))
        return found

    def _stops(self, place: str, done: int, ins: int, outs: int, label: Label) -> list[tuple[State, Label]]:
        now, fen, metres = label
        found: list[tuple[State, Label]] = []
        for station in {p.station for p in self.parcels}:
            here = sum(1 << i for i, p in enumerate(self.parcels) if p.station == station)
            way = self.ways[place, station]
            arrives = now + way[1]
            for leave in _subsets(ins & here):
                if any(p.due_s is not None and arrives > p.due_s for p in self._chosen(leave)):
                    continue
                free = here & self._of(Direction.OUT) & ~done & ~outs
                for take in _subsets(free):
                    if not leave | take or not self._fits((ins & ~leave) | outs | take):
                        continue
                    units = sum(p.units for p in self._chosen(leave | take))
                    departs = arrives + self.kind.stop_s + units * self.kind.unit_s
                    departs = max([departs, *(p.ready_s for p in self._chosen(take))])
                    if departs <= self.kind.shift_s:
                        state = (station, done | leave, ins & ~leave, outs | take)
                        found.append((state, (departs, fen + self.kind.stop_fen, metres + way[0])))
        return found

    def _chosen(self, mask: int) -> list[Parcel]:
        return [p for i, p in enumerate(self.parcels) if mask >> i & 1]

    def _of(self, direction: Direction) -> int:
        return sum(1 << i for i, p in enumerate(self.parcels) if p.direction is direction)

    def _fits(self, mask: int) -> bool:
        chosen = self._chosen(mask)
        return (
            sum(p.units for p in chosen) <= self.kind.capacity_units
            and sum(p.weight_g for p in chosen) <= self.kind.capacity_g
        )


def _subsets(mask: int) -> list[int]:
    found, subset = [0], mask
    while subset:
        found.append(subset)
        subset = (subset - 1) & mask
    return found
