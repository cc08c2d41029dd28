"""The best possible objective of a tiny instance, by trying everything; shares no code with the planner."""

from datetime import datetime, timedelta

from tests.solvers.planner.checker import Raw, Rules, at, check_sessions, worth


def placements(instance: Raw, request: Raw) -> list[Raw]:
    """List every session that this request could be by itself."""
    rules = Rules(instance)
    days = [rules.first_day + timedelta(days=d) for d in range(instance["days"])]
    moments = [
        at(day, instance["opens"]) + k * rules.slot
        for day in days
        for k in range(24 * 60 // instance["slot_minutes"])
    ]
    return [
        {
            "request": request["id"],
            "streamer": streamer["id"],
            "studio": studio["id"],
            "starts_at": moment.isoformat(),
            "slots": request["slots"],
        }
        for streamer in rules.streamers.values()
        if rules.can_hold(streamer, request)
        and request["slots"] <= min(streamer["max_slots_per_day"], streamer["max_slots_per_week"])
        for studio in rules.studios.values()
        if rules.can_host(studio, request)
        for moment in moments
        if rules.can_run(streamer, request, moment)
    ]


def best_objective(instance: Raw) -> int:
    """Find the optimum by depth-first search over all requests, cut off by what could still be gained."""
    rules, bonus = Rules(instance), int(instance["first_session_bonus"])
    choices = [
        [
            (worth(instance, request, datetime.fromisoformat(p["starts_at"])), p)
            for p in placements(instance, request)
        ]
        for request in instance["requests"]
    ]
    farmers = [rules.shown(request)[0]["farmer"] for request in instance["requests"]]
    tops = [max((gain for gain, _ in of), default=-bonus) + bonus for of in choices]
    for of in choices:
        of.sort(key=lambda choice: -choice[0])
    best = 0

    def descend(k: int, value: int, chosen: list[Raw], shown: frozenset[str]) -> None:
        nonlocal best
        best = max(best, value)
        if k == len(choices) or value + sum(tops[k:]) <= best:
            return
        first = 0 if farmers[k] in shown else bonus
        for gain, placement in choices[k]:
            if value + gain + first + sum(tops[k + 1 :]) <= best:
                break
            if not check_sessions(instance, [*chosen, placement]):
                descend(k + 1, value + gain + first, [*chosen, placement], shown | {farmers[k]})
        descend(k + 1, value, chosen, shown)

    descend(0, 0, [], frozenset())
    return best
