"""Decisions about sign-ins: lengths of life, phone numbers, passwords, masking."""

import re
from datetime import timedelta

TOKEN_LIFE = timedelta(days=30)
CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
FAILURES_ALLOWED = 5
FAILURE_WINDOW = timedelta(minutes=5)
PASSWORD_MIN = 8

# A town's name ends what is shown of an address: 镇, 乡, 街道, but not those within 镇坪县, 景德镇市, 西乡县.
_TOWN = re.compile(r"(?<!景德)镇(?![江海远原平安坪巴雄康赉][市县区])|乡(?![市县]|宁县)|街道")
_HOUSE = re.compile(r"[0-9０-９]|[零〇一二三四五六七八九十百两]+(?:号|组|栋|幢|座|单元|室|楼|层|弄|户|院)")

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


def mask_address(address: str) -> str:
    """Hide what is beyond the town of an address and what comes from the first house number on.

    At least the last third is hidden, whatever is written there.
    """
    town, house = _TOWN.search(address), _HOUSE.search(address)
    ends = [len(address) - -(-len(address) // 3)]
    ends += [town.end()] if town else []
    ends += [house.start()] if house else []
    return address[: min(ends)] + "****"
