"""Withdrawals: money that arrives in the cooperative's bank account, from Alipay (提现) or of its own.

A feature beside pay runs, not a part of them: runs say who is paid, this says what they are paid from, and it
asks them what they still need.
"""
