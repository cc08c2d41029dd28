"""Reads instance.json into an `Instance`, collecting every fault with its line."""

import re
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

from livestream.planner.parsers.json_text import JsonText, Node, shorten
from livestream.planner.types import (
    DAY_MINUTES,
    Instance,
    Product,
    Request,
    Streamer,
    Studio,
    Weight,
    WeightDays,
    Window,
)

CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)

_MAX_DAYS = 366
_MAX_COUNT = 1_000_000
_MAX_BONUS = 1_000_000_000
# Beyond this the bound's scaled whole numbers could leave 64 bits.
_MAX_OBJECTIVE = 2**40
# Beyond this many request × slot cells the solver's tables no longer fit a small machine's memory.
_MAX_CELLS = 40_000_000


def parse_date(node: Node | None) -> date | None:
    """Read a date such as 2026-10-05; note a fault and give None otherwise."""
    match = node.matching(_DATE, "a date such as 2026-10-05") if node else None
    if node is None or match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        node.fault(f"is {match[0]}, which is not in the calendar, expected a date such as 2026-10-05")
        return None


def _minute(node: Node | None, *, is_end: bool) -> int | None:
    latest = "24:00" if is_end else "23:59"
    what = f"a clock time HH:MM from 00:00 to {latest}"
    match = node.matching(CLOCK, what) if node else None
    if node is None or match is None:
        return None
    if match[1] is not None:
        return int(match[1]) * 60 + int(match[2])
    if not is_end:
        node.fault(f'is "24:00", expected {what}')
        return None
    return DAY_MINUTES


def _span(node: Node, begins: str, ends: str) -> tuple[int, int] | None:
    first = _minute(node.member(begins), is_end=False)
    last = _minute(node.member(ends), is_end=True)
    if first is None or last is None:
        return None
    if first >= last:
        node.fault(f"has {begins!r} not before {ends!r}, expected a span within one day")
        return None
    return first, last


def _whole(node: Node, name: str, low: int = 0, high: int = _MAX_COUNT) -> int:
    member = node.member(name)
    return member.whole(low, high) if member else low


def _words(node: Node, name: str) -> str:
    member = node.member(name)
    return member.words() if member else ""


def _flag(node: Node, name: str) -> bool:
    member = node.member(name)
    return member.flag() if member else False


def _objects(node: Node, name: str, *, at_least: int = 0) -> list[Node]:
    member = node.member(name)
    return member.objects(at_least=at_least) if member else []


def _texts(node: Node, name: str, *, at_least: int = 0) -> list[tuple[Node, str]]:
    member = node.member(name)
    return [(item, item.words()) for item in member.items(at_least=at_least)] if member else []


class _Ids:
    """Notes an id that stands twice among things of one kind."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def read(self, node: Node) -> str:
        id = _words(node, "id")
        if id and id in self._seen:
            node.fault(f"has the id {shorten(id)} of an earlier one, expected a different id")
        self._seen.add(id)
        return id


class _Horizon:
    """Turns dates into days of the horizon."""

    def __init__(self, starts_on: date | None, days: int) -> None:
        self._starts_on = starts_on
        self._days = days

    def day(self, node: Node | None) -> int | None:
        on = parse_date(node)
        if node is None or on is None or self._starts_on is None:
            return None
        day = (on - self._starts_on).days
        if not 0 <= day < self._days:
            last = self._starts_on + timedelta(days=self._days - 1)
            node.fault(f"is {on}, outside the horizon, expected a date from {self._starts_on} to {last}")
            return None
        return day


def _read_weight(node: Node) -> Weight | None:
    member = node.member("days")
    days = (
        member.matching(re.compile("weekday|weekend|all"), '"weekday", "weekend" or "all"')
        if member
        else None
    )
    span = _span(node, "from", "to")
    weight = _whole(node, "weight")
    if days is None or span is None:
        return None
    return Weight(WeightDays(days[0]), *span, weight)


def _read_windows(streamer: Node, horizon: _Horizon) -> tuple[Window, ...]:
    windows: list[tuple[Window, Node]] = []
    for node in _objects(streamer, "available"):
        day = horizon.day(node.member("on"))
        span = _span(node, "from", "to")
        if day is not None and span is not None:
            windows.append((Window(day, *span), node))
    windows.sort(key=lambda pair: (pair[0].day, pair[0].from_minute))
    for (before, _), (after, node) in zip(windows, windows[1:], strict=False):
        if before.day == after.day and after.from_minute < before.to_minute:
            node.fault("overlaps another window of the same streamer, expected windows that do not overlap")
    return tuple(window for window, _ in windows)


def _read_streamer(node: Node, ids: _Ids, horizon: _Horizon) -> Streamer:
    return Streamer(
        id=ids.read(node),
        level=_whole(node, "level"),
        categories=frozenset(text for _, text in _texts(node, "categories")),
        windows=_read_windows(node, horizon),
        max_slots_per_day=_whole(node, "max_slots_per_day"),
        max_slots_per_week=_whole(node, "max_slots_per_week"),
    )


def _read_product(node: Node, ids: _Ids, horizon: _Horizon) -> Product:
    first_day = horizon.day(node.member("from"))
    last_day = horizon.day(node.member("to"))
    if first_day is not None and last_day is not None and first_day > last_day:
        node.fault("has 'from' after 'to', expected dates in order")
    return Product(
        id=ids.read(node),
        farmer=_words(node, "farmer"),
        category=_words(node, "category"),
        level=_whole(node, "level"),
        cold=_flag(node, "cold"),
        first_day=first_day or 0,
        last_day=last_day or 0,
        sessions=_whole(node, "sessions"),
    )


def _read_request(node: Node, ids: _Ids, products: dict[str, Product]) -> Request:
    named = _texts(node, "products", at_least=1)
    seen: set[str] = set()
    for item, product in named:
        if product and product not in products:
            item.fault(f"is {shorten(product)}, which is no product, expected the id of one of the products")
        if product in seen:
            item.fault(f"is {shorten(product)} again, expected each product once in a request")
        seen.add(product)
    return Request(
        id=ids.read(node),
        products=tuple(product for _, product in named),
        slots=_whole(node, "slots", low=1),
        value=_whole(node, "value"),
    )


def _require_manageable(instance: Instance, root: Node) -> None:
    top = max([instance.default_weight, *(row.weight for row in instance.weights)])
    slots = instance.slots_per_day
    worth = sum(request.value * min(request.slots, slots) * top for request in instance.requests)
    if worth + instance.first_session_bonus * len(instance.products) > _MAX_OBJECTIVE:
        root.fault(f"could reach an objective above {_MAX_OBJECTIVE}, expected smaller values and weights")
    if len(instance.requests) * instance.days * slots > _MAX_CELLS:
        root.fault(f"has more than {_MAX_CELLS} request × slot cells, expected fewer days or longer slots")


def _read_hours(root: Node) -> tuple[int, int, int]:
    slot_minutes = _whole(root, "slot_minutes", low=1, high=DAY_MINUTES)
    span = _span(root, "opens", "closes")
    return slot_minutes, *(span or (0, DAY_MINUTES))


def parse_instance(path: Path) -> Instance:
    """Read an instance file.

    Refuses: `BadInput` with every fault found, each with the file's line and the value's path.
    """
    text = JsonText(path)
    root = text.root()
    if not root.is_object():
        text.require_faultless()
    starts_on = parse_date(root.member("starts_on"))
    days = _whole(root, "days", low=1, high=_MAX_DAYS)
    if starts_on is not None and starts_on.year + 2 > date.max.year:
        root.fault("starts in a year that the calendar does not reach, expected an earlier one")
        starts_on = None
    horizon = _Horizon(starts_on, days)
    slot_minutes, opens_minute, closes_minute = _read_hours(root)
    ids: dict[str, _Ids] = defaultdict(_Ids)
    products = [_read_product(node, ids["product"], horizon) for node in _objects(root, "products")]
    product_by_id = {product.id: product for product in products}
    instance = Instance(
        starts_on=starts_on or date(2000, 1, 1),
        days=days,
        slot_minutes=slot_minutes,
        opens_minute=opens_minute,
        closes_minute=closes_minute,
        weights=tuple(row for node in _objects(root, "weights") if (row := _read_weight(node))),
        default_weight=_whole(root, "default_weight"),
        rest_slots=_whole(root, "rest_slots"),
        turnaround_slots=_whole(root, "turnaround_slots"),
        first_session_bonus=_whole(root, "first_session_bonus", high=_MAX_BONUS),
        streamers=tuple(
            _read_streamer(node, ids["streamer"], horizon) for node in _objects(root, "streamers", at_least=1)
        ),
        studios=tuple(
            Studio(ids["studio"].read(node), _flag(node, "cold"))
            for node in _objects(root, "studios", at_least=1)
        ),
        products=product_by_id,
        requests=tuple(
            _read_request(node, ids["request"], product_by_id) for node in _objects(root, "requests")
        ),
    )
    _require_manageable(instance, root)
    text.require_faultless()
    return instance
