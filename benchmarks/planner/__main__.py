"""`python -m benchmarks.planner [--quick] [--seeds N] [--size NAME]`: prints one table."""

import argparse

from benchmarks.__main__ import table
from benchmarks.planner.measure import SIZES, measure


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planner")
    parser.add_argument("--quick", action="store_true", help="one small size, five seconds each")
    parser.add_argument("--seeds", type=int, default=3, help="instances of each size (default 3)")
    parser.add_argument("--size", choices=sorted(SIZES), help="only this size")
    options = parser.parse_args()
    print(table(measure(range(1, options.seeds + 1), options.quick, only=options.size)))


if __name__ == "__main__":
    main()
