"""Use cases of the bank account, for edges.

Three files: booking a line and taking it back, whose a line is and what is open, the account month by month.
"""

from shop.bank.service.booking import record_line, reverse_line
from shop.bank.service.looking import get_month, list_lines, list_months, month_of_line
from shop.bank.service.parties import get_circuit, list_open

__all__ = [
    "get_circuit",
    "get_month",
    "list_lines",
    "list_months",
    "list_open",
    "month_of_line",
    "record_line",
    "reverse_line",
]
