"""Accounts: the names of the shop's ledger accounts and books, in one place; nothing else (docs/money.md)."""
