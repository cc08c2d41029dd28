"""Readers of the two files that come in: the courier's statement in any layout, and our waybills."""
