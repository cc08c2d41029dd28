"""Small decisions of a reconciliation: the days of a period, the sums by reason, rows that are no charges."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from county.errors import BadInput, Fault
from logistics.statements.types import Item, Period, Reason, ReasonTotals

_MONTH = re.compile(r"(\d{4})-(\d{2})")


def read_period(text: str) -> Period:
    """Read a settlement period, a month such as `2026-10`; refuses anything else."""
    found = _MONTH.fullmatch(text)
    if not found or not text.isascii() or not 1 <= int(found[2]) <= 12 or not 2000 <= int(found[1]) <= 2999:
        raise BadInput([Fault("--period:1", f"{text!r} is not a month; expected one such as 2026-10")])
    year, month = int(found[1]), int(found[2])
    return Period(text, date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))


def is_in_period(on: date, period: Period) -> bool:
    """Tell whether a county day lies in a period."""
    return period.starts_on <= on < period.ends_on


def sum_by_reason(items: Iterable[Item]) -> Mapping[Reason, ReasonTotals]:
    """Sum up what each reason costs us and saves us, apart; reasons that do not occur are left out."""
    counts = dict.fromkeys(Reason, 0)
    over_fen = dict.fromkeys(Reason, 0)
    under_fen = dict.fromkeys(Reason, 0)
    for _, reason, charged_fen, expected_fen, _ in items:
        difference_fen = (charged_fen - expected_fen) * (-1 if reason is Reason.COD else 1)
        counts[reason] += 1
        if difference_fen > 0:
            over_fen[reason] += difference_fen
        else:
            under_fen[reason] -= difference_fen
    return {
        reason: ReasonTotals(count, over_fen[reason], under_fen[reason])
        for reason, count in counts.items()
        if count
    }


def is_remark(cells: Sequence[str], *, waybill: str) -> bool:
    """Tell whether a row is a remark under an amount's heading: no waybill, hardly another cell."""
    return not waybill.strip() and sum(bool(cell.strip()) for cell in cells) <= 2


def is_header_again(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Tell whether a row repeats the header, as printed pages do."""
    return [cell.strip() for cell in cells if cell.strip()] == [
        cell.strip() for cell in header if cell.strip()
    ]
