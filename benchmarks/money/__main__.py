"""Plays one seed and prints its history: `python -m benchmarks.money --seed N`; or some: `--seeds A-B`."""

import argparse
import sys
import time

from tests.flows.money_simulation.running import open_theatre, play_safely, told


def main(arguments: list[str] | None = None) -> int:
    """Play seeds one by one; 1 when one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.money")
    parser.add_argument("--seed", type=int, help="play this one and print its history")
    parser.add_argument("--seeds", default="1-20", help="play these and print what failed (default 1-20)")
    asked = parser.parse_args(arguments)
    first, _, last = asked.seeds.partition("-")
    seeds = [asked.seed] if asked.seed is not None else range(int(first), int(last or first) + 1)
    failed = 0
    begun_s = time.process_time()
    with open_theatre() as theatre:
        for seed in seeds:
            story, faults = play_safely(theatre, seed)
            if faults or asked.seed is not None:
                print(told(story, faults), flush=True)
            failed += bool(faults)
    spent_s = time.process_time() - begun_s
    print(f"{len(seeds)} seeds, {failed} failed, {spent_s:.1f} s of CPU")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
