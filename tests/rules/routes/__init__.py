"""Prices, refusals and the feasibility check of the joint plan."""
