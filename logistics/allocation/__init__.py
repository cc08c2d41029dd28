"""Sharing one joint bill among the couriers exactly, and proving whether anyone would rather leave.

`solver/` holds the coalition costs (one frozen file per cost rule) and the three ways of sharing.
"""
