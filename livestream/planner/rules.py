"""The hard rules of a schedule, its worth, and the reasons why a request has no place."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from livestream.planner.types import (
    DAY_MINUTES,
    WEEK_DAYS,
    InfeasibleSchedule,
    Instance,
    Reason,
    Request,
    Session,
    Streamer,
    Unplaced,
    WeightDays,
)

_SATURDAY = 5
_WHOLE_BP = 10_000


def is_qualified(streamer: Streamer, request: Request, instance: Instance) -> bool:
    """Tell whether the streamer has the level of every product and the category of the first."""
    products = [instance.products[product] for product in request.products]
    return products[0].category in streamer.categories and streamer.level >= max(p.level for p in products)


def needs_cold(request: Request, instance: Instance) -> bool:
    """Tell whether one of the request's products must be kept cold."""
    return any(instance.products[product].cold for product in request.products)


def farmer_of(request: Request, instance: Instance) -> str:
    """Name the farmer whose first session counts: that of the first product."""
    return instance.products[request.products[0]].farmer


def dates_of(request: Request, instance: Instance) -> tuple[int, int]:
    """Give the first and the last day on which every product can be shown (empty when first > last)."""
    products = [instance.products[product] for product in request.products]
    return max(p.first_day for p in products), min(p.last_day for p in products)


def weigh_slots(instance: Instance, day: int) -> list[int]:
    """Give the weight of each slot of a day; the first weight that matches the slot's start counts."""
    weekend = (instance.starts_on + timedelta(days=day)).weekday() >= _SATURDAY
    here = WeightDays.WEEKEND if weekend else WeightDays.WEEKDAY
    rows = [row for row in instance.weights if row.days in (here, WeightDays.ALL)]
    starts = (instance.opens_minute + slot * instance.slot_minutes for slot in range(instance.slots_per_day))
    return [
        next(
            (row.weight for row in rows if row.from_minute <= start < row.to_minute), instance.default_weight
        )
        for start in starts
    ]


def window_starts(streamer: Streamer, slots: int, instance: Instance) -> Iterator[tuple[int, int]]:
    """Give every (day, slot) at which a session of this length fits one window and the opening hours."""
    for window in streamer.windows:
        begins = max(window.from_minute, instance.opens_minute) - instance.opens_minute
        ends = min(window.to_minute, instance.closes_minute) - instance.opens_minute
        first = -(-begins // instance.slot_minutes)
        last = ends // instance.slot_minutes - slots
        for slot in range(first, last + 1):
            yield window.day, slot


def objective_of(sessions: Iterable[Session], instance: Instance) -> int:
    """Add up value × slot weights of the sessions and the bonus for each different farmer."""
    weights = [weigh_slots(instance, day) for day in range(instance.days)]
    farmers = set()
    total = 0
    for session in sessions:
        request = instance.request_by_id[session.request]
        day, minute = divmod(session.start_minute, DAY_MINUTES)
        slot = (minute - instance.opens_minute) // instance.slot_minutes
        total += request.value * sum(weights[day][slot : slot + request.slots])
        farmers.add(farmer_of(request, instance))
    return total + instance.first_session_bonus * len(farmers)


def gap_bp_of(objective: int, upper_bound: int) -> int:
    """Compute how far the bound lies above the objective, rounded up; an objective of 0 counts as 1."""
    return -((objective - upper_bound) * _WHOLE_BP // max(objective, 1))


def faults_alone(session: Session, instance: Instance) -> list[str]:
    """Say which rules a session breaks by itself, whatever the other sessions are."""
    request = instance.request_by_id.get(session.request)
    streamer = instance.streamer_by_id.get(session.streamer)
    studio = instance.studio_by_id.get(session.studio)
    if request is None or streamer is None or studio is None:
        return [f"{session.request}: its request, streamer or studio is unknown"]
    faults = []
    if session.slots != request.slots:
        faults.append(f"{request.id}: has {session.slots} slots instead of {request.slots}")
    if not is_qualified(streamer, request, instance):
        faults.append(f"{request.id}: {streamer.id} lacks the level or the category")
    if needs_cold(request, instance) and not studio.cold:
        faults.append(f"{request.id}: {studio.id} is not cold")
    day, minute = divmod(session.start_minute, DAY_MINUTES)
    first_day, last_day = dates_of(request, instance)
    if not first_day <= day <= last_day:
        faults.append(f"{request.id}: day {day} is outside its products' dates")
    slot, off_grid = divmod(minute - instance.opens_minute, instance.slot_minutes)
    if off_grid or (day, slot) not in set(window_starts(streamer, request.slots, instance)):
        faults.append(f"{request.id}: does not lie inside one window of {streamer.id} and the opening hours")
    return faults


def _faults_of_distance(
    sessions: Sequence[Session], gap_slots: int, who: str, instance: Instance
) -> list[str]:
    ordered = sorted(sessions, key=lambda session: session.start_minute)
    return [
        f"{who}: {before.request} and {after.request} are closer than {gap_slots} slots"
        for before, after in pairwise(ordered)
        if after.start_minute < before.start_minute + (before.slots + gap_slots) * instance.slot_minutes
    ]


def _faults_of_limits(streamer: Streamer, sessions: Sequence[Session]) -> list[str]:
    per_day: Counter[int] = Counter()
    per_week: Counter[int] = Counter()
    for session in sessions:
        day = session.start_minute // DAY_MINUTES
        per_day[day] += session.slots
        per_week[day // WEEK_DAYS] += session.slots
    over_day = [day for day, slots in per_day.items() if slots > streamer.max_slots_per_day]
    over_week = [week for week, slots in per_week.items() if slots > streamer.max_slots_per_week]
    return [f"{streamer.id}: too many slots on day {day}" for day in over_day] + [
        f"{streamer.id}: too many slots in week {week}" for week in over_week
    ]


def faults_together(sessions: Sequence[Session], instance: Instance) -> list[str]:
    """Say which rules the sessions break by standing in one schedule; each must be faultless alone."""
    faults = [f"{id}: placed {n} times" for id, n in Counter(s.request for s in sessions).items() if n > 1]
    of_streamer = defaultdict(list)
    of_studio = defaultdict(list)
    shown: Counter[str] = Counter()
    for session in sessions:
        of_streamer[session.streamer].append(session)
        of_studio[session.studio].append(session)
        shown.update(instance.request_by_id[session.request].products)
    for streamer, theirs in of_streamer.items():
        faults += _faults_of_distance(theirs, instance.rest_slots, streamer, instance)
        faults += _faults_of_limits(instance.streamer_by_id[streamer], theirs)
    for studio, theirs in of_studio.items():
        faults += _faults_of_distance(theirs, instance.turnaround_slots, studio, instance)
    faults += [f"{id}: shown {n} times" for id, n in shown.items() if n > instance.products[id].sessions]
    return faults


def require_feasible(sessions: Sequence[Session], instance: Instance) -> None:
    """Refuse a schedule that breaks any hard rule.

    Refuses: `InfeasibleSchedule` naming every fault; this is our own mistake, never the user's.
    """
    faults = [fault for session in sessions for fault in faults_alone(session, instance)]
    faults = faults or faults_together(sessions, instance)
    if faults:
        raise InfeasibleSchedule("; ".join(faults))


def require_bounded(objective: int, upper_bound: int) -> None:
    """Refuse a bound that a schedule beats: then the bound is wrong, and that is our own mistake."""
    if objective > upper_bound:
        raise InfeasibleSchedule(f"objective {objective} is above the upper bound {upper_bound}")


def _explain(request: Request, shown: Counter[str], instance: Instance) -> tuple[Reason, str]:
    products = [instance.products[product] for product in request.products]
    level, category = max(p.level for p in products), products[0].category
    qualified = [s for s in instance.streamers if is_qualified(s, request, instance)]
    if not qualified:
        detail = f"no streamer has category {category} and level {level} or higher"
        return Reason.NO_QUALIFIED_STREAMER, detail
    first_day, last_day = dates_of(request, instance)
    fitting = [
        streamer
        for streamer in qualified
        if request.slots <= min(streamer.max_slots_per_day, streamer.max_slots_per_week)
        and any(first_day <= day <= last_day for day, _ in window_starts(streamer, request.slots, instance))
    ]
    if not fitting:
        detail = (
            f"none of the {len(qualified)} qualified streamers has a window of {request.slots} slots, inside "
            "opening hours and her daily and weekly limits, on the days on which all products can be shown"
        )
        return Reason.NO_WINDOW, detail
    if needs_cold(request, instance) and not any(studio.cold for studio in instance.studios):
        return Reason.NO_COLD_STUDIO, "a product must be kept cold and there is no cold studio"
    for product in products:
        if shown[product.id] >= product.sessions:
            detail = f"product {product.id} is already in the {product.sessions} sessions it may have"
            return Reason.PRODUCT_SESSIONS_USED, detail
    detail = (
        f"{len(fitting)} streamers could do it, but beside the placed sessions no streamer and studio are "
        f"free together for {request.slots} slots, or freeing them would cost more than this session is worth"
    )
    return Reason.NO_PLACE_LEFT, detail


def explain_unplaced(
    sessions: Sequence[Session], instance: Instance, *, leave_out: frozenset[str]
) -> list[Unplaced]:
    """Give the first reason that fits for every request without a session, in the instance's order.

    Takes: `leave_out`, requests that were cancelled and get no reason.
    """
    placed = {session.request for session in sessions}
    shown: Counter[str] = Counter()
    for session in sessions:
        shown.update(instance.request_by_id[session.request].products)
    return [
        Unplaced(request.id, *_explain(request, shown, instance))
        for request in instance.requests
        if request.id not in placed and request.id not in leave_out
    ]
