"""An independent reading of the rules of instance.json and schedule.json; shares no code with the planner."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from typing import Any

Raw = dict[str, Any]
CHINA = timezone(timedelta(hours=8))
REASONS = {
    "no_qualified_streamer",
    "no_window",
    "no_cold_studio",
    "product_sessions_used",
    "no_place_left",
}


def at(day: date, clock: str) -> datetime:
    """Turn a date and a clock time, 24:00 included, into an instant."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(hours=hours, minutes=minutes)


def slot_weight(instance: Raw, start: datetime) -> int:
    """Give the first weight that matches a slot by its start."""
    for row in instance["weights"]:
        weekend = start.weekday() >= 5
        counts = row["days"] == "all" or (row["days"] == "weekend") == weekend
        if counts and at(start.date(), row["from"]) <= start < at(start.date(), row["to"]):
            return int(row["weight"])
    return int(instance["default_weight"])


def worth(instance: Raw, request: Raw, start: datetime) -> int:
    """Give what a request earns from this start, bonus aside."""
    slot = timedelta(minutes=instance["slot_minutes"])
    return sum(slot_weight(instance, start + k * slot) for k in range(request["slots"])) * int(
        request["value"]
    )


class Rules:
    """The instance by id, and the questions that one session can be asked."""

    def __init__(self, instance: Raw) -> None:
        self.instance = instance
        self.slot = timedelta(minutes=instance["slot_minutes"])
        self.first_day = date.fromisoformat(instance["starts_on"])
        self.requests = {row["id"]: row for row in instance["requests"]}
        self.streamers = {row["id"]: row for row in instance["streamers"]}
        self.studios = {row["id"]: row for row in instance["studios"]}
        self.products = {row["id"]: row for row in instance["products"]}

    def shown(self, request: Raw) -> list[Raw]:
        """Give the products of a request."""
        return [self.products[id] for id in request["products"]]

    def can_hold(self, streamer: Raw, request: Raw) -> bool:
        """Tell whether a streamer is qualified."""
        shown = self.shown(request)
        high_enough = all(streamer["level"] >= product["level"] for product in shown)
        return high_enough and shown[0]["category"] in streamer["categories"]

    def can_host(self, studio: Raw, request: Raw) -> bool:
        """Tell whether a studio is cold when it must be."""
        return bool(studio["cold"]) or not any(product["cold"] for product in self.shown(request))

    def can_run(self, streamer: Raw, request: Raw, start: datetime) -> bool:
        """Tell whether the session lies in the horizon, hours, dates, grid and one window."""
        end = start + request["slots"] * self.slot
        day = start.date()
        opens, closes = at(day, self.instance["opens"]), at(day, self.instance["closes"])
        if not 0 <= (day - self.first_day).days < self.instance["days"]:
            return False
        if not (opens <= start and end <= closes) or (start - opens) % self.slot:
            return False
        if not all(product["from"] <= day.isoformat() <= product["to"] for product in self.shown(request)):
            return False
        return any(
            window["on"] == day.isoformat()
            and at(day, window["from"]) <= start
            and end <= at(day, window["to"])
            for window in streamer["available"]
        )


def check_sessions(instance: Raw, sessions: list[Raw]) -> list[str]:
    """List every broken rule of a list of sessions."""
    rules, faults = Rules(instance), []
    by_streamer, by_studio = defaultdict(list), defaultdict(list)
    daily: Counter[tuple[str, date]] = Counter()
    weekly: Counter[tuple[str, int]] = Counter()
    shown: Counter[str] = Counter()
    for row in sessions:
        request, streamer = rules.requests[row["request"]], rules.streamers[row["streamer"]]
        studio, start = rules.studios[row["studio"]], datetime.fromisoformat(row["starts_at"])
        if row["slots"] != request["slots"]:
            faults.append(f"{row}: slots")
        if not rules.can_hold(streamer, request) or not rules.can_host(studio, request):
            faults.append(f"{row}: not qualified or not cold")
        if start.utcoffset() != timedelta(hours=8) or not rules.can_run(streamer, request, start):
            faults.append(f"{row}: outside its window, hours, dates or grid")
        end = start + request["slots"] * rules.slot
        by_streamer[row["streamer"]].append((start, end))
        by_studio[row["studio"]].append((start, end))
        daily[row["streamer"], start.date()] += request["slots"]
        weekly[row["streamer"], (start.date() - rules.first_day).days // 7] += request["slots"]
        shown.update(request["products"])
    for owned, gap in ((by_streamer, "rest_slots"), (by_studio, "turnaround_slots")):
        for owner, spans in owned.items():
            spans.sort()
            for (_, end), (start, _) in zip(spans, spans[1:], strict=False):
                if start - end < instance[gap] * rules.slot:
                    faults.append(f"{owner}: {gap} broken at {start}")
    faults += [f"{k}: day" for k, n in daily.items() if n > rules.streamers[k[0]]["max_slots_per_day"]]
    faults += [f"{k}: week" for k, n in weekly.items() if n > rules.streamers[k[0]]["max_slots_per_week"]]
    faults += [f"{id}: sessions" for id, n in shown.items() if n > rules.products[id]["sessions"]]
    twice = [id for id, n in Counter(row["request"] for row in sessions).items() if n > 1]
    return faults + [f"{id}: placed twice" for id in twice]


def objective(instance: Raw, sessions: list[Raw]) -> int:
    """Compute the objective of a list of sessions."""
    rules = Rules(instance)
    total, farmers = 0, set()
    for row in sessions:
        request = rules.requests[row["request"]]
        total += worth(instance, request, datetime.fromisoformat(row["starts_at"]))
        farmers.add(rules.shown(request)[0]["farmer"])
    return total + int(instance["first_session_bonus"]) * len(farmers)


def reason_of(instance: Raw, sessions: list[Raw], request: Raw) -> str:
    """Say why a request has no place, by the documented order of reasons."""
    rules = Rules(instance)
    able = [s for s in rules.streamers.values() if rules.can_hold(s, request)]
    if not able:
        return "no_qualified_streamer"
    day = rules.first_day
    moments = [
        at(day + timedelta(days=d), instance["opens"]) + k * rules.slot
        for d in range(instance["days"])
        for k in range(24 * 60 // instance["slot_minutes"])
    ]
    fits = [
        s
        for s in able
        if request["slots"] <= min(s["max_slots_per_day"], s["max_slots_per_week"])
        and any(rules.can_run(s, request, moment) for moment in moments)
    ]
    if not fits:
        return "no_window"
    if not any(rules.can_host(studio, request) for studio in rules.studios.values()):
        return "no_cold_studio"
    shown = Counter(id for row in sessions for id in rules.requests[row["request"]]["products"])
    if any(shown[id] >= rules.products[id]["sessions"] for id in request["products"]):
        return "product_sessions_used"
    return "no_place_left"


def check_schedule(instance: Raw, schedule: Raw, *, cancelled: frozenset[str] = frozenset()) -> list[str]:
    """List every fault of a whole schedule file."""
    sessions = schedule["sessions"]
    faults = check_sessions(instance, sessions)
    listed = [row["request"] for row in sessions] + [row["request"] for row in schedule["unplaced"]]
    if sorted(listed) != sorted({row["id"] for row in instance["requests"]} - cancelled):
        faults.append("not every request is listed exactly once")
    for row in schedule["unplaced"]:
        request = next(r for r in instance["requests"] if r["id"] == row["request"])
        if row["reason"] != reason_of(instance, sessions, request) or row["reason"] not in REASONS:
            faults.append(f"{row}: expected {reason_of(instance, sessions, request)}")
        if not row["detail"].strip():
            faults.append(f"{row}: no words")
    value, bound, gap = schedule["objective"], schedule["upper_bound"], schedule["gap_bp"]
    if value != objective(instance, sessions) or type(value) is not int:
        faults.append(f"objective {value} is not {objective(instance, sessions)}")
    if type(bound) is not int or bound < value:
        faults.append(f"bound {bound} below {value}")
    divisor = max(value, 1)
    if type(gap) is not int or not (gap - 1) * divisor < (bound - value) * 10_000 <= gap * divisor:
        faults.append(f"gap {gap}")
    return faults
