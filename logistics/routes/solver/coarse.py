"""A coarser picture of a day with times: a station's lots travel together where their times allow it.

Ready and due times cut a station's parcels into several lots, yet a good plan mostly serves them at one stop.
Moving such a station from trip to trip one lot after the other passes through worse plans; a search among
whole stations does not, and what it finds is a good beginning for the search among the finer lots.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from logistics.routes.solver.lots import Grouping, Lot, is_servable
from logistics.routes.solver.schedule import Terrain, VehicleDay

# Lots are not bound together if less than this part of the shift is left in which both can be served.
LEAST_WINDOW_SHARE = 0.25


@dataclass(frozen=True)
class Coarse:
    """A terrain of bound lots, and the lots of the finer terrain that each of them stands for."""

    terrain: Terrain
    members: tuple[tuple[int, ...], ...]

    def refine(self, days: Sequence[VehicleDay]) -> list[VehicleDay]:
        """Say days of bound lots in lots of the finer terrain."""
        return [
            VehicleDay(day.kind, tuple(tuple(k for n in trip for k in self.members[n]) for trip in day.trips))
            for day in days
        ]


def coarsen(terrain: Terrain) -> Coarse:
    """Bind lots of one station together; this function will leave apart what times or loads keep apart."""
    by_station: dict[int, list[int]] = defaultdict(list)
    for k, lot in enumerate(terrain.lots):
        by_station[lot.station].append(k)
    lots: list[Lot] = []
    members: list[tuple[int, ...]] = []
    for station in sorted(by_station):
        bound: list[tuple[Lot, tuple[int, ...]]] = []
        for k in by_station[station]:
            lot = terrain.lots[k]
            place = next((i for i, (other, _) in enumerate(bound) if _may_bind(terrain, other, lot)), None)
            if place is None:
                bound.append((lot, (k,)))
            else:
                other, own = bound[place]
                bound[place] = (bind(other, lot), (*own, k))
        lots.extend(lot for lot, _ in bound)
        members.extend(own for _, own in bound)
    grouping = Grouping(tuple(lots), ())
    return Coarse(Terrain.of(grouping, terrain.fleet, terrain.network), tuple(members))


def bind(one: Lot, other: Lot) -> Lot:
    """Make one lot of two of the same station; the narrower time counts."""
    return Lot(
        station=one.station,
        parcels=one.parcels + other.parcels,
        units_in=one.units_in + other.units_in,
        grams_in=one.grams_in + other.grams_in,
        units_out=one.units_out + other.units_out,
        grams_out=one.grams_out + other.grams_out,
        ready_in_s=max(one.ready_in_s, other.ready_in_s),
        due_in_s=min(one.due_in_s, other.due_in_s),
        ready_out_s=max(one.ready_out_s, other.ready_out_s),
        due_out_s=min(one.due_out_s, other.due_out_s),
    )


def _may_bind(terrain: Terrain, one: Lot, other: Lot) -> bool:
    lot = bind(one, other)
    travel_s = terrain.duration_s[0][lot.station]
    for vehicle in terrain.fleet:
        earliest_s = max(lot.ready_in_s + travel_s, lot.ready_out_s)
        latest_s = (
            min(lot.due_out_s, vehicle.shift_s) - travel_s - vehicle.stop_s - vehicle.unit_s * lot.units
        )
        window_s = min(lot.due_in_s, latest_s) - earliest_s
        if (
            vehicle.available
            and is_servable(lot, vehicle, travel_s)
            and window_s >= vehicle.shift_s * LEAST_WINDOW_SHARE
        ):
            return True
    return False
