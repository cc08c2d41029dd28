"""Stations: the hub, the pick-up stations, the roads between them and the vans that drive there."""
