"""Shares of a bill, checked by code that shares nothing with the solver."""
