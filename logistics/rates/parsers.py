"""Reads rate cards from rates.csv, refusing what cannot be priced by."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from county.errors import BadInput, Fault
from county.sheets import Limits
from county.sheets.delimited import detect_encoding, iter_csv_rows
from logistics.rates import rules
from logistics.rates.types import RateCard

COLUMNS = (
    "courier",
    "zone",
    "provinces",
    "first_g",
    "first_fen",
    "step_g",
    "step_fen",
    "volumetric_divisor",
    "round_g",
    "valid_from",
    "valid_to",
)
_LIMITS = Limits(rows=20_000, columns=200, file_bytes=16 << 20)
# Numbers beyond these are slips; they also keep every sum of charges inside 64 bits.
_MOST = {"first_fen": 10**9, "step_fen": 10**7, "volumetric_divisor": 10**6}
_LEAST = {"step_g": 1, "round_g": 1}


def read_rate_cards(path: Path) -> tuple[RateCard, ...]:
    """Read rates.csv (UTF-8 or GB18030, one header line, columns in any order, unknown ones ignored).

    Refuses: `BadInput` with every fault: missing columns, empty or impossible values, cards that overlap.
    """
    encoding = detect_encoding(path, limits=_LIMITS)
    rows = iter_csv_rows(path, encoding=encoding, limits=_LIMITS)
    header = [cell.strip() for cell in next(rows, [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise BadInput([Fault(f"{path}:1", f"no column {', '.join(missing)}; expected {','.join(COLUMNS)}")])
    places = {column: header.index(column) for column in COLUMNS}
    faults: list[Fault] = []
    cards: list[RateCard] = []
    for line, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        fields = {column: cells[at].strip() if at < len(cells) else "" for column, at in places.items()}
        wrong = [Fault(f"{path}:{line}", what) for what in _faults(fields)]
        faults.extend(wrong)
        if not wrong:
            cards.append(_card(fields, line=line))
    if not cards and not faults:
        faults.append(Fault(f"{path}:1", "no rate card below the header; expected at least one"))
    faults.extend(_overlap_faults(path, cards))
    if faults:
        raise BadInput(faults)
    return tuple(cards)


def _faults(fields: dict[str, str]) -> list[str]:
    faults = [
        f"{column} is empty; expected a value"
        for column in ("courier", "zone", "provinces")
        if not fields[column]
    ]
    for column in COLUMNS[3:9]:
        least, most = _LEAST.get(column, 0), _MOST.get(column, 10**8)
        if not _is_number(fields[column]) or not least <= int(fields[column]) <= most:
            faults.append(f"{column} is {fields[column]!r}; expected a whole number from {least} to {most}")
    days = [_day(fields[column]) for column in ("valid_from", "valid_to")]
    for column, day in zip(("valid_from", "valid_to"), days, strict=True):
        if day is None:
            faults.append(f"{column} is {fields[column]!r}; expected a day such as 2026-10-01")
    if days[0] and days[1] and days[0] > days[1]:
        faults.append(f"valid_from {days[0]} is after valid_to {days[1]}; expected it on or before")
    return faults


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _card(fields: dict[str, str], *, line: int) -> RateCard:
    names = [name.strip() for name in fields["provinces"].split("|") if name.strip()]
    numbers = {column: int(fields[column]) for column in COLUMNS[3:9]}
    return RateCard(
        courier=fields["courier"],
        zone=fields["zone"],
        provinces=frozenset(rules.plain_province(name) for name in names if name != "*"),
        is_for_others="*" in names,
        valid_from=date.fromisoformat(fields["valid_from"]),
        valid_to=date.fromisoformat(fields["valid_to"]),
        line=line,
        **numbers,
    )


def _overlap_faults(path: Path, cards: Sequence[RateCard]) -> list[Fault]:
    return [
        Fault(
            f"{path}:{later.line}",
            f"the card of {later.courier} overlaps the one on line {earlier.line}, same province and days; "
            "expected one card for each province and day",
        )
        for earlier, later in rules.list_overlaps(cards)
    ]
