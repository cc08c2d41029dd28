"""Mishaps: the hub clerk and the station keepers tell what arrived damaged or cannot be found."""
