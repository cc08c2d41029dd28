"""Queries on the ledger: entries and accounts, holds and periods, the chain of hashes."""
