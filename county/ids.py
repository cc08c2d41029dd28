"""Ids for rows, and checked numbers that people read aloud."""

import secrets
from uuid import UUID, uuid4

# Damm's quasigroup of order 10: finds every single wrong digit and every swap of neighbours.
# Source: H. M. Damm, Total anti-symmetrische Quasigruppen, 2004.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def new_id() -> UUID:
    """Make a random row id (UUID version 4)."""
    return uuid4()


def check_digit(digits: str) -> str:
    """Compute the Damm check digit of a string of decimal digits."""
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return str(state)


def new_number(prefix: str) -> str:
    """Make a random public number: `prefix`, eleven digits, one check digit."""
    digits = "".join(secrets.choice("0123456789") for _ in range(11))
    return f"{prefix}{digits}{check_digit(digits)}"


def is_number(text: str, *, prefix: str) -> bool:
    """Tell whether `text` is a well-formed public number with this prefix."""
    digits = text[len(prefix) :]
    if not text.startswith(prefix) or len(digits) != 12 or not (digits.isascii() and digits.isdigit()):
        return False
    return check_digit(digits[:-1]) == digits[-1]
