"""The roster: who may stream, at which level, and when they can."""
