"""Use cases of feeds: reading a carrier's event file and recording what it says."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.errors import N_, BadInput, Fault
from county.sheets import Limits
from logistics.feeds import rules
from logistics.intake.service import read_upload
from logistics.intake.types import RowFault
from logistics.parcels import service as parcels
from logistics.tracking import service as tracking
from logistics.tracking.types import Cause, EventKind, Reason, Source

LIMITS = Limits(rows=100_000, columns=60, file_bytes=30_000_000, unpacked_bytes=300_000_000)


@dataclass(frozen=True)
class FeedEvent:
    """One readable row of an event file."""

    row: int
    waybill: str
    kind: EventKind
    at: datetime
    where: str
    reason: Reason
    cause: Cause


@dataclass(frozen=True)
class Feed:
    """An event file as read."""

    events: tuple[FeedEvent, ...]
    faults: tuple[RowFault, ...]


def read_feed(path: Path, *, name: str) -> Feed:
    """Read a carrier's event file, CSV or XLSX.

    Refuses: `BadInput` when the file is broken or has no header with waybill, time and status.
    """
    read = rules.read_events(read_upload(path, name=name, limits=LIMITS))
    if read is None:
        raise BadInput(
            [Fault(f"{name}:1", "no header found; expected columns such as 运单号, 扫描时间 and 状态")]
        )
    events, faults = read
    return Feed(tuple(FeedEvent(*each) for each in events), tuple(faults))


def record_feed(
    db: Session, *, feed: Feed, carrier: str, actor: Actor, now: datetime
) -> tuple[int, tuple[RowFault, ...]]:
    """Record a carrier's events on its own parcels; telling the same again changes nothing.

    Gives: how many events belong to known parcels, and every row that could not be used with its reason.
    """
    faults = list(feed.faults)
    count = 0
    for event in sorted(feed.events, key=lambda each: (each.waybill, each.at, each.row)):
        found = [each for each in parcels.find_by_number(db, number=event.waybill) if each.carrier == carrier]
        if not found:
            says = N_("no parcel {waybill} of {carrier} is known")
            faults.append(RowFault(event.row, says, {"waybill": event.waybill[:40], "carrier": carrier}))
        elif event.at > now:
            faults.append(RowFault(event.row, N_("the time lies in the future")))
        else:
            tracking.record_event(
                db,
                parcel_no=found[0].parcel_no,
                kind=event.kind,
                at=event.at,
                where=event.where,
                source=Source.FEED,
                actor=actor,
                now=now,
                reason=event.reason,
                cause=event.cause,
            )
            count += 1
    return count, tuple(sorted(faults, key=lambda each: each.row))
