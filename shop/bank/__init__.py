"""The bank account: every line of the bank's statement that no pay run makes is booked here, and ticked off.

A feature beside pay runs, not a part of them: runs say who is paid, this says what they are paid from and
what else came and went, and it asks them what they still need.
"""
