"""A statement opened: where its texts are, in words that DuckDB understands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from county.sheets import Limits
from logistics.statements.parsers.cells import says_total
from logistics.statements.types import Column, Layout

LIMITS = Limits()
HEAD_ROWS = 200

CellsOf = Callable[[Iterable[int]], dict[int, list[str]]]


@dataclass(frozen=True)
class TextTable:
    """Where the statement's texts are, in words that DuckDB understands.

    `fields` says which field of the file (from 0) holds `waybill`, `kind`, `weight`, `province`, `cod`
    and the charges `c0`, `c1`, …; `width` is the number of fields. With `row_field` the file tells the row
    numbers itself, else they count from `first_row` and there must be `rows` of them if the file is sound.
    """

    path: Path
    fields: dict[str, int]
    width: int
    skip: int = 0
    first_row: int = 1
    rows: int | None = None
    row_field: int | None = None
    separator: str = ","


@dataclass(frozen=True)
class OpenedStatement:
    """A statement before its rows are looked at.

    `total_rows` say that they are totals; `cells_of` gives the full texts of some rows for a closer look;
    `rewrite` opens the same file the careful way when the table turns out not to be sound.
    """

    layout: Layout
    table: TextTable
    total_rows: tuple[int, ...]
    cells_of: CellsOf
    rewrite: Callable[[], "OpenedStatement"] | None = None
    hidden_rows: tuple[int, ...] = ()
    hidden_sheets: tuple[str, ...] = ()


def fields_of(layout: Layout) -> list[tuple[str, Column]]:
    """Name the columns that count as the tables call them."""
    single = {
        "waybill": layout.waybill,
        "kind": layout.kind,
        "weight": layout.weight,
        "province": layout.province,
        "cod": layout.cod,
    }
    charges = {f"c{index}": column for index, column in enumerate(layout.charges)}
    return [(name, column) for name, column in (single | charges).items() if column is not None]


def is_money(name: str) -> bool:
    """Tell whether a field, by the name that the tables give it, holds amounts."""
    return name.startswith("c")


def own_table(path: Path, fields: Sequence[tuple[str, Column]], *, separator: str) -> TextTable:
    """Say where the texts are in a file of our own: the row number first, then the fields in their order."""
    return TextTable(
        path=path,
        fields={name: index for index, (name, _) in enumerate(fields, start=1)},
        width=len(fields) + 1,
        row_field=0,
        separator=separator,
    )


def find_totals(rows: Mapping[int, list[str]], layout: Layout) -> tuple[int, ...]:
    """Find those of some rows that say that they are totals."""
    at = layout.waybill.at
    return tuple(
        row for row, cells in rows.items() if says_total(cells, waybill=cells[at] if at < len(cells) else "")
    )
