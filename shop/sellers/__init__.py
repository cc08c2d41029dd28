"""Sellers of record: who sells to the buyer, in which money mode, on which terms."""
