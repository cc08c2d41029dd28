"""Plans a folder of CSV files the way the command does, in this process."""

from collections.abc import Sequence
from pathlib import Path

from county import clock
from logistics.routes.documents import write_plan
from logistics.routes.parsers import read_instance
from logistics.routes.service import plan_day
from logistics.routes.types import BaselineName, Effort, Instance, Plan


def read_folder(folder: Path, *, with_roads: bool = True) -> Instance:
    return read_instance(
        stations=folder / "stations.csv",
        roads=folder / "roads.csv" if with_roads else None,
        parcels=folder / "parcels.csv",
        fleet=folder / "fleet.csv",
    )


def plan_folder(
    folder: Path,
    *,
    iterations: int,
    seed: int = 1,
    with_roads: bool = True,
    baselines: Sequence[BaselineName] = (),
) -> Plan:
    """Plan, and leave the plan in `plan.json` beside its files."""
    effort = Effort(time_limit_s=None, iterations=iterations, seed=seed, started_s=clock.monotonic_s())
    plan = plan_day(read_folder(folder, with_roads=with_roads), effort=effort, baselines=baselines)
    (folder / "plan.json").write_text(write_plan(plan), encoding="utf-8")
    return plan
