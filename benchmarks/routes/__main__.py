"""`python -m benchmarks.routes`: the tables and the picture of docs/routes.md; `--help` names the options."""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.routes.bench import run_counties
from benchmarks.routes.rivals import run_rivals
from benchmarks.routes.summary import picture, seeds_table, summary


def main() -> None:
    """Run the benchmarks and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routes")
    parser.add_argument("--quick", action="store_true", help="one county per case, a quarter of the time")
    parser.add_argument("--seeds", type=int, default=20, help="counties of the main case")
    parser.add_argument("--picture", type=Path, help="where the SVG of cost and time by size goes")
    parser.add_argument("--only", choices=("counties", "rivals"))
    parser.add_argument("--seconds", type=float, default=20, help="for each rival and instance")
    options = parser.parse_args()
    if options.only != "rivals":
        rows = []
        for row in run_counties(range(1, options.seeds + 1), options.quick):
            print(json.dumps(row), file=sys.stderr, flush=True)
            rows.append(row)
        print(*seeds_table(rows), "", *summary(rows), sep="\n")
        if options.picture:
            options.picture.write_text(picture(rows), encoding="utf-8")
    if options.only != "counties":
        for line in run_rivals(
            range(1, 2 if options.quick else 10), seconds=3 if options.quick else options.seconds
        ):
            print(line, flush=True)


if __name__ == "__main__":
    main()
