"""Finds the benchmarks, runs the named ones or all, and prints one table."""

import argparse
import importlib
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]
Run = Callable[..., Rows]


def find() -> dict[str, Run]:
    """Find the benchmarks by name: folders beside this file whose package has a function `run`."""
    found = {}
    for folder in sorted(Path(__file__).parent.iterdir()):
        if (folder / "__init__.py").exists():
            run = getattr(importlib.import_module(f"benchmarks.{folder.name}"), "run", None)
            if callable(run):
                found[folder.name] = run
    return found


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Lay rows out as one table; a row without a column leaves it empty."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    texts = [[_shown(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(len(line[i]) for line in [columns, *texts]) for i in range(len(columns))]
    right = [all(isinstance(row.get(column, 0), int | float) for row in rows) for column in columns]

    def laid(line: Sequence[str]) -> str:
        cells = (
            text.rjust(width) if aside else text.ljust(width)
            for text, width, aside in zip(line, widths, right, strict=True)
        )
        return "  ".join(cells).rstrip()

    return "\n".join([laid(columns), laid(["-" * width for width in widths]), *map(laid, texts)])


def folded(name: str, rows: Rows) -> Rows:
    """Give the rows of one benchmark in the columns that all benchmarks share."""
    shared = []
    for row in rows:
        words = [str(value) for value in row.values() if isinstance(value, str)]
        figures = [f"{key} {_shown(value)}" for key, value in row.items() if not isinstance(value, str)]
        shared.append({"benchmark": name, "what": ", ".join(words), "figures": "; ".join(figures)})
    return shared


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks from a command line; give its exit code."""
    parser = argparse.ArgumentParser(prog="run.py bench", description="Measure; all when none is named.")
    parser.add_argument("name", nargs="*")
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds, from 1 (default 3)")
    parser.add_argument("--quick", action="store_true", help="small cases, to see that everything runs")
    asked = parser.parse_args(arguments)
    found = find()
    unknown = [name for name in asked.name if name not in found]
    if unknown:
        print(
            f"{unknown[0]!r} is not a benchmark; expected one of {', '.join(found) or 'none'}",
            file=sys.stderr,
        )
        return 2
    names = asked.name or list(found)
    rows: Rows = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        measured = found[name](seeds=list(range(1, asked.seeds + 1)), quick=asked.quick)
        rows += measured if len(names) == 1 else folded(name, measured)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}; compare ratios only")
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
