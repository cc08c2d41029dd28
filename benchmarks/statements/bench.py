"""Measures reconciliation against bare readers of the same files, each in a process of its own."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.statements.make import COURIER, PERIOD, Maker
from benchmarks.statements.render import Files, Layout, Renderer, write_answer, write_case_files

ROOT = Path(__file__).parents[2]
_FAULTS = 0.06
_MOST_OF_EACH_SEED = 100_000
_FORMATS = (("csv", "utf-8"), ("csv", "gb18030"), ("xlsx", "utf-8"))
_QUICK = [(*form, 1_000) for form in _FORMATS]
# A sheet ends after 1,048,576 rows; 1,010,000 waybills have about 1,045,000 lines.
_CASES = [
    *((*form, count) for count in (1_000, 100_000) for form in _FORMATS),
    ("xlsx", "utf-8", 200_000),
    ("csv", "utf-8", 1_000_000),
    ("csv", "gb18030", 1_000_000),
    ("xlsx", "utf-8", 1_010_000),
]
_RECONCILE = """
import sys
from pathlib import Path
from logistics.statements.result import result_json
from logistics.statements.service import reconcile
folder, statement, courier, period = sys.argv[1:]
found = reconcile(waybills=Path(folder, 'waybills.csv'), rates=Path(folder, 'rates.csv'),
    statement=Path(folder, statement), courier=courier, period=period)
Path(folder, 'result.json').write_text(result_json(found), encoding='utf-8')
"""
# All columns of both files, joined on the waybill as it stands: what any reconciliation has to do at least.
_BARE_TABLES = """
import sys, duckdb
folder, statement, heading, skip = sys.argv[1:]
with duckdb.connect() as connection:
    connection.execute('SET threads = 2')
    connection.execute("CREATE TABLE s AS FROM read_csv($path, skip = $skip, header = true,"
        " all_varchar = true, null_padding = true, delim = ',', quote = $quote)",
        {'path': folder + '/' + statement, 'skip': int(skip), 'quote': '"'})
    connection.execute('CREATE TABLE w AS FROM read_csv($path)', {'path': folder + '/waybills.csv'})
    query = f'SELECT count(*), sum(weight_g) FROM s JOIN w ON waybill = "{heading}"'
    print(connection.execute(query).fetchone())
"""
_BARE_CALAMINE = """
import sys, python_calamine
folder, statement = sys.argv[1:3]
book = python_calamine.CalamineWorkbook.from_path(folder + '/' + statement)
print(len(book.get_sheet_by_index(0).to_python()))
"""


@dataclass(frozen=True)
class _Month:
    """One made month in a folder, with its right answer."""

    folder: Path
    layout: Layout
    files: Files
    count: int


def run(seeds: Sequence[int], quick: bool) -> list[dict[str, Any]]:
    """Measure statements of all formats and sizes, and what is found of what was planted.

    Gives: a row for each format and size: the least CPU seconds and ratios to the bare readers, the peak
    memory, the worst precision and recall over all reasons. Up to 100,000 waybills every seed is a month of
    its own; larger ones are one month, measured once per seed.
    """
    rows = []
    for kind, encoding, count in _QUICK if quick else _CASES:
        own = seeds if count <= _MOST_OF_EACH_SEED else seeds[:1]
        with tempfile.TemporaryDirectory(prefix="statements-") as folder:
            months = [_make(Path(folder) / str(seed), kind, encoding, count, seed) for seed in own]
            rows.append(_measure(months, times=len(seeds) // len(own)))
            print(f"{rows[-1]}", file=sys.stderr, flush=True)
    return rows


def _make(folder: Path, kind: str, encoding: str, count: int, seed: int) -> _Month:
    layout = Layout(seed=2 * seed, format=kind, encoding=encoding)
    files = write_case_files(folder, maker=Maker(seed=seed, faults=_FAULTS), count=count, layout=layout)
    return _Month(folder, layout, files, count)


def _measure(months: Sequence[_Month], *, times: int) -> dict[str, Any]:
    """Measure both sides of every month, one after the other, and compare what was found."""
    layout = months[0].layout
    bare = {"csv": _BARE_TABLES, "xlsx": _BARE_CALAMINE}[layout.format]
    runs: list[tuple[float, ...]] = []
    for month in [*months] * times:
        heading = Renderer(month.layout).headings["number"]
        places = [str(month.folder), month.files.statement.name]
        cpu_s, wall_s, peak_mb = _run(_RECONCILE, [*places, COURIER, PERIOD])
        # The bare reader of tables knows UTF-8 only.
        against = (0.0, 0.0, 0)
        if layout.encoding != "gb18030":
            against = _run(bare, [*places, heading, str(layout.titles)])
        runs.append((cpu_s, wall_s, float(peak_mb), *against))
    found = [json.loads((m.folder / "result.json").read_text(encoding="utf-8")) for m in months]
    compared = [_compare(got, m.files.answer) for got, m in zip(found, months, strict=True)]
    least = [min(column) for column in zip(*runs, strict=True)]
    lines = months[0].files.answer["statement"]["lines"]
    row: dict[str, Any] = {
        "statement": f"{layout.format} {layout.encoding if layout.format == 'csv' else ''}".strip(),
        "lines": lines,
        "waybills": months[0].count,
        "months": len(months),
        "precision": min(precision for precision, _ in compared),
        "recall": min(recall for _, recall in compared),
        "sums_exact": str(
            all(_sums(got) == _sums(m.files.answer) for got, m in zip(found, months, strict=True))
        ),
        "cpu_s": round(least[0], 2),
        "memory_mb": int(max(run[2] for run in runs)),
    }
    if least[3]:
        row |= {"bare_cpu_s": round(least[3], 2), "x_bare_cpu": round(least[0] / least[3], 2)}
        row |= {"x_bare_wall": round(least[1] / least[4], 2)}
    return row


def _run(program: str, arguments: list[str]) -> tuple[float, float, int]:
    """Run a program in a process of its own; give its CPU and wall seconds and its peak memory in MB."""
    measured = (
        "import resource, sys\n"
        f"exec({program!r})\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", measured, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu_s, wall_s, int(done.stderr.splitlines()[-1]) // 1024


def _compare(found: dict[str, Any], answer: dict[str, Any]) -> tuple[float, float]:
    """Give precision and recall of the items, each with its reason, amounts and rows."""
    got = {json.dumps(item, sort_keys=True) for item in found["items"]}
    planted = {json.dumps(item, sort_keys=True) for item in answer["items"]}
    right = len(got & planted)
    return right / max(1, len(got)), right / max(1, len(planted))


def _sums(result: dict[str, Any]) -> dict[str, Any]:
    return {key: result[key] for key in ("statement", "expected_fen", "matched", "by_reason")}


def write_month(folder: Path, *, kind: str, count: int, seed: int) -> None:
    """Write one made month with its answer into a folder, to look at or to measure elsewhere."""
    layout = Layout(seed=2 * seed, format=kind)
    files = write_case_files(folder, maker=Maker(seed=seed, faults=_FAULTS), count=count, layout=layout)
    write_answer(folder / "answer.json", files.answer)
