"""Reconciles a courier's statement with our waybills for one period."""

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

import duckdb

from county.errors import BadInput, Fault
from logistics.rates import rules as rate_rules
from logistics.rates.parsers import read_rate_cards
from logistics.rates.types import RateCard
from logistics.statements import rules
from logistics.statements.matching import judging, lines, rows
from logistics.statements.matching.parcels import FindCard, load_parcels
from logistics.statements.parsers.cells import is_blank
from logistics.statements.parsers.opened import OpenedStatement
from logistics.statements.parsers.records import open_records
from logistics.statements.parsers.statement import open_statement
from logistics.statements.types import Reconciliation, Unreadable

_MEMORY = "480MB"
_THREADS = 2

_Made = TypeVar("_Made")


def reconcile(*, waybills: Path, rates: Path, statement: Path, courier: str, period: str) -> Reconciliation:
    """Compare what a courier charges and remits with what our records and its rate cards say.

    Takes: `waybills` (waybills.csv) and `rates` (rates.csv), ours; `statement`, the courier's CSV or XLSX in
    its own layout; `courier`, its name in our files; `period`, a month such as `2026-10`.
    Gives: figures, every discrepancy with its first reason that fits, and the rows that cannot be read.
    Refuses: `BadInput` with the faults of the file that cannot be used.
    Source: CONTRACTS.md §6.
    """
    span = rules.read_period(period)
    faults: list[Fault] = []
    find_card = _gather(faults, lambda: _card_finder(rates, courier=courier))

    with (
        _without_collector(),
        tempfile.TemporaryDirectory(prefix="statement-") as folder,
        duckdb.connect() as connection,
    ):
        workspace = Path(folder)
        connection.execute(f"SET threads = {_THREADS}; SET memory_limit = '{_MEMORY}'")
        connection.execute(f"SET temp_directory = '{folder}'")

        def load() -> int:
            records = open_records(connection, waybills, workspace=workspace)
            return load_parcels(connection, records, courier=courier, period=span, find_card=find_card)

        # Unpacking a workbook and reading our waybills keep two cores busy.
        with ThreadPoolExecutor(max_workers=1) as beside:
            loading = beside.submit(load)
            opened = _gather(faults, lambda: open_statement(statement, workspace=workspace))
            expected_fen = _gather(faults, loading.result)
        if faults or opened is None or find_card is None or expected_fen is None:
            raise BadInput(faults)
        if not rows.load_rows(connection, opened.layout, opened.table) and opened.rewrite:
            opened = opened.rewrite()
            rows.load_rows(connection, opened.layout, opened.table)
        cleaned = lines.clean_amounts(connection, opened.layout, skipped=opened.total_rows)
        unreadable = _drop_remarks(opened, cleaned.unreadable)
        unreadable += lines.match_waybills(connection, opened.layout)
        blank = _count_blank(opened, [row for row, has_text in cleaned.silent if not has_text])
        figures = judging.sum_statement(connection, rows=cleaned.rows - blank)
        items = judging.judge(connection, opened.layout, find_card=find_card)
    return Reconciliation(
        courier=courier,
        period=period,
        statement=figures,
        expected_fen=expected_fen,
        matched=figures.waybills - len({item.waybill for item in items if item.rows}),
        by_reason=rules.sum_by_reason(items),
        items=items,
        unreadable=sorted(unreadable),
        layout=opened.layout,
        hidden_rows=opened.hidden_rows,
        hidden_sheets=opened.hidden_sheets,
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let Python's search for cycles rest: hundreds of thousands of tuples are made, none in a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _gather(faults: list[Fault], step: Callable[[], _Made]) -> _Made | None:
    """Run a step; keep the faults of a refusal, so that those of every file are said together."""
    try:
        return step()
    except BadInput as refusal:
        faults.extend(refusal.faults)
        return None


def _card_finder(rates: Path, *, courier: str) -> FindCard:
    """Read the rate cards and give a way to find the courier's card for a province as written and a day."""
    cards = read_rate_cards(rates)
    own = [card for card in cards if card.courier == courier]
    if not own:
        known = ", ".join(sorted({card.courier for card in cards}))
        raise BadInput([Fault(f"{rates}:1", f"no rate card of courier {courier!r}; expected one of {known}")])

    plain_province = cache(rate_rules.plain_province)

    @cache
    def find_plain(province: str, on: date) -> RateCard | None:
        return rate_rules.find_card(own, courier=courier, province=province, on=on)

    def find_card(province: str, on: date) -> RateCard | None:
        return find_plain(plain_province(province), on)

    return find_card


def _drop_remarks(opened: OpenedStatement, unreadable: Sequence[Unreadable]) -> list[Unreadable]:
    """Leave out rows that are no charges after all: remarks under an amount, the header printed again."""
    at, header_row = opened.layout.waybill.at, opened.layout.header_row
    cells_of = opened.cells_of([header_row, *(row for row, _ in unreadable)])
    header = cells_of[header_row]

    def is_charge(row: int) -> bool:
        cells = cells_of[row]
        waybill = cells[at] if at < len(cells) else ""
        return not rules.is_header_again(cells, header) and not rules.is_remark(cells, waybill=waybill)

    return [found for found in unreadable if is_charge(found.row)]


def _count_blank(opened: OpenedStatement, numbers: Sequence[int]) -> int:
    return sum(all(map(is_blank, cells)) for cells in opened.cells_of(numbers).values())
