"""Settlements: each courier's monthly statement, read against our records, and what of it is agreed."""
