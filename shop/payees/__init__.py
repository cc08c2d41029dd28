"""Payees: where a person's money goes, changed by two people and usable only after a night's sleep."""
