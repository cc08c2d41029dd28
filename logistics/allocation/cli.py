"""`logistics allocate`: share one bill among the couriers of a day, from files to a file."""

import json
from pathlib import Path
from typing import Any

import click

from county import outputs
from county.errors import BadInput, Fault, Refused
from county.outputs import counted
from logistics.allocation import parsers, service
from logistics.allocation.types import LARGEST_BILL_FEN, Allocation, CourierTerms, Method
from logistics.routes.parsers import read_instance
from logistics.routes.types import Instance

_FILE = click.Path(path_type=Path)


@click.command("allocate", help="Share one bill among the couriers so that nobody would do better alone.")
@click.option("--stations", type=_FILE, required=True, help="stations.csv: the hub and the stations")
@click.option("--roads", type=_FILE, help="roads.csv; without it: great circles between the stations")
@click.option("--parcels", type=_FILE, required=True, help="parcels.csv: the day's parcels")
@click.option("--fleet", type=_FILE, required=True, help="fleet.csv: vehicle types and their costs")
@click.option("--couriers", type=_FILE, help="couriers.csv: the pool, with sub-contract prices per unit")
@click.option(
    "--bill-fen", type=click.IntRange(0, LARGEST_BILL_FEN), required=True, help="the bill in whole fen"
)
@click.option("--method", type=click.Choice([str(m) for m in Method]), required=True)
@click.option("--out", type=_FILE, required=True, help="where to write allocation.json")
@click.pass_context
def allocate_command(
    context: click.Context,
    stations: Path,
    roads: Path | None,
    parcels: Path,
    fleet: Path,
    couriers: Path | None,
    bill_fen: int,
    method: str,
    out: Path,
) -> None:
    """Share a bill; this command will write the shares and their stability, or nothing on bad input."""
    outputs.require_places({"--out": out}, inputs=(stations, roads, parcels, fleet, couriers))
    instance, pool = _read(stations, roads, parcels, fleet, couriers)
    try:
        allocation = service.allocate(
            instance=instance, couriers=pool, bill_fen=bill_fen, method=Method(method)
        )
    except BadInput:
        raise
    except Refused as refused:
        raise BadInput([Fault(f"{parcels}:1", refused.sentence())]) from refused
    outputs.write_text(out, [json.dumps(to_json(allocation), ensure_ascii=False, indent=1), "\n"])
    if allocation.not_carried:
        left_out = counted(allocation.not_carried, "parcel")
        click.echo(f"left out, for want of a vehicle that fits or of a road: {left_out}")
        context.exit(1)


def _read(
    stations: Path, roads: Path | None, parcels: Path, fleet: Path, couriers: Path | None
) -> tuple[Instance, list[CourierTerms]]:
    faults: list[Fault] = []
    pool: list[CourierTerms] = []
    if couriers is not None:
        try:
            pool = parsers.read_couriers(couriers)
        except BadInput as bad:
            faults.extend(bad.faults)
    try:
        instance = read_instance(stations=stations, roads=roads, parcels=parcels, fleet=fleet)
    except BadInput as bad:
        raise BadInput([*bad.faults, *faults]) from bad
    if couriers is not None and not faults:
        known = {terms.courier for terms in pool}
        missing = sorted({parcel.courier for parcel in instance.parcels} - known)
        faults.extend(
            Fault(f"{couriers}:1", f"courier {name!r} of {parcels} is missing, expected every courier")
            for name in missing
        )
    if faults:
        raise BadInput(faults)
    return instance, pool


def to_json(allocation: Allocation) -> dict[str, Any]:
    """Lay an allocation out as CONTRACTS.md §5 fixes it."""
    stability = allocation.stability
    return {
        "method": str(allocation.method),
        "cost_rule": str(allocation.cost_rule),
        "bill_fen": allocation.bill_fen,
        "shares": [
            {
                "courier": share.courier,
                "share_fen": share.share_fen,
                "alone_fen": share.alone_fen,
                "parcels": share.parcels,
                "units": share.units,
            }
            for share in allocation.shares
        ],
        "stability": {
            "pays_more_than_alone": list(stability.pays_more_than_alone),
            "blocking_coalitions": stability.blocking_coalitions,
            "worst": {
                "couriers": list(stability.worst.couriers),
                "excess_fen": stability.worst.excess_fen,
            },
        },
    }
