"""Plans of small counties, read by a checker that shares nothing with the solver."""
