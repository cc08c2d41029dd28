"""Decisions about sign-ins: lengths of life, phone numbers, passwords, masking."""

import re
from datetime import timedelta

TOKEN_LIFE = timedelta(days=30)
CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
FAILURES_ALLOWED = 5
FAILURE_WINDOW = timedelta(minutes=5)
PASSWORD_MIN = 8

_PHONE = re.compile(r"1[3-9]\d{9}")


def is_phone(text: str) -> bool:
    """Tell whether this is a Chinese mobile number: eleven digits from 13… to 19…."""
    return bool(_PHONE.fullmatch(text)) and text.isascii()


def mask_phone(phone: str) -> str:
    """Hide the middle six digits of a phone number (GB/T 41833-2022)."""
    return phone[:3] + "******" + phone[-2:] if len(phone) == 11 else "*" * len(phone)


def mask_name(name: str) -> str:
    """Hide all of a name but its first character (GB/T 41833-2022: at least one is hidden)."""
    return name[:1] + "*" * max(1, len(name) - 1)
