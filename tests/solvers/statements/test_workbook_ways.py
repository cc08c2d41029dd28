"""Workbooks read in bulk and through their values are judged alike, row by row and word by word."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.statements.make import COURIER, PERIOD
from benchmarks.statements.render import Files, write_case_files
from county.sheets.columns import read_columns
from logistics.statements.parsers import workbook
from logistics.statements.result import result_json
from logistics.statements.service import reconcile
from tests.solvers.statements.test_random_statements import any_layout
from tests.solvers.statements.wild import WildMaker


def result_of(files: Files) -> str:
    return result_json(
        reconcile(
            waybills=files.waybills,
            rates=files.rates,
            statement=files.statement,
            courier=COURIER,
            period=PERIOD,
        )
    )


def test_both_ways_of_reading_a_workbook_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    def counted(*given: object, **named: object) -> object:
        taken.append(read_columns(*given, **named))  # type: ignore[arg-type]
        return taken[-1]

    for seed in range(2_000, 2_015):
        layout = replace(any_layout(seed), format="xlsx", broken_rows=random.Random(seed).choice((0, 6)))
        files = write_case_files(
            tmp_path / str(seed), maker=WildMaker(seed=seed, faults=0.3), count=60, layout=layout
        )

        monkeypatch.setattr(workbook, "read_columns", counted)
        in_bulk = result_of(files)
        monkeypatch.setattr(workbook, "read_columns", lambda *given, **named: None)
        by_value = result_of(files)

        assert in_bulk == by_value, f"seed {seed}, {layout}"
    assert all(taken) and len(taken) == 15
