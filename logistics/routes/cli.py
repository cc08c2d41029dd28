"""The command `logistics plan`."""

import math
import os
from pathlib import Path

import click

from county import clock, outputs
from county.errors import BadInput, Fault
from county.outputs import counted
from logistics.routes.parsers import read_instance
from logistics.routes.types import BaselineName, Effort, Plan, Progress

LONGEST_LIMIT_S = 86_400.0
MOST_ITERATIONS = 1_000_000_000
# Of /proc/self/stat (proc(5), field 22) after the name in brackets; in ticks since the system came up.
PLACE_OF_BEGIN = 19
# Waiting for the processor beyond so many times the time used is not believed.
MOST_DELAYED = 20


@click.command("plan")
@click.option("--stations", required=True, type=click.Path(path_type=Path), help="stations.csv")
@click.option("--roads", type=click.Path(path_type=Path), help="roads.csv; without it, great circles")
@click.option("--parcels", required=True, type=click.Path(path_type=Path), help="parcels.csv")
@click.option("--fleet", required=True, type=click.Path(path_type=Path), help="fleet.csv")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="where plan.json goes")
@click.option("--time-limit", type=float, help="seconds for the whole command  [default: 20]")
@click.option("--iterations", type=int, help="search steps instead of seconds: the plan repeats exactly")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--baseline",
    "baselines",
    multiple=True,
    type=click.Choice([name.value for name in BaselineName]),
    help="compare with this way of working (may be given several times)",
)
@click.pass_context
def plan_command(
    context: click.Context,
    stations: Path,
    roads: Path | None,
    parcels: Path,
    fleet: Path,
    out: Path,
    time_limit: float | None,
    iterations: int | None,
    seed: int,
    baselines: tuple[str, ...],
) -> None:
    """Plan one day of all couriers together and write the plan with its proven gap."""
    # Python and the front door have been loading before this line; the limit covers that too.
    started_s = clock.monotonic_s() - gone_s()
    effort = _effort(time_limit, iterations, seed, started_s)
    outputs.require_places({"--out": out}, inputs=(stations, roads, parcels, fleet))
    instance = read_instance(stations=stations, roads=roads, parcels=parcels, fleet=fleet)
    chosen = tuple(dict.fromkeys(BaselineName(name) for name in baselines))
    # The optimiser takes a second to load: bad input is told before that.
    from logistics.routes import service
    from logistics.routes.documents import write_plan

    plan = service.plan_day(instance, effort=effort, baselines=chosen, on_progress=_tell)
    outputs.write_text(out, [write_plan(plan)])
    _report(plan)
    if plan.unserved:
        context.exit(1)


def gone_s(folder: Path = Path("/proc")) -> float:
    """Give the seconds since this process began, as far as they count for the time limit.

    On a busy machine they are many more than its processor time, which counts where the system does not tell.
    A process that was something else before (the making of the environment) has not been planning so long.
    """
    used = os.times()
    used_s = used.user + used.system
    try:
        ticks = int((folder / "self/stat").read_text().rpartition(")")[2].split()[PLACE_OF_BEGIN])
        age_s = float((folder / "uptime").read_text().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return used_s
    return min(max(age_s, used_s), MOST_DELAYED * used_s)


def _effort(time_limit: float | None, iterations: int | None, seed: int, started_s: float) -> Effort:
    faults = []
    if time_limit is not None and iterations is not None:
        faults.append(Fault("--iterations:1", "given together with --time-limit, expected one of them"))
    if time_limit is not None and not (math.isfinite(time_limit) and 0 < time_limit <= LONGEST_LIMIT_S):
        faults.append(Fault("--time-limit:1", f"is {time_limit}, expected seconds above 0, at most a day"))
    if iterations is not None and not 1 <= iterations <= MOST_ITERATIONS:
        faults.append(Fault("--iterations:1", f"is {iterations}, expected 1 or more"))
    if not 0 <= seed < 2**31:
        faults.append(Fault("--seed:1", f"is {seed}, expected 0 to {2**31 - 1}"))
    if faults:
        raise BadInput(faults)
    processes = min(2, len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else 1
    limit_s = None if iterations is not None else 20.0 if time_limit is None else time_limit
    return Effort(
        time_limit_s=limit_s, iterations=iterations, seed=seed, started_s=started_s, processes=processes
    )


def _tell(progress: Progress) -> None:
    click.echo(
        f"{progress.seconds:7.1f} s  cost {progress.cost_fen / 100:.2f}  bound {progress.bound_fen / 100:.2f}"
        f"  gap {progress.gap_bp / 100:.2f} %  ({progress.step})",
        err=True,
    )


def _report(plan: Plan) -> None:
    totals = plan.totals
    counts = [
        *(counted(totals.parcels, "parcel"), counted(totals.vehicles, "vehicle")),
        *(counted(totals.trips, "trip"), counted(totals.stops, "stop")),
    ]
    # Of a plan that carries nothing there is no best possible one to compare with.
    gap = f", at most {plan.gap_bp / 100:.2f} % above the best possible" if totals.parcels else ""
    click.echo(
        f"{', '.join(counts)}, {totals.distance_m / 1000:.1f} km, cost {totals.cost_fen / 100:.2f} yuan{gap}"
    )
    for baseline in plan.baselines:
        saved = 1 - totals.cost_fen / baseline.cost_fen if baseline.cost_fen else 0.0
        click.echo(f"{100 * saved:.1f} % below {baseline.name.value}: {baseline.what}")
    if plan.unserved:
        click.echo(f"unserved, the plan says why: {counted(len(plan.unserved), 'parcel')}")
