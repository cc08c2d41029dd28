"""Costs of all coalitions, shares from them, and the check of every coalition's wish to leave."""
