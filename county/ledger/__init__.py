"""Where every yuan went: a double-entry ledger that only grows."""
