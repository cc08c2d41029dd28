"""`python -m benchmarks.statements [--quick] [--seeds N]` measures; `--write FOLDER` writes a made month."""

import argparse
from pathlib import Path

from benchmarks.__main__ import table
from benchmarks.statements.bench import run, write_month


def main() -> None:
    """Measure and print a table, or write a made month with its answer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statements")
    parser.add_argument("--quick", action="store_true", help="small statements, to see that everything runs")
    parser.add_argument("--seeds", type=int, default=3, help="how many runs on each side, the least counts")
    parser.add_argument("--write", type=Path, help="write waybills, rates, statement and answer here instead")
    parser.add_argument("--lines", type=int, default=100_000, help="waybills of a written month")
    parser.add_argument("--format", choices=("csv", "xlsx"), default="csv")
    options = parser.parse_args()
    if options.write:
        write_month(options.write, kind=options.format, count=options.lines, seed=options.seeds)
        return
    print(table(run(list(range(1, options.seeds + 1)), options.quick)))


if __name__ == "__main__":
    main()
