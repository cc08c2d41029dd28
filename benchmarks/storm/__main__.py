"""Runs the storm from a command line: `python -m benchmarks.storm [--database-url URL] [--kills 20]`."""

import argparse
import sys
from typing import Any

from benchmarks.storm import storm
from benchmarks.storm.installation import NotUp

# What may not be anything but 0.
MUST_BE_ZERO = (
    "oversold",
    "neither",
    "acknowledged orders lost",
    "orders that nobody was told of",
    "keys with two orders",
    "payments lost",
    "payments booked twice",
    "payments booked that nobody made",
    "cancellations lost",
    "sizes whose stock is wrong",
    "invariants broken",
    "audit faults",
)


def main(arguments: list[str]) -> int:
    """Play one storm and print its figures; 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm")
    parser.add_argument(
        "--database-url", default="", help="a PostgreSQL server for a scratch database; SQLite without"
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    try:
        figures: dict[str, Any] = storm(asked.database_url, seed=asked.seed, kills=asked.kills)
    except NotUp as trouble:
        print(trouble, file=sys.stderr)
        return 2
    for name, value in figures.items():
        print(f"{name:<34} {value}")
    lost = [name for name in MUST_BE_ZERO if figures[name]]
    print("nothing was lost" if not lost else "NOT AS IT MUST BE: " + ", ".join(lost))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
