"""Netting: what each courier owes the pool less what the pool owes it, once a month, closed for good."""
