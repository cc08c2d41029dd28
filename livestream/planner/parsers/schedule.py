"""Reads and writes schedule.json."""

import json
import re
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

from county.errors import BadInput, Fault
from livestream.planner.parsers.json_text import JsonText, Node, shorten
from livestream.planner.types import DAY_MINUTES, Instance, Schedule, Session

COUNTY_OFFSET = timezone(timedelta(hours=8))
_STARTS_AT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::\d\d)?(?:\+\d\d:\d\d|Z)", re.ASCII)
_EXAMPLE = "a time such as 2026-10-05T19:30:00+08:00"
_MAX_SLOTS = 1_000_000


def say_start(start_minute: int, instance: Instance) -> str:
    """Write a session's start the way schedule.json has it: county time with its offset."""
    day, minute = divmod(start_minute, DAY_MINUTES)
    on = instance.starts_on + timedelta(days=day)
    return f"{on.isoformat()}T{minute // 60:02d}:{minute % 60:02d}:00+08:00"


def _start_minute(node: Node, instance: Instance) -> int:
    match = node.matching(_STARTS_AT, _EXAMPLE)
    if match is None:
        return 0
    try:
        at = datetime.fromisoformat(match[0])
    except ValueError:
        node.fault(f"is {match[0]}, which is no time, expected {_EXAMPLE}")
        return 0
    midnight = datetime.combine(instance.starts_on, datetime.min.time(), COUNTY_OFFSET)
    minutes, rest = divmod(at - midnight, timedelta(minutes=1))
    if rest:
        node.fault(f"is {match[0]}, which has seconds, expected {_EXAMPLE}")
    return minutes


def _texts(node: Node) -> list[str]:
    members = [node.member(name) for name in ("request", "streamer", "studio")]
    return [member.words() if member else "" for member in members]


def _read_session(node: Node, instance: Instance, cancelled: frozenset[str]) -> Session:
    request, streamer, studio = _texts(node)
    slots, starts_at = node.member("slots"), node.member("starts_at")
    if request and request not in instance.request_by_id and request not in cancelled:
        node.fault(f"is for {shorten(request)}, expected a request of the instance or a cancelled one")
    return Session(
        request=request,
        streamer=streamer,
        studio=studio,
        start_minute=_start_minute(starts_at, instance) if starts_at else 0,
        slots=slots.whole(1, _MAX_SLOTS) if slots else 1,
    )


def parse_kept(path: Path, instance: Instance, *, cancelled: frozenset[str]) -> list[Session]:
    """Read the sessions of a schedule file that are still wanted.

    Gives: the sessions whose request is not cancelled, in the file's order. They need not be feasible any
    more: a streamer who left or a window that closed is what planning anew is for.
    Refuses: `BadInput` for a broken file, a request twice, or a request, kept or cancelled, that is unknown.
    """
    text = JsonText(path)
    root = text.root()
    member = root.member("sessions") if root.is_object() else None
    sessions = []
    nodes_of = defaultdict(list)
    for node in member.objects() if member else []:
        session = _read_session(node, instance, cancelled)
        nodes_of[session.request].append(node)
        sessions.append(session)
    for request, nodes in nodes_of.items():
        for node in nodes[1:]:
            node.fault(f"is for {shorten(request)} again, expected each request once")
    text.require_faultless()
    unknown = sorted(cancelled - instance.request_by_id.keys() - nodes_of.keys())
    if unknown:
        what = "is no request of the instance, expected the id of one"
        raise BadInput([Fault("--cancel", f"{shorten(id)} {what}") for id in unknown])
    return [session for session in sessions if session.request not in cancelled]


def format_schedule(schedule: Schedule, instance: Instance) -> str:
    """Write a schedule as the text of schedule.json."""
    written: dict[str, object] = {
        "sessions": [
            {
                "request": session.request,
                "streamer": session.streamer,
                "studio": session.studio,
                "starts_at": say_start(session.start_minute, instance),
                "slots": session.slots,
            }
            for session in schedule.sessions
        ],
        "unplaced": [
            {"request": row.request, "reason": row.reason.value, "detail": row.detail}
            for row in schedule.unplaced
        ],
        "objective": schedule.objective,
        "upper_bound": schedule.upper_bound,
        "gap_bp": schedule.gap_bp,
        "seconds": round(schedule.seconds, 3),
        "seed": schedule.seed,
    }
    if schedule.moved is not None:
        written["moved"] = list(schedule.moved)
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n"
