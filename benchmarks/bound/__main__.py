"""Runs this benchmark alone: `python -m benchmarks.bound [--quick] [--seeds N]`."""

import sys

from benchmarks.__main__ import main

sys.exit(main(["bound", *sys.argv[1:]]))
