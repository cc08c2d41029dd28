"""Who did what for whom: an append-only log whose rows are chained by hashes."""
