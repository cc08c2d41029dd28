"""Benchmark of statement reconciliation: made-up statements with a known answer, against bare readers."""
