"""Proofs of behaviour; see HOUSE.md §9 for which folder holds what."""
