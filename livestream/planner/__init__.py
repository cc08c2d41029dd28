"""Places livestream sessions: who is on air when and in which studio, with a proven bound on the best."""
