"""Refunds of orders: which lines each is for, how much of every split returns with it, what was booked."""
