"""Reads the four CSV files and plan.json by itself and lists every rule of the contract that a plan breaks.

Shares no code with the product on purpose: own reader, own paths, own clock, own prices.
"""

import csv
import heapq
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

REASONS = {"over_capacity", "unreachable", "due_impossible", "no_vehicle_left"}
TOP_KEYS = ["trips", "unserved", "totals", "lower_bound", "gap_bp", "baselines", "solver"]


def read_rows(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return list(csv.DictReader(text.splitlines()))


class Case:
    """The four files as plain dictionaries, with shortest paths worked out on demand."""

    def __init__(self, folder: Path, *, with_roads: bool = True) -> None:
        self.stations = {row["station"]: row for row in read_rows(folder / "stations.csv")}
        self.hub = next(name for name, row in self.stations.items() if row["kind"] == "hub")
        self.parcels = {row["parcel"]: row for row in read_rows(folder / "parcels.csv")}
        self.fleet = {
            row["vehicle_type"]: {key: int(value) for key, value in row.items() if key != "vehicle_type"}
            for row in read_rows(folder / "fleet.csv")
        }
        self.roads: dict[str, list[tuple[str, int, int]]] | None = None
        if with_roads:
            self.roads = {}
            for row in read_rows(folder / "roads.csv"):
                metres, seconds = int(row["distance_m"]), int(row["duration_s"])
                self.roads.setdefault(row["from"], []).append((row["to"], metres, seconds))
                self.roads.setdefault(row["to"], []).append((row["from"], metres, seconds))
        self.known: dict[str, dict[str, tuple[int, int]]] = {}

    def way(self, start: str, end: str) -> tuple[int, int] | None:
        if self.roads is None:
            return self.circle(start, end)
        if start not in self.known:
            self.known[start] = self.flood(start)
        return self.known[start].get(end)

    def flood(self, start: str) -> dict[str, tuple[int, int]]:
        assert self.roads is not None
        seen: dict[str, tuple[int, int]] = {}
        heap = [(0, 0, start)]
        while heap:
            metres, seconds, place = heapq.heappop(heap)
            if place in seen:
                continue
            seen[place] = (metres, seconds)
            for other, m, s in self.roads.get(place, []):
                if other not in seen:
                    heapq.heappush(heap, (metres + m, seconds + s, other))
        return seen

    def circle(self, start: str, end: str) -> tuple[int, int]:
        a, b = (
            (math.radians(float(self.stations[x]["lat"])), math.radians(float(self.stations[x]["lon"])))
            for x in (start, end)
        )
        half = math.sin((a[0] - b[0]) / 2) ** 2
        half += math.cos(a[0]) * math.cos(b[0]) * math.sin((a[1] - b[1]) / 2) ** 2
        metres = 2 * 6_371_000 * math.asin(math.sqrt(half)) * 1.45
        return round(metres), round(metres / (30_000 / 3_600))

    def number(self, parcel: str, column: str) -> int:
        return int(self.parcels[parcel][column])

    def ready(self, parcel: str) -> int:
        return int(self.parcels[parcel].get("ready_s") or 0)

    def due(self, parcel: str) -> float:
        text = self.parcels[parcel].get("due_s")
        return int(text) if text else math.inf


def faults(case: Case, plan: dict[str, Any]) -> list[str]:
    found: list[str] = []
    if list(plan) != TOP_KEYS:
        found.append(f"keys are {list(plan)}")
    served: Counter[str] = Counter()
    days: dict[str, list[dict[str, Any]]] = {}
    for trip in plan["trips"]:
        days.setdefault(trip["vehicle"], []).append(trip)
        found += trip_faults(case, trip, served)
    found += day_faults(case, days)
    found += parcel_faults(case, plan, served)
    found += sum_faults(case, plan, days, served)
    return found


def trip_faults(case: Case, trip: dict[str, Any], served: Counter[str]) -> list[str]:
    found: list[str] = []
    van = case.fleet[trip["vehicle_type"]]
    name = f"{trip['vehicle']}/{trip['trip']}"
    aboard = [p for stop in trip["stops"] for p in stop["deliver"]]
    collected = [p for stop in trip["stops"] for p in stop["collect"]]
    units = sum(case.number(p, "units") for p in aboard)
    grams = sum(case.number(p, "weight_g") for p in aboard)
    served.update(aboard)
    served.update(collected)
    if units > van["capacity_units"] or grams > van["capacity_g"]:
        found.append(f"{name}: overloaded at the hub")
    if any(case.ready(p) > trip["departs_s"] for p in aboard):
        found.append(f"{name}: departs before a parcel is ready")
    here, now, metres = case.hub, trip["departs_s"], 0
    if now < 0 or not trip["stops"]:
        found.append(f"{name}: departs at {now} to {len(trip['stops'])} stops")
    for stop in trip["stops"]:
        leg = case.way(here, stop["station"])
        if leg is None or case.stations[stop["station"]]["kind"] != "station":
            return [*found, f"{name}: no way to {stop['station']}"]
        metres += leg[0]
        if stop["arrives_s"] != now + leg[1]:
            found.append(f"{name}: arrives at {stop['station']} at {stop['arrives_s']}, not {now + leg[1]}")
        handled = stop["deliver"] + stop["collect"]
        work = van["stop_s"] + van["unit_s"] * sum(case.number(p, "units") for p in handled)
        if stop["departs_s"] < stop["arrives_s"] + work or not handled:
            found.append(f"{name}: too short a stop at {stop['station']}")
        for p in handled:
            wanted = "in" if p in stop["deliver"] else "out"
            if case.parcels[p]["station"] != stop["station"] or case.parcels[p]["direction"] != wanted:
                found.append(f"{name}: {p} is handled at the wrong place or the wrong way")
        if any(case.due(p) < stop["arrives_s"] for p in stop["deliver"]):
            found.append(f"{name}: a parcel comes too late to {stop['station']}")
        if any(case.ready(p) > stop["arrives_s"] for p in stop["collect"]):
            found.append(f"{name}: a parcel is collected before it is ready at {stop['station']}")
        for column, amount in (("units", -1), ("weight_g", -1)):
            change = amount * sum(case.number(p, column) for p in stop["deliver"])
            change += sum(case.number(p, column) for p in stop["collect"])
            if column == "units":
                units += change
            else:
                grams += change
        if units > van["capacity_units"] or grams > van["capacity_g"] or min(units, grams) < 0:
            found.append(f"{name}: load {units} units, {grams} g after {stop['station']}")
        here, now = stop["station"], stop["departs_s"]
    back = case.way(here, case.hub)
    assert back is not None
    if trip["returns_s"] != now + back[1] or trip["distance_m"] != metres + back[0]:
        found.append(f"{name}: returns at {trip['returns_s']} after {trip['distance_m']} m")
    if any(case.due(p) < trip["returns_s"] for p in collected):
        found.append(f"{name}: a collected parcel is late at the hub")
    return found


def day_faults(case: Case, days: dict[str, list[dict[str, Any]]]) -> list[str]:
    found: list[str] = []
    used: Counter[str] = Counter()
    for vehicle, trips in days.items():
        kinds = {trip["vehicle_type"] for trip in trips}
        if len(kinds) != 1:
            found.append(f"{vehicle}: types {kinds}")
            continue
        kind = kinds.pop()
        used[kind] += 1
        van = case.fleet[kind]
        if [trip["trip"] for trip in trips] != list(range(1, len(trips) + 1)):
            found.append(f"{vehicle}: trips are not numbered from 1")
        for before, after in zip(trips, trips[1:], strict=False):
            if after["departs_s"] < before["returns_s"] + van["reload_s"]:
                found.append(f"{vehicle}: no time to reload before trip {after['trip']}")
        if max(trip["returns_s"] for trip in trips) > van["shift_s"]:
            found.append(f"{vehicle}: works after its shift")
    for kind, number in used.items():
        if number > case.fleet[kind]["available"]:
            found.append(f"{number} vehicles of type {kind}")
    return found


def parcel_faults(case: Case, plan: dict[str, Any], served: Counter[str]) -> list[str]:
    found: list[str] = []
    unserved = Counter(item["parcel"] for item in plan["unserved"])
    for parcel in case.parcels:
        if served[parcel] + unserved[parcel] != 1:
            found.append(f"{parcel}: served {served[parcel]} times, unserved {unserved[parcel]} times")
    if set(served) | set(unserved) != set(case.parcels):
        found.append("a parcel that does not exist")
    for item in plan["unserved"]:
        if item["reason"] != reason(case, item["parcel"]) or item["reason"] not in REASONS:
            found.append(f"{item['parcel']}: {item['reason']}, not {reason(case, item['parcel'])}")
    return found


def reason(case: Case, parcel: str) -> str:
    units, grams = case.number(parcel, "units"), case.number(parcel, "weight_g")
    fitting = [v for v in case.fleet.values() if units <= v["capacity_units"] and grams <= v["capacity_g"]]
    way = case.way(case.hub, case.parcels[parcel]["station"])
    if not fitting:
        return "over_capacity"
    if way is None:
        return "unreachable"
    for van in fitting:
        work, ready, due = van["stop_s"] + van["unit_s"] * units, case.ready(parcel), case.due(parcel)
        if case.parcels[parcel]["direction"] == "in":
            at = ready + way[1]
            in_time = at <= due and at + work + way[1] <= van["shift_s"]
        else:
            in_time = max(ready, way[1]) + work + way[1] <= min(due, van["shift_s"])
        if in_time:
            return "no_vehicle_left"
    return "due_impossible"


def sum_faults(
    case: Case, plan: dict[str, Any], days: dict[str, list[dict[str, Any]]], served: Counter[str]
) -> list[str]:
    cost = sum(case.fleet[trips[0]["vehicle_type"]]["day_fen"] for trips in days.values())
    for trip in plan["trips"]:
        van = case.fleet[trip["vehicle_type"]]
        cost += math.ceil(trip["distance_m"] * van["km_fen"] / 1000) + len(trip["stops"]) * van["stop_fen"]
    right = {
        "cost_fen": cost,
        "distance_m": sum(trip["distance_m"] for trip in plan["trips"]),
        "duration_s": sum(trip["returns_s"] - trip["departs_s"] for trip in plan["trips"]),
        "vehicles": len(days),
        "trips": len(plan["trips"]),
        "stops": sum(len(trip["stops"]) for trip in plan["trips"]),
        "parcels": sum(served.values()),
    }
    found = [] if plan["totals"] == right else [f"totals are {plan['totals']}, not {right}"]
    bound = plan["lower_bound"]["cost_fen"]
    gap = 0 if bound == 0 else math.floor((cost - bound) * 10_000 / bound + 0.5)
    if bound > cost or plan["gap_bp"] != gap:
        found.append(f"bound {bound}, cost {cost}, gap {plan['gap_bp']}, not {gap}")
    if not plan["trips"] and bound != 0:
        found.append("a bound without parcels")
    return found


def check(folder: Path, plan_file: Path, *, with_roads: bool = True) -> list[str]:
    """Read a plan beside its files and give a sentence per broken rule."""
    return faults(Case(folder, with_roads=with_roads), json.loads(plan_file.read_text(encoding="utf-8")))
