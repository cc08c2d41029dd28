"""Statements: a month per person and of the cooperative, the quarter's income, all read from the ledger."""
