"""`python -m benchmarks.routes [--quick] [--seeds N]`: prints one table."""

import argparse

from benchmarks.routes.bench import run, table
from benchmarks.routes.rivals import run_rivals


def main() -> None:
    """Run the benchmarks and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routes")
    parser.add_argument("--quick", action="store_true", help="one county per case, a quarter of the time")
    parser.add_argument("--seeds", type=int, default=20, help="counties of the main case")
    options = parser.parse_args()
    for line in table(run(range(1, options.seeds + 1), options.quick)):
        print(line, flush=True)
    for line in run_rivals(range(1, 4 if not options.quick else 2), seconds=3 if options.quick else 20):
        print(line, flush=True)


if __name__ == "__main__":
    main()
