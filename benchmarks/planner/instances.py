"""Makes realistic planning instances from a seed: skewed categories, evenings, cold goods, harvest dates."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

_CATEGORIES = ("富硒茶", "腊肉", "土蜂蜜", "木耳香菇", "柑橘", "富硒大米", "中药材", "核桃板栗", "魔芋")
_CRAFTS = ("蚕丝被", "石砚", "竹编", "根雕", "拐枣酒", "桐油伞", "剪纸", "草鞋")
_WEIGHTS = (
    ("weekend", "19:00", "22:00", 110),
    ("weekday", "20:00", "21:00", 105),
    ("all", "19:30", "22:30", 100),
    ("weekend", "10:00", "12:00", 60),
    ("weekday", "12:00", "13:30", 55),
    ("all", "06:30", "08:30", 35),
    ("all", "18:00", "23:00", 42),
    ("all", "23:00", "24:00", 5),
)
# Shapes of a streamer's day as half hours after midnight: (from, to) with some hours of play at each end.
_HABITS: tuple[tuple[tuple[int, int], ...], ...] = (
    ((37, 46),),
    ((36, 45),),
    ((18, 24), (28, 42)),
    ((10, 21),),
    ((12, 16), (39, 48)),
    ((20, 44),),
    ((26, 38), (38, 46)),
)


def _clock(half_hours: int) -> str:
    return f"{half_hours // 2:02d}:{half_hours % 2 * 30:02d}"


def _skewed(rng: random.Random, things: Sequence[str]) -> str:
    return rng.choices(things, [1 / (rank + 1.5) for rank in range(len(things))])[0]


def _streamer(rng: random.Random, number: int, starts_on: date, days: int) -> dict[str, Any]:
    habit = rng.choice(_HABITS)
    windows = []
    for day in range(days):
        if rng.random() < 0.25:
            continue
        for begins, ends in habit:
            first, last = begins + rng.choice((0, 0, 0, 1)), ends - rng.choice((0, 0, 1, 2))
            on = (starts_on + timedelta(days=day)).isoformat()
            windows.append({"on": on, "from": _clock(first), "to": _clock(last)})
    per_day = rng.choice((4, 4, 5, 6, 7, 8, 8, 9))
    if number % 12 == 11:
        categories = [rng.choice(_CRAFTS)]
    else:
        categories = sorted({_skewed(rng, _CATEGORIES) for _ in range(rng.choice((2, 3, 4, 5, 6)))})
    return {
        "id": f"主播-{number}",
        "level": rng.choices((1, 2, 3), (3, 4, 2))[0],
        "categories": categories,
        "available": windows,
        "max_slots_per_day": per_day,
        "max_slots_per_week": per_day * rng.choice((2, 3, 4, 5)),
    }


def _product(rng: random.Random, number: int, farmers: int, starts_on: date, days: int) -> dict[str, Any]:
    first, last = 0, days - 1
    if rng.random() < 0.3:
        first = rng.randrange(days)
        last = min(days - 1, first + rng.choice((1, 3, 6, days)))
    category = rng.choice(_CRAFTS) if rng.random() < 0.08 else _skewed(rng, _CATEGORIES)
    return {
        "id": f"P{number}",
        "farmer": f"农户-{rng.randrange(farmers)}",
        "category": category,
        "level": rng.choices((1, 2, 3, 4), (50, 28, 20, 2))[0],
        "cold": category in ("腊肉", "柑橘") and rng.random() < 0.5,
        "from": (starts_on + timedelta(days=first)).isoformat(),
        "to": (starts_on + timedelta(days=last)).isoformat(),
        "sessions": rng.choice((1, 2, 2, 3, 3, 5)),
    }


def make_instance(
    seed: int, *, requests: int = 300, streamers: int = 60, studios: int = 8, days: int = 14
) -> dict[str, Any]:
    """Make one instance in the form of instance.json; the same arguments give the same instance."""
    rng = random.Random(f"planner-{seed}")
    starts_on = date(2026, 10, 5)
    products = [
        _product(rng, number, max(2, requests // 4), starts_on, days)
        for number in range(max(2, requests * 3 // 5))
    ]
    wishes = [
        {
            "id": f"Q{number}",
            "products": [
                p["id"] for p in rng.sample(products, min(rng.choice((1, 1, 1, 2, 3, 4)), len(products)))
            ],
            "slots": rng.choice((2, 2, 3, 4, 4, 5, 6, 8)),
            "value": rng.choices((1, 2, 3, 5), (42, 29, 17, 12))[0],
        }
        for number in range(requests)
    ]
    return {
        "starts_on": starts_on.isoformat(),
        "days": days,
        "slot_minutes": 30,
        "opens": "06:30",
        "closes": "24:00",
        "weights": [dict(zip(("days", "from", "to", "weight"), row, strict=True)) for row in _WEIGHTS],
        "default_weight": 25,
        "rest_slots": rng.choice((1, 2, 3)),
        "turnaround_slots": rng.choice((1, 2)),
        "first_session_bonus": rng.choice((300, 400, 550)),
        "streamers": [_streamer(rng, number, starts_on, days) for number in range(streamers)],
        "studios": [{"id": f"直播间-{number}", "cold": number % 4 == 0} for number in range(studios)],
        "products": products,
        "requests": wishes,
    }
