"""Fits a plan's trips into the fewest vehicles proven, its parcels cut into other lots for that."""

from collections.abc import Iterable
from dataclasses import dataclass

from logistics.routes.solver.cutting import fit_into_days
from logistics.routes.solver.loads import Cutting, Load
from logistics.routes.solver.lots import group_parcels
from logistics.routes.solver.recut import Recutter
from logistics.routes.solver.schedule import Terrain, TripOrder, VehicleDay, cost_fen
from logistics.routes.solver.simple import insert_left_over, load_days, mend
from logistics.routes.types import Effort


@dataclass(frozen=True)
class Laid:
    """Vehicle days, the lots that they leave out, and the terrain whose lots they speak of."""

    terrain: Terrain
    days: list[VehicleDay]
    lost: list[int]


def may_refit(laid: Laid, vehicles: int) -> bool:
    """Tell whether a plan has more vehicles than proven, on a day whose trips can be packed by time alone."""
    terrain = laid.terrain
    usable = [vehicle for vehicle in terrain.fleet if vehicle.available]
    return len(usable) == 1 and not terrain.is_timed and not laid.lost and 0 < vehicles < len(laid.days)


def refit(laid: Laid, effort: Effort, *, vehicles: int, within_s: float | None) -> Laid | None:
    """Look for loads that fit into so many vehicle days; None when none are found that make a cheaper plan.

    Takes: `within_s`, the seconds for it; None where steps count.
    Gives: days that keep the exact clock.
    """
    terrain = laid.terrain
    trips = [order for day in laid.days for order in day.trips]
    starts = [_loads(terrain, trips)]
    if sum(map(len, terrain.loads)) == len(terrain.lots):
        starts.append(_loads(terrain, terrain.loads))

    def recut(recutter: Recutter) -> Cutting:
        found = fit_into_days(recutter, starts, effort, vehicles=vehicles, within_s=within_s)
        return Cutting(recutter.first) if found is None else found

    parcels = [parcel for lot in terrain.lots for parcel in lot.parcels]
    grouping = group_parcels(parcels, terrain.network, terrain.fleet, recut=recut)
    if not grouping.days:
        return None
    fitted = Terrain.of(grouping, terrain.fleet, terrain.network)
    days, left = _timed(fitted)
    is_better = not left and cost_fen(fitted, days) < cost_fen(terrain, laid.days)
    return Laid(fitted, days, []) if is_better else None


def _loads(terrain: Terrain, trips: Iterable[TripOrder]) -> list[Load]:
    loads = []
    for order in trips:
        loads.append(Load())
        for k in order:
            lot = terrain.lots[k]
            loads[-1].take(lot.station, (lot.units_in, lot.units_out))
    return loads


def _timed(terrain: Terrain) -> tuple[list[VehicleDay], list[int]]:
    """Make days of the loads that fit; what the exact clock takes out of them finds another place."""
    days, left = load_days(terrain)
    sound: list[VehicleDay] = []
    for day in days:
        whole, taken = mend(terrain, day)
        left.extend(taken)
        if whole.trips:
            sound.append(whole)
    return insert_left_over(terrain, sound, left)
