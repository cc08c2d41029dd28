"""The job that plans a tour: reads what it is made from, plans outside any transaction, stores the draft."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from county import clock, database
from county.errors import Refused
from logistics.routes.documents import write_plan
from logistics.routes.network import build_network
from logistics.routes.rules import require_feasible
from logistics.routes.types import Effort, Instance, Plan, Progress
from logistics.tours import service
from logistics.tours.documents import read_plan
from logistics.tours.types import Tour, TourProgress, TourState

TELL_EVERY_S = 1.0


def plan_tour(payload: Mapping[str, Any], now: datetime) -> None:
    """Plan a tour and keep the plan as a draft; run again, it plans again only what is still in the making.

    A plan that breaks a rule, or whose parcels were taken meanwhile, ends as a failed tour with its reason.
    """
    tour_no = str(payload["tour_no"])
    with database.reading() as db:
        tour = service.get_tour(db, tour_no=tour_no)
        instance = service.get_instance(db, tour_no=tour_no)
    if tour.state is not TourState.PLANNING:
        return
    try:
        plan = _plan(tour, instance)
        with database.transaction() as db:
            service.store_plan(db, tour_no=tour_no, plan=plan, now=clock.now())
    except Refused as refusal:
        with database.transaction() as db:
            service.fail_plan(db, tour_no=tour_no, why=refusal.sentence(), now=clock.now())


def _plan(tour: Tour, instance: Instance) -> Plan:
    """Plan, then check what will be stored, as it will be stored, against what it was planned from."""
    # The optimiser takes a second to load: only the process that plans pays for it.
    from logistics.routes.service import plan_day

    effort = Effort(
        time_limit_s=float(tour.time_limit_s),
        iterations=None,
        seed=tour.seed,
        started_s=clock.monotonic_s(),
    )
    plan = plan_day(instance, effort=effort, baselines=tour.baselines, on_progress=_Teller(tour.tour_no))
    kept = read_plan(write_plan(plan))
    require_feasible(kept.trips, kept.unserved, instance=instance, network=build_network(instance))
    return kept


class _Teller:
    """Writes progress at most once a second, each time in a transaction of its own."""

    def __init__(self, tour_no: str) -> None:
        self.tour_no = tour_no
        self.told_s = -TELL_EVERY_S

    def __call__(self, progress: Progress) -> None:
        at_s = clock.monotonic_s()
        if at_s - self.told_s < TELL_EVERY_S:
            return
        self.told_s = at_s
        told = TourProgress(
            step=progress.step,
            cost_fen=progress.cost_fen,
            bound_fen=progress.bound_fen,
            gap_bp=progress.gap_bp,
            seconds=int(progress.seconds),
        )
        with database.transaction() as db:
            service.tell_progress(db, tour_no=self.tour_no, progress=told)
