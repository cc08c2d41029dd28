"""The session planner against an independent checker, brute force and the example."""
