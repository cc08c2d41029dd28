"""Shares of three methods side by side: time, stability with outside prices, and fairness."""

from benchmarks.allocation.bench import run

__all__ = ["run"]
