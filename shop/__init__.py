"""Farmers list, buyers order and pay, claims are settled, growers are paid."""
