"""Reads our waybills from waybills.csv into DuckDB, refusing whatever cannot be right.

The bulk is checked by DuckDB; only a file with something unusual in it is gone through line by line.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from county.errors import BadInput, Fault
from county.sheets import Limits, as_utf8
from county.sheets.delimited import detect_encoding, iter_csv_rows
from logistics.statements.parsers.cells import read_waybill

COLUMNS = ("waybill", "courier", "picked_up_on", "province", "weight_g", "volume_cm3", "cod_fen", "status")
STATUSES = ("delivered", "returned", "lost")
LIMITS = Limits(rows=20_000_000, columns=200, file_bytes=4 << 30)
_NUMBERS = {"weight_g": 10**7, "volume_cm3": 10**8, "cod_fen": 10**10}
_FAULTS_SHOWN = 200

PricedBy = Callable[[str, str, date], bool]


class Sort(NamedTuple):
    """What many waybills have in common and what decides the card: courier, day, province, status."""

    courier: str
    picked_up_on: date
    province: str
    status: str


@dataclass(frozen=True)
class OpenedRecords:
    """The texts of waybills.csv in the table `record`, before they are priced.

    `sorts` is every combination of courier, day, province and status, empty when the file `needs_checking`
    line by line; `check_lines` does that: it fills `record` with plain values or refuses with every fault.
    """

    sorts: tuple[Sort, ...]
    needs_checking: bool
    check_lines: Callable[[PricedBy], "OpenedRecords"]


def open_records(connection: duckdb.DuckDBPyConnection, path: Path, *, workspace: Path) -> OpenedRecords:
    """Read waybills.csv into the table `record` and look whether all of it is plainly right.

    Refuses: `BadInput` for a file that is no table or lacks columns.
    """
    encoding, plain = as_utf8(path, workspace=workspace, limits=LIMITS)
    header = [cell.strip() for cell in next(iter_csv_rows(path, encoding=encoding, limits=LIMITS), [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise BadInput([Fault(f"{path}:1", f"no column {', '.join(missing)}; expected {','.join(COLUMNS)}")])

    def check_lines(is_priced: PricedBy) -> OpenedRecords:
        clean = workspace / "waybills.clean.csv"
        text = detect_encoding(path, limits=LIMITS)
        _write_clean(path, clean, encoding=text, header=header, is_priced=is_priced)
        _read(connection, clean, header=list(COLUMNS), skip=0)
        return OpenedRecords(_sorts(_look_over(connection)) or (), False, check_lines)

    try:
        _read(connection, plain, header=header, skip=1)
    except (duckdb.Error, UnicodeDecodeError):
        return OpenedRecords((), True, check_lines)
    found = _look_over(connection)
    sorts = _sorts(found) if all(count == sound for *_, count, sound in found) else None
    return OpenedRecords(sorts or (), sorts is None, check_lines)


def _read(connection: duckdb.DuckDBPyConnection, path: Path, *, header: list[str], skip: int) -> None:
    types = {f"f{at}": "VARCHAR" for at in range(len(header))}
    names = ", ".join(f"f{header.index(column)} AS {column}" for column in COLUMNS)
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE record AS
        SELECT {names}
        FROM read_csv($path, auto_detect = false, header = false, skip = $skip, columns = {types},
            delim = ',', quote = '"', escape = '"')
        """,
        {"path": str(path), "skip": skip},
    )


def _look_over(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Count the lines of every sort, and those of them whose other values are plainly right."""
    # For short texts of digits such a pattern is faster than a regular expression, for waybills it is slower.
    plain = "regexp_full_match(waybill, '[0-9A-Za-z_-]{6,40}')"
    plain += "".join(f" AND NOT {column} GLOB '*[!0-9]*'" for column in _NUMBERS)
    plain += "".join(f" AND strlen({column}) < {len(str(most))}" for column, most in _NUMBERS.items())
    found: list[tuple[Any, ...]] = connection.execute(
        f"""
        SELECT courier, picked_up_on, province, status, count(*), count(*) FILTER ({plain})
        FROM record GROUP BY ALL ORDER BY ALL
        """
    ).fetchall()
    return found


def _sorts(found: Iterable[tuple[Any, ...]]) -> tuple[Sort, ...] | None:
    sorts = [_sort(*fields[:4]) for fields in found]
    return None if None in sorts else tuple(sort for sort in sorts if sort)


def _sort(
    courier: str | None, picked_up_on: str | None, province: str | None, status: str | None
) -> Sort | None:
    on = _day(picked_up_on or "")
    fields = (courier, province, status)
    if on is None or status not in STATUSES or any(not field or field != field.strip() for field in fields):
        return None
    return Sort(str(courier), on, str(province), str(status))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _write_clean(path: Path, clean: Path, *, encoding: str, header: list[str], is_priced: PricedBy) -> None:
    """Go through the file line by line; write its plain form, or refuse with every fault."""
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    count = 0
    with clean.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for line, fields in _lines(path, encoding=encoding, header=header):
            wrong, values = _check(fields)
            if not wrong:
                key = (values["courier"], values["waybill"])
                wrong.extend(_twice(values, seen.setdefault(key, line), line))
                wrong.extend(_unpriced(values, is_priced))
                writer.writerow([values[column] for column in COLUMNS])
            count += len(wrong)
            faults.extend(Fault(f"{path}:{line}", what) for what in wrong[: _FAULTS_SHOWN - len(faults)])
    if count > len(faults):
        last = faults[-1].where
        faults.append(Fault(last, f"and {count - len(faults)} more faults below; expected none"))
    if faults:
        raise BadInput(faults)


def _lines(path: Path, *, encoding: str, header: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    rows = iter_csv_rows(path, encoding=encoding, limits=LIMITS)
    next(rows)
    for line, cells in enumerate(rows, start=2):
        if any(cell.strip() for cell in cells):
            padded = [*cells, *[""] * (len(header) - len(cells))]
            yield line, {column: padded[header.index(column)].strip() for column in COLUMNS}


def _check(fields: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Check one line's fields; give what is wrong and the plain values."""
    wrong = []
    values = dict(fields)
    waybill = read_waybill(fields["waybill"])
    if waybill.number is None:
        wrong.append(waybill.why or "no waybill number")
    else:
        values["waybill"] = waybill.number
    wrong.extend(f"{name} is empty; expected a value" for name in ("courier", "province") if not fields[name])
    if _day(fields["picked_up_on"]) is None:
        wrong.append(f"picked_up_on is {fields['picked_up_on']!r}; expected a day such as 2026-10-01")
    if fields["status"] not in STATUSES:
        wrong.append(f"status is {fields['status']!r}; expected {', '.join(STATUSES)}")
    for name, most in _NUMBERS.items():
        text = fields[name].lstrip("0") or fields[name][-1:]
        if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) < most):
            wrong.append(f"{name} is {fields[name]!r}; expected a whole number from 0 to {most - 1}")
        values[name] = text
    return wrong, values


def _twice(values: dict[str, str], first: int, line: int) -> Iterator[str]:
    if first != line:
        yield f"waybill {values['waybill']} is also on line {first}; expected each waybill once"


def _unpriced(values: dict[str, str], is_priced: PricedBy) -> Iterator[str]:
    courier, province, on = values["courier"], values["province"], date.fromisoformat(values["picked_up_on"])
    if not is_priced(courier, province, on):
        yield f"no rate card of {courier} prices {province} on {on}; expected one in the rates"
