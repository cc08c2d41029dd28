"""Parcels: what travels, for whom, by which carrier, and where it is."""
