"""Benchmarks of the joint plan: made-up counties, measured gaps, times and costs."""
