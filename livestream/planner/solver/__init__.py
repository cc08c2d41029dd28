"""The optimiser: greedy start, proven bound by column generation, neighbourhood search, re-planning."""
