"""A plan as the JSON document that other programs read."""

import json
from typing import Any

from logistics.routes.types import Plan, Trip


def write_plan(plan: Plan) -> str:
    """Write a plan as the text of `plan.json` (CONTRACTS.md §4), one line, keys in the contract's order."""
    document = {
        "trips": [_trip(trip) for trip in plan.trips],
        "unserved": [{"parcel": item.parcel, "reason": item.reason.value} for item in plan.unserved],
        "totals": {
            "cost_fen": plan.totals.cost_fen,
            "distance_m": plan.totals.distance_m,
            "duration_s": plan.totals.duration_s,
            "vehicles": plan.totals.vehicles,
            "trips": plan.totals.trips,
            "stops": plan.totals.stops,
            "parcels": plan.totals.parcels,
        },
        "lower_bound": {"cost_fen": plan.lower_bound.cost_fen, "method": plan.lower_bound.method},
        "gap_bp": plan.gap_bp,
        "baselines": [
            {
                "name": baseline.name.value,
                "what": baseline.what,
                "cost_fen": baseline.cost_fen,
                "distance_m": baseline.distance_m,
                "vehicles": baseline.vehicles,
                "parcels_per_vehicle_hour": baseline.parcels_per_vehicle_hour,
            }
            for baseline in plan.baselines
        ],
        "solver": {
            "name": plan.solver.name,
            "version": plan.solver.version,
            "seed": plan.solver.seed,
            "seconds": plan.solver.seconds,
        },
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def _trip(trip: Trip) -> dict[str, Any]:
    return {
        "vehicle": trip.vehicle,
        "vehicle_type": trip.vehicle_type,
        "trip": trip.trip,
        "departs_s": trip.departs_s,
        "returns_s": trip.returns_s,
        "distance_m": trip.distance_m,
        "stops": [
            {
                "station": stop.station,
                "arrives_s": stop.arrives_s,
                "departs_s": stop.departs_s,
                "deliver": list(stop.deliver),
                "collect": list(stop.collect),
            }
            for stop in trip.stops
        ],
    }
