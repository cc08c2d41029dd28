"""Cuts loads anew and fits them into vehicle days, for a part of the effort and with a second process."""

from collections.abc import Sequence
from itertools import count

from county import clock
from logistics.routes.solver.companion import SEED_STEP, Beside
from logistics.routes.solver.fitting import Fitter
from logistics.routes.solver.loads import Cutting, Load
from logistics.routes.solver.recut import Recutter
from logistics.routes.types import Effort

# Cutting loads anew: a share of the time that is left, or so many cuts where steps count.
RECUT_SHARE = 0.2
RECUTS_PER_ITERATION = 10
MOST_RECUTS = 10_000
# Cutting anew ends in one of several good ways; the best of so many is taken, from each of two processes.
RECUT_TURNS = 3
LOADS_FOR_TWO = 8
LEAST_WAIT_S = 0.2
# Where steps count, fitting loads into days asks so often whether it is over.
MOST_QUESTIONS = 4_000
# Loads that take more time than the days offer are tried when no more than this part is missing.
MOST_MISSING = 0.015


def cut_anew(recutter: Recutter, effort: Effort) -> list[Load]:
    """Cut loads anew for a part of the effort; this function will give the cheapest it finds."""
    begun_s = clock.monotonic_s()
    left_s = (effort.time_limit_s or 0.0) - (begun_s - effort.started_s)
    steps = count()

    def gone() -> float:
        if effort.iterations is not None:
            return next(steps) / min(MOST_RECUTS, RECUTS_PER_ITERATION * effort.iterations)
        return (clock.monotonic_s() - begun_s) / max(1e-3, RECUT_SHARE * left_s)

    if effort.processes < 2 or effort.iterations is not None or len(recutter.first) < LOADS_FOR_TWO:
        return recutter.best_of(RECUT_TURNS, gone, seed=effort.seed)
    other = Beside(lambda: recutter.best_of(RECUT_TURNS, gone, seed=effort.seed + SEED_STEP))
    own = recutter.best_of(RECUT_TURNS, gone, seed=effort.seed)
    wait_s = max(LEAST_WAIT_S, (1 - gone()) * RECUT_SHARE * left_s)
    return min([own, *other.results(within_s=wait_s)], key=recutter.total)


def fit_into_days(
    recutter: Recutter,
    starts: Sequence[Sequence[Load]],
    effort: Effort,
    *,
    vehicles: int,
    within_s: float | None,
) -> Cutting | None:
    """Exchange pieces between loads until they fit into so many days; None when they do not in time.

    Takes: `starts`, loads to begin with: those are taken that need least time; `within_s`, None where steps
    count.
    """
    fitters = [Fitter(recutter.valleys, recutter.vehicle, recutter.room, loads) for loads in starts]
    fitter = min(fitters, key=lambda fitter: fitter.needed_s)
    most_s = vehicles * fitter.day_s
    if vehicles > recutter.vehicle.available or fitter.needed_s > most_s * (1 + MOST_MISSING):
        return None
    fitted = fitter.fill(vehicles, seed=effort.seed) or _fit(fitter, vehicles, effort, within_s)
    return None if fitted is None else _number(fitted)


def _fit(fitter: Fitter, days: int, effort: Effort, within_s: float | None) -> list[list[Load]] | None:
    begun_s = clock.monotonic_s()
    questions = count()

    def gone() -> float:
        if within_s is None:
            return next(questions) / max(1, min(MOST_QUESTIONS, effort.iterations or 0))
        return (clock.monotonic_s() - begun_s) / max(1e-3, within_s)

    if effort.processes < 2 or within_s is None:
        return fitter.fit(days, gone, seed=effort.seed)
    other = Beside(lambda: fitter.fit(days, gone, seed=effort.seed + SEED_STEP))
    own = fitter.fit(days, lambda: 1.0 if other.has_told else gone(), seed=effort.seed)
    told = other.results(within_s=LEAST_WAIT_S if own is None else 0.0)
    return own or next(iter(told), None)


def _number(fitted: list[list[Load]]) -> Cutting:
    numbers = iter(range(sum(len(day) for day in fitted)))
    return Cutting([load for day in fitted for load in day], [[next(numbers) for _ in day] for day in fitted])
