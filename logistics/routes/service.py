"""Plans a day's joint tour and says how far the plan can be from the best one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

from county import clock
from logistics.routes.network import Network, build_network
from logistics.routes.rules import gap_bp, refuse_hopeless, require_feasible, total_up
from logistics.routes.solver.baselines import WHAT, Share, shares_of
from logistics.routes.solver.bound import lower_bound
from logistics.routes.solver.budget import Budget
from logistics.routes.solver.coarse import coarsen
from logistics.routes.solver.companion import SEED_STEP, Beside, Companion, Line
from logistics.routes.solver.loads import Load
from logistics.routes.solver.lots import group_parcels
from logistics.routes.solver.planner import Planner, Start
from logistics.routes.solver.recut import Recutter
from logistics.routes.solver.schedule import Terrain, VehicleDay, write_trips
from logistics.routes.types import (
    Baseline,
    BaselineName,
    Bound,
    Effort,
    Instance,
    OnProgress,
    Parcel,
    Plan,
    Progress,
    Solver,
    Totals,
    Trip,
    Unserved,
    UnservedReason,
)

SOLVER_NAME = "shanhuo-routes"
SOLVER_VERSION = "1"
# Checking, writing and leaving take less than reading and preparing did; so much of that time, and a share
# of the limit, is kept back so that the whole command keeps its limit, on a busy machine too.
KEPT_BACK_SHARE = 0.02
KEPT_BACK_OF_PREPARATION = 1.0
BOUND_SHARE = 0.2
# When parcels stay behind, the bound is proven again for the others, in less time.
SECOND_BOUND_SHARE = 0.04
# Cutting loads anew: a share of the time that is left, or so many cuts where steps count.
RECUT_SHARE = 0.2
RECUTS_PER_ITERATION = 10
MOST_RECUTS = 10_000
# Cutting anew ends in one of several good ways; the best of so many is taken, from each of two processes.
RECUT_TURNS = 3
LOADS_FOR_TWO = 8
LEAST_WAIT_S = 0.2
# Of a day with times, the part that goes to the search among whole stations.
COARSE_SHARE = 0.4
# Below this a second process costs more than it finds.
LOTS_FOR_TWO = 30


def plan_day(
    instance: Instance,
    *,
    effort: Effort,
    baselines: Sequence[BaselineName] = (),
    on_progress: OnProgress | None = None,
) -> Plan:
    """Plan all couriers' parcels of a day together; this function will check the plan before giving it.

    Takes: `baselines` to plan beside it, each with the same effort again.
    Gives: a plan that keeps every rule, its proven bound, and what it leaves unserved and why.
    Refuses: `PlanInfeasible` when the solver made a mistake; nothing is shown then.
    Source: CONTRACTS.md §4; docs/routes.md.
    """
    network = build_network(instance)
    trips, unserved, bound = _plan(instance, network, effort, on_progress)
    require_feasible(trips, unserved, instance=instance, network=network)
    totals = total_up(trips, instance.fleet)
    compared = tuple(_plan_baseline(name, instance, network, effort) for name in baselines)
    return Plan(
        trips=trips,
        unserved=unserved,
        totals=totals,
        lower_bound=bound,
        gap_bp=gap_bp(totals.cost_fen, bound.cost_fen),
        baselines=compared,
        solver=Solver(
            SOLVER_NAME, SOLVER_VERSION, effort.seed, round(clock.monotonic_s() - effort.started_s, 2)
        ),
    )


def _plan(
    instance: Instance, network: Network, effort: Effort, on_progress: OnProgress | None
) -> tuple[tuple[Trip, ...], tuple[Unserved, ...], Bound]:
    hopeful, hopeless = refuse_hopeless(instance, network)
    limit_s = None if effort.time_limit_s is None else effort.time_limit_s * BOUND_SHARE
    begun_s = clock.monotonic_s()
    bound = lower_bound(instance, network, hopeful, time_limit_s=limit_s)
    proven_s = clock.monotonic_s()
    preparing_s = clock.monotonic_s() - effort.started_s - (proven_s - begun_s)
    terrain = _lay_out(hopeful, instance, network, effort)

    def tell(step: str, cost_fen: int) -> None:
        if on_progress is not None:
            seconds = clock.monotonic_s() - effort.started_s
            gap = gap_bp(cost_fen, bound.cost_fen)
            on_progress(Progress(seconds, step, cost_fen, bound.cost_fen, gap))

    closing_s = KEPT_BACK_OF_PREPARATION * preparing_s
    days, lost = find_days(terrain, effort, bound_fen=bound.cost_fen, on_best=tell, closing_s=closing_s)
    left = [parcel for k in lost for parcel in terrain.lots[k].parcels]
    unserved = [*hopeless, *(Unserved(p.parcel, UnservedReason.NO_VEHICLE_LEFT) for p in left)]
    if left:
        gone = {parcel.parcel for parcel in left}
        served = [parcel for parcel in hopeful if parcel.parcel not in gone]
        again_s = None if effort.time_limit_s is None else effort.time_limit_s * SECOND_BOUND_SHARE
        bound = lower_bound(instance, network, served, time_limit_s=again_s)
    order = {parcel.parcel: number for number, parcel in enumerate(instance.parcels)}
    unserved.sort(key=lambda item: order[item.parcel])
    return write_trips(terrain, days), tuple(unserved), bound


def _lay_out(parcels: Sequence[Parcel], instance: Instance, network: Network, effort: Effort) -> Terrain:
    """Group parcels into lots, the loads cut anew for a part of the effort."""
    begun_s = clock.monotonic_s()
    steps = count()

    def gone() -> float:
        if effort.iterations is not None:
            return next(steps) / min(MOST_RECUTS, RECUTS_PER_ITERATION * effort.iterations)
        left_s = (effort.time_limit_s or 0.0) - (begun_s - effort.started_s)
        return (clock.monotonic_s() - begun_s) / max(1e-3, RECUT_SHARE * left_s)

    def recut(recutter: Recutter) -> list[Load]:
        if effort.processes < 2 or effort.iterations is not None or len(recutter.first) < LOADS_FOR_TWO:
            return recutter.best_of(RECUT_TURNS, gone, seed=effort.seed)
        other = Beside(lambda: recutter.best_of(RECUT_TURNS, gone, seed=effort.seed + SEED_STEP))
        own = recutter.best_of(RECUT_TURNS, gone, seed=effort.seed)
        left_s = (1 - gone()) * RECUT_SHARE * (effort.time_limit_s or 0.0)
        return min([own, *other.results(within_s=max(LEAST_WAIT_S, left_s))], key=recutter.total)

    grouping = group_parcels(parcels, network, instance.fleet, recut=recut)
    return Terrain.of(grouping, instance.fleet, network)


def find_days(
    terrain: Terrain,
    effort: Effort,
    *,
    bound_fen: int,
    on_best: Callable[[str, int], None],
    closing_s: float = 0.0,
) -> tuple[list[VehicleDay], list[int]]:
    """Search for vehicle days, alone or with a companion; this function will keep to the effort.

    Takes: `closing_s`, the seconds that the caller needs for what comes after.
    Gives: days that keep the exact clock, and the lots for which no vehicle was left.
    """
    budget = _budget(effort, closing_s)
    coarse = coarsen(terrain) if terrain.is_timed else None
    if coarse is None or len(coarse.terrain.lots) == len(terrain.lots):
        return _search(terrain, budget, effort, bound_fen, on_best)
    part = budget.part(COARSE_SHARE)
    had = part.steps
    days, lost = _search(coarse.terrain, part, effort, bound_fen, on_best)
    budget.spend((had or 0) - (part.steps or 0))
    start = coarse.refine(days), [k for number in lost for k in coarse.members[number]]
    return _search(terrain, budget, effort, bound_fen, on_best, start)


def _search(
    terrain: Terrain,
    budget: Budget,
    effort: Effort,
    bound_fen: int,
    on_best: Callable[[str, int], None],
    start: Start | None = None,
) -> tuple[list[VehicleDay], list[int]]:
    def plan(line: Line | None, seed: int, tell: Callable[[str, int], None]) -> Planner:
        return Planner(terrain, budget, seed=seed, bound_fen=bound_fen, on_best=tell, line=line, start=start)

    if effort.processes < 2 or effort.iterations is not None or len(terrain.lots) < LOTS_FOR_TWO:
        return plan(None, effort.seed, on_best).run()
    companion = Companion(lambda line: plan(line, effort.seed + SEED_STEP, lambda _step, _cost: None).run())
    try:
        return plan(companion.line, effort.seed, on_best).run()
    finally:
        companion.dismiss()


def _budget(effort: Effort, closing_s: float) -> Budget:
    if effort.iterations is not None:
        return Budget.of_steps(effort.iterations)
    limit_s = effort.time_limit_s or 0.0
    gone_s = clock.monotonic_s() - effort.started_s
    return Budget.of_seconds(max(0.0, limit_s * (1 - KEPT_BACK_SHARE) - gone_s - closing_s))


def _plan_baseline(name: BaselineName, instance: Instance, network: Network, effort: Effort) -> Baseline:
    """Plan one baseline; its shares divide the effort by their parcels."""
    hopeful, _ = refuse_hopeless(instance, network)
    shares = shares_of(name, hopeful, instance, network)
    whole = sum(len(share.parcels) for share in shares)
    started_s = clock.monotonic_s()
    sums = {days: Totals(0, 0, 0, 0, 0, 0, 0) for days in (1, 3)}
    left_out = done = 0
    for share in shares:
        done += len(share.parcels)
        by_s = None if effort.time_limit_s is None else effort.time_limit_s * done / whole
        own = replace(effort, time_limit_s=by_s, started_s=started_s)
        totals, unserved = _plan_share(share, instance, network, own)
        sums[share.days] = _add(sums[share.days], totals)
        left_out += unserved
    return _baseline(name, sums, left_out)


def _plan_share(share: Share, instance: Instance, network: Network, effort: Effort) -> tuple[Totals, int]:
    own = replace(instance, parcels=share.parcels)
    hopeful, hopeless = refuse_hopeless(own, network)
    terrain = _lay_out(hopeful, own, network, effort)
    days, lost = find_days(terrain, effort, bound_fen=0, on_best=lambda _step, _cost: None)
    trips = write_trips(terrain, days)
    left = [parcel for k in lost for parcel in terrain.lots[k].parcels]
    unserved = [*hopeless, *(Unserved(p.parcel, UnservedReason.NO_VEHICLE_LEFT) for p in left)]
    require_feasible(trips, unserved, instance=own, network=network)
    return total_up(trips, own.fleet), len(unserved)


def _add(first: Totals, second: Totals) -> Totals:
    return Totals(
        first.cost_fen + second.cost_fen,
        first.distance_m + second.distance_m,
        first.duration_s + second.duration_s,
        first.vehicles + second.vehicles,
        first.trips + second.trips,
        first.stops + second.stops,
        first.parcels + second.parcels,
    )


def _baseline(name: BaselineName, sums: dict[int, Totals], left_out: int) -> Baseline:
    """Bring the sums of all shares to one mean day, costs and vehicles rounded up."""
    cost_fen = sum(-(-totals.cost_fen // days) for days, totals in sums.items())
    duration_s = sum(totals.duration_s / days for days, totals in sums.items())
    parcels = sum(totals.parcels / days for days, totals in sums.items())
    what = WHAT[name] + (f" ({left_out} parcels unserved)" if left_out else "")
    return Baseline(
        name=name,
        what=what,
        cost_fen=cost_fen,
        distance_m=sum(-(-totals.distance_m // days) for days, totals in sums.items()),
        vehicles=sum(-(-totals.vehicles // days) for days, totals in sums.items()),
        parcels_per_vehicle_hour=round(parcels * 3600 / duration_s, 2) if duration_s else 0.0,
    )
