"""Benchmark of statement reconciliation: made-up statements with a known answer, against bare readers."""

from benchmarks.statements.bench import run

__all__ = ["run"]
