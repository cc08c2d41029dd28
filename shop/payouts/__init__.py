"""Payouts: releasing each order's money after the claim window, and answering where it is."""
