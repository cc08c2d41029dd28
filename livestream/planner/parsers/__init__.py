"""Readers of the planner's JSON files: every fault is found, with its line and path, before anything runs."""
