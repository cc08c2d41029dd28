"""A small sound instance, to be spoilt in one place at a time, and the command run from outside."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
Raw = dict[str, Any]

SOUND: Raw = {
    "starts_on": "2026-10-05",
    "days": 3,
    "slot_minutes": 30,
    "opens": "06:00",
    "closes": "24:00",
    "weights": [
        {"days": "weekday", "from": "19:30", "to": "22:30", "weight": 100},
        {"days": "all", "from": "18:00", "to": "24:00", "weight": 40},
    ],
    "default_weight": 25,
    "rest_slots": 2,
    "turnaround_slots": 1,
    "first_session_bonus": 400,
    "streamers": [
        {
            "id": "主播-1",
            "level": 2,
            "categories": ["富硒茶"],
            "available": [
                {"on": "2026-10-05", "from": "19:00", "to": "22:00"},
                {"on": "2026-10-06", "from": "08:00", "to": "24:00"},
            ],
            "max_slots_per_day": 6,
            "max_slots_per_week": 12,
        }
    ],
    "studios": [{"id": "直播间-1", "cold": True}],
    "products": [
        {
            "id": "P1",
            "farmer": "农户-1",
            "category": "富硒茶",
            "level": 1,
            "cold": False,
            "from": "2026-10-05",
            "to": "2026-10-07",
            "sessions": 2,
        }
    ],
    "requests": [
        {"id": "Q1", "products": ["P1"], "slots": 4, "value": 2},
        {"id": "Q2", "products": ["P1"], "slots": 4, "value": 1},
    ],
}


def spoil(path: str, value: object) -> Raw:
    """Copy the sound instance with one value changed, or taken away when the value is `...`."""
    instance = copy.deepcopy(SOUND)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = instance
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return instance


def write(folder: Path, instance: Raw | str | bytes) -> Path:
    """Write an instance, given as values, text or bytes, one member on each line."""
    if isinstance(instance, dict):
        instance = json.dumps(instance, ensure_ascii=False, indent=1)
    path = folder / "instance.json"
    path.write_bytes(instance if isinstance(instance, bytes) else instance.encode())
    return path


def run_plan(folder: Path, *more: str, out: str = "schedule.json") -> subprocess.CompletedProcess[str]:
    """Run `app.py livestream plan` inside the folder."""
    options = ["--instance", "instance.json", "--out", out, *more]
    command = [sys.executable, str(ROOT / "app.py"), "livestream", "plan", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
