"""Random instances with every oddity that the format allows, small enough to check in no time."""

import random
from datetime import date, timedelta

from tests.solvers.planner.checker import Raw

HOURS = (("06:30", "24:00"), ("00:00", "24:00"), ("08:15", "22:40"), ("18:00", "23:00"))


def clock(minute: int) -> str:
    """Write minutes after midnight as a clock time."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _windows(rng: random.Random, first: date, days: int) -> list[Raw]:
    rows = []
    for day in range(days):
        cuts = sorted([rng.randrange(0, 720, 15), *rng.sample(range(720, 1381, 15), 2), 1440])
        if rng.random() < 0.3:
            # Touching windows are two windows: no session may cross from one into the other.
            cuts[2] = cuts[1]
        on = (first + timedelta(days=day)).isoformat()
        for begins, ends in ((cuts[0], cuts[1]), (cuts[2], cuts[3])):
            if rng.random() < 0.8 and begins < ends:
                rows.append({"on": on, "from": clock(begins), "to": clock(ends)})
    rng.shuffle(rows)
    return rows


def _weights(rng: random.Random) -> list[Raw]:
    rows = []
    for _ in range(rng.randrange(5)):
        begins, ends = sorted(rng.sample(range(0, 1441, 10), 2))
        days = rng.choice(("weekday", "weekend", "all"))
        rows.append({"days": days, "from": clock(begins), "to": clock(ends), "weight": rng.randrange(120)})
    return rows


def make_small(seed: int, *, requests: int = 14, streamers: int = 4, studios: int = 3, days: int = 9) -> Raw:
    """Make an instance; the same arguments give the same one."""
    rng = random.Random(f"small-{seed}")
    days = rng.randint(1, days)
    first = date(2026, 10, 5) + timedelta(days=rng.randrange(7))
    opens, closes = rng.choice(HOURS)
    products = []
    for number in range(max(2, requests // 2)):
        span = sorted(rng.randrange(days) for _ in range(2))
        if rng.random() < 0.75:
            span = [0, days - 1]
        products.append(
            {
                "id": f"P{number}",
                "farmer": f"F{rng.randrange(4)}",
                "category": rng.choice("茶肉蜜"),
                "level": rng.choice((1, 1, 1, 2, 3)),
                "cold": rng.random() < 0.3,
                "from": (first + timedelta(days=span[0])).isoformat(),
                "to": (first + timedelta(days=span[1])).isoformat(),
                "sessions": rng.choice((0, 1, 2, 3, 3, 5)),
            }
        )
    return {
        "starts_on": first.isoformat(),
        "days": days,
        "slot_minutes": rng.choice((30, 30, 45, 60, 50)),
        "opens": opens,
        "closes": closes,
        "weights": _weights(rng),
        "default_weight": rng.choice((0, 1, 25, 25)),
        "rest_slots": rng.choice((0, 1, 2, 14, 40)),
        "turnaround_slots": rng.choice((0, 1, 2, 14)),
        "first_session_bonus": rng.choice((0, 50, 400)),
        "streamers": [
            {
                "id": f"S{number}",
                "level": rng.choice((1, 2, 3, 3)),
                "categories": rng.sample("茶肉蜜", rng.choice((0, 1, 2, 2, 3, 3))),
                "available": _windows(rng, first, days),
                "max_slots_per_day": rng.choice((0, 4, 6, 8, 8, 48)),
                "max_slots_per_week": rng.choice((4, 12, 20, 40, 400)),
            }
            for number in range(rng.randint(max(1, streamers // 2), streamers))
        ],
        "studios": [
            {"id": f"R{number}", "cold": rng.random() < 0.4} for number in range(rng.randint(1, studios))
        ],
        "products": products,
        "requests": [
            {
                "id": f"Q{number}",
                "products": [p["id"] for p in rng.sample(products, rng.choice((1, 1, 2)))],
                "slots": rng.choice((1, 2, 2, 3, 3, 4, 60)),
                "value": rng.choice((0, 1, 1, 2, 3, 5)),
            }
            for number in range(rng.randint(requests * 2 // 3, requests))
        ],
    }


def make_tiny(seed: int) -> Raw:
    """Make an instance that brute force can finish: few requests, few hours."""
    rng = random.Random(f"tiny-{seed}")
    instance = make_small(seed, requests=4, streamers=2, studios=2, days=2)
    instance["default_weight"] = rng.choice((7, 25))
    instance["slot_minutes"] = rng.choice((60, 90, 90))
    instance["rest_slots"] = rng.choice((0, 1, 14))
    instance["turnaround_slots"] = rng.choice((0, 1))
    instance["opens"], instance["closes"] = rng.choice(
        (("16:00", "22:00"), ("18:00", "24:00"), ("00:00", "06:00"))
    )
    for streamer in instance["streamers"]:
        streamer["categories"] = ["茶", "肉", "蜜"]
        streamer["level"] = 3
        for window in streamer["available"]:
            window["from"], window["to"] = rng.choice(
                (("00:00", "24:00"), ("16:30", "21:00"), ("01:00", "23:00"))
            )
        seen = {window["on"]: window for window in streamer["available"]}
        streamer["available"] = list(seen.values())
        streamer["max_slots_per_day"] = rng.choice((3, 4, 5, 48))
    for product in instance["products"]:
        product["sessions"] = rng.choice((1, 2, 3))
    for request in instance["requests"]:
        request["slots"] = rng.choice((1, 2, 2, 3))
        request["value"] = rng.choice((1, 2, 3, 5))
    return instance
