"""Benchmarks: `python3 run.py bench [NAME …]`; each folder with a function `run(seeds, quick)` is one."""
