"""Measures the joint plan on made-up counties: gap to the proven bound, cost, time, memory, savings."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.routes.county import County, make_county

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Case:
    """One kind of county, the time it gets and the gap (basis points) it should reach."""

    name: str
    limit_s: float
    target_gap_bp: int | None
    arguments: dict[str, Any] = field(default_factory=dict)
    baselines: tuple[str, ...] = ()
    most_seeds: int = 1_000
    most_baselines: int = 1_000


# As many stations as a prefecture has; shrunk to half, they lie as close as those of a county.
WIDE = {"parcels": 30_000, "stations": 600, "towns": 30}
CASES = (
    Case("30,000 parcels", 30, 300, {"parcels": 30_000}, most_seeds=10),
    Case("6,000 parcels", 20, 100, {}, ("separate-collection",), most_baselines=10),
    Case("6,000 parcels, 3 passes", 20, 400, {"passes": 3}, most_seeds=10),
    Case("600 stations, county", 30, 500, {**WIDE, "shrink": 0.5}, most_seeds=10),
    Case("600 stations, prefecture", 30, 500, WIDE, most_seeds=2),
    Case("600 stations, 6,000 parcels", 30, 500, {**WIDE, "parcels": 6_000}, most_seeds=2),
    Case("6,000 parcels, 10 % timed", 20, None, {"timed_share": 0.1}, most_seeds=3),
    Case("6,000 parcels, vans and trucks", 20, None, {"mixed_fleet": True}, most_seeds=3),
)
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
ALL_BASELINES = ("alone", "third-day", "town-only", "separate-collection")


def run_counties(seeds: Sequence[int], quick: bool) -> Iterator[dict[str, Any]]:
    """Plan counties one after the other; this function will give one row per plan as soon as it is there.

    Takes: `seeds` of the counties; `quick`: one county per case and a quarter of the time.
    """
    for case in CASES:
        for seed in seeds[: 1 if quick else case.most_seeds]:
            yield measure(case, seed, quick=quick)
    for parcels in SIZES[:2] if quick else SIZES:
        case = Case(f"{parcels:,} parcels (size)", 20, None, {"parcels": parcels})
        yield measure(case, seeds[0], quick=quick)
    if not quick:
        yield measure(Case("all baselines", 20, None, {}, ALL_BASELINES), seeds[0], quick=False)


def measure(case: Case, seed: int, *, quick: bool) -> dict[str, Any]:
    """Plan one county by the command, from outside."""
    limit_s = case.limit_s / 4 if quick else case.limit_s
    with tempfile.TemporaryDirectory() as name:
        county = make_county(seed, **case.arguments)
        baselines = case.baselines if seed <= case.most_baselines else ()
        ended = run_command(county, Path(name), limit_s, baselines)
        plan = json.loads((Path(name) / "plan.json").read_text(encoding="utf-8"))
    totals = plan["totals"]
    row: dict[str, Any] = {
        "case": case.name,
        "seed": seed,
        "cost_fen": totals["cost_fen"],
        "bound_fen": plan["lower_bound"]["cost_fen"],
        "gap_bp": plan["gap_bp"],
        "target_gap_bp": case.target_gap_bp,
        "parcels": totals["parcels"],
        "vehicles": totals["vehicles"],
        "trips": totals["trips"],
        "fen_per_parcel": round(totals["cost_fen"] / max(1, totals["parcels"]), 1),
        "unserved": len(plan["unserved"]),
        "limit_s": limit_s * (1 + len(baselines)),
        **ended,
    }
    for baseline in plan["baselines"]:
        saved = 1 - totals["cost_fen"] / baseline["cost_fen"]
        row[f"saved_{baseline['name']}_percent"] = round(100 * saved, 1)
    return row


def run_command(county: County, folder: Path, limit_s: float, baselines: Sequence[str]) -> dict[str, Any]:
    """Run `logistics plan` on a county; this function will measure wall seconds, CPU seconds and memory."""
    paths = county.write(folder)
    command = [
        *(sys.executable, str(ROOT / "app.py"), "logistics", "plan", "--time-limit", str(limit_s)),
        *(text for name, path in paths.items() for text in (f"--{name}", str(path))),
        *("--out", str(folder / "plan.json")),
        *(text for name in baselines for text in ("--baseline", name)),
    ]
    begin = time.perf_counter()
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        child = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, cwd=ROOT)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return {
        "exit": child.returncode,
        "wall_s": round(time.perf_counter() - begin, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": usage.ru_maxrss // 1024,
    }
