"""Measures reconciliation against bare readers of the same files, each in a process of its own."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.statements.make import COURIER, PERIOD, Maker
from benchmarks.statements.render import Layout, Renderer, write_answer, write_case_files

ROOT = Path(__file__).parents[2]
_FAULTS = 0.06
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
        " all_varchar = true, null_padding = true)", {'path': folder + '/' + statement, 'skip': int(skip)})
    connection.execute('CREATE TABLE w AS FROM read_csv($path)', {'path': folder + '/waybills.csv'})
    query = f'SELECT count(*), sum(weight_g) FROM s JOIN w ON waybill = "{heading}"'
    print(connection.execute(query).fetchone())
"""
# Only the two columns that a count of matches needs: the least that DuckDB can do with both files.
_BARE_COUNT = """
import sys, duckdb
folder, statement, heading, skip = sys.argv[1:]
with duckdb.connect() as connection:
    connection.execute('SET threads = 2')
    print(connection.execute(f'SELECT count(*), sum(weight_g) FROM read_csv($s, skip = $skip, header = true,'
        f' all_varchar = true, null_padding = true) JOIN read_csv($w) ON waybill = "{heading}"',
        {'s': folder + '/' + statement, 'w': folder + '/waybills.csv', 'skip': int(skip)}).fetchone())
"""
_BARE_CALAMINE = """
import sys, python_calamine
folder, statement = sys.argv[1:3]
book = python_calamine.CalamineWorkbook.from_path(folder + '/' + statement)
print(len(book.get_sheet_by_index(0).to_python()))
"""


def run(seeds: Sequence[int], quick: bool) -> list[dict[str, Any]]:
    """Measure CSV and XLSX statements of one made month, and what is found of what was planted.

    Gives: one row per format: CPU seconds, ratios to the bare readers (the least of one run per seed on both
    sides), peak memory, precision and recall over all reasons.
    """
    counts = {"csv": 20_000, "xlsx": 5_000} if quick else {"csv": 1_000_000, "xlsx": 200_000}
    with tempfile.TemporaryDirectory(prefix="statements-") as folder:
        return [
            _measure(Path(folder) / kind, kind=kind, count=count, seeds=seeds)
            for kind, count in counts.items()
        ]


def _measure(folder: Path, *, kind: str, count: int, seeds: Sequence[int]) -> dict[str, Any]:
    layout = Layout(seed=2 * seeds[0], format=kind)
    files = write_case_files(folder, maker=Maker(seed=seeds[0], faults=_FAULTS), count=count, layout=layout)
    heading = Renderer(layout).headings["number"]
    ours = [folder, files.statement.name, COURIER, PERIOD]
    bare = [folder, files.statement.name, heading, layout.titles]
    least: dict[str, float] = {}
    memory_mb = 0
    programs: dict[str, tuple[str, list[Any]]] = {"reconcile": (_RECONCILE, ours)}
    if kind == "csv":
        programs |= {"tables": (_BARE_TABLES, bare), "count": (_BARE_COUNT, bare)}
    else:
        programs |= {"calamine": (_BARE_CALAMINE, bare)}
    for _ in seeds:
        for name, (program, arguments) in programs.items():
            cpu_s, wall_s, peak_mb = _run(program, [str(argument) for argument in arguments])
            least[name] = min(cpu_s, least.get(name, cpu_s))
            least[f"{name} wall"] = min(wall_s, least.get(f"{name} wall", wall_s))
            if name == "reconcile":
                memory_mb = max(memory_mb, peak_mb)
    found = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    precision, recall = _compare(found, files.answer)
    row: dict[str, Any] = {
        "statement": f"{kind}, {files.answer['statement']['lines']} lines, {count} waybills",
        "cpu_s": round(least["reconcile"], 2),
        "memory_mb": memory_mb,
        "precision": precision,
        "recall": recall,
        "sums_exact": str(_sums(found) == _sums(files.answer)),
    }
    if kind == "csv":
        row["x_bare_tables_and_join"] = round(least["reconcile"] / least["tables"], 2)
        row["x_bare_count_of_matches"] = round(least["reconcile"] / least["count"], 2)
    else:
        row["x_calamine_cpu"] = round(least["reconcile"] / least["calamine"], 2)
        row["x_calamine_wall"] = round(least["reconcile wall"] / least["calamine wall"], 2)
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
