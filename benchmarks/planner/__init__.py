"""Benchmarks of the session planner: seeded instances, a plain local search as anchor, one table."""
