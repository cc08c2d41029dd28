"""Runs this benchmark alone: `python -m benchmarks.allocation [--quick] [--seeds N]`."""

import sys

from benchmarks.__main__ import main

sys.exit(main(["allocation", *sys.argv[1:]]))
