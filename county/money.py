"""Whole fen and basis points: sharing, splitting, reading and writing amounts."""

import re
from collections.abc import Mapping, Sequence
from typing import NewType

Fen = NewType("Fen", int)
Bp = NewType("Bp", int)

WHOLE_BP = Bp(10_000)
_YUAN = re.compile(r"(\d{1,13})(?:\.(\d{1,2}))?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,2})?")
_PLAIN = re.compile(r"-?[0-9]{1,13}\.[0-9]{2}")
_AMOUNT_IN = re.compile(r"¥\{(\w+)\}")
MINUS = "\u2212"


def share(total_fen: int, part_bp: int) -> Fen:
    """Compute `part_bp` basis points of an amount ≥ 0, rounded half up to the fen."""
    if total_fen < 0 or part_bp < 0:
        raise ValueError("share takes amounts and parts of 0 or more")
    return Fen((total_fen * part_bp + 5_000) // 10_000)


def split(total_fen: int, weights: Sequence[int]) -> list[Fen]:
    """Split an amount by weights so that the parts add up to it exactly.

    Takes: `total_fen`, any sign; `weights`, whole numbers ≥ 0 with a sum > 0.
    Gives: one part per weight, in order; equal remainders go to the earlier weight.
    Source: largest remainder (Hamilton).
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("split takes weights of 0 or more that do not sum to 0")
    sign = -1 if total_fen < 0 else 1
    amount = abs(total_fen)
    parts = [amount * weight // whole for weight in weights]
    rest = amount - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in by_remainder[:rest]:
        parts[i] += 1
    return [Fen(sign * part) for part in parts]


def parse_yuan(text: str) -> Fen:
    """Read a plain amount in yuan, such as `12`, `12.3` or `12.30`; raises ValueError otherwise."""
    match = _YUAN.fullmatch(text.strip())
    if not match or not text.isascii():
        raise ValueError(f"{text!r} is not an amount in yuan such as 12.30")
    return Fen(int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")))


def parse_grouped_yuan(text: str) -> Fen:
    """Read an amount as `parse_yuan` does, or with commas between its thousands, as bank statements print it.

    Raises ValueError otherwise: `12,50` is neither twelve and a half nor 1,250.
    """
    plain = text.strip().replace("，", ",")
    if "," in plain and not _GROUPED.fullmatch(plain):
        raise ValueError(f"{text!r} is not an amount in yuan such as 1,234.50")
    return parse_yuan(plain.replace(",", ""))


def format_yuan(fen: int) -> str:
    """Write fen as yuan for machines: two decimals and no grouping, such as `-1234.50`."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def say_yuan(fen: int) -> str:
    """Write fen as yuan for people: commas between thousands and a minus sign, such as `−1,234.50`."""
    sign = MINUS if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def say_money(fen: int) -> str:
    """Write fen as an amount of money for people, the sign before the unit: `−¥1,234.50`."""
    return _sign_first("¥" + say_yuan(fen))


def fill(says: str, facts: Mapping[str, object]) -> str:
    """Fill a sentence for people with its facts; those that stand behind ¥ are written as `say_money` does.

    Facts of notices, tasks and refusals carry amounts as `format_yuan` writes them, since programs read them.
    A bank's reference such as 20261128.01 looks like one and is none: it stands behind no ¥.
    """
    amounts = {name: _said(facts[name]) for name in _AMOUNT_IN.findall(says)}
    return _sign_first(says.format(**{**facts, **amounts}))


def _said(fact: object) -> object:
    if isinstance(fact, str) and _PLAIN.fullmatch(fact):
        return say_yuan(Fen(int(fact.replace(".", ""))))
    return fact


def _sign_first(text: str) -> str:
    return text.replace("¥" + MINUS, MINUS + "¥")
