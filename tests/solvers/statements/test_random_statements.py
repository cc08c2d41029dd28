"""Hundreds of made statements in all formats and layouts, with a known answer and a simple reconciler."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks.statements.make import COURIER, PERIOD, Maker
from benchmarks.statements.render import Files, Layout, Renderer, write_case_files
from logistics.statements.result import result_json
from logistics.statements.service import reconcile
from tests.solvers.statements import reference
from tests.solvers.statements.wild import WildMaker

GROUPS = 11
STATEMENTS_IN_GROUP = 10


def any_layout(seed: int) -> Layout:
    chance = random.Random(seed)
    return Layout(
        seed=seed,
        format=chance.choice(("csv", "csv", "csv", "xlsx")),
        encoding=chance.choice(("utf-8", "utf-8-sig", "gb18030")),
        kinds_in_column=chance.random() < 0.4,
        mess=chance.choice((0.0, 0.3, 0.8)),
        broken_rows=chance.choice((0, 0, 4)),
        blank_rows=chance.choice((0, 0, 3)),
        titles=chance.choice((0, 2, 4)),
    )


def product_result(files: Files) -> dict[str, Any]:
    reconciliation = reconcile(
        waybills=files.waybills,
        rates=files.rates,
        statement=files.statement,
        courier=COURIER,
        period=PERIOD,
    )
    result: dict[str, Any] = json.loads(result_json(reconciliation))
    return {**result, "unreadable": [row["row"] for row in result["unreadable"]]}


def reference_result(files: Files, layout: Layout) -> dict[str, Any]:
    headings = Renderer(layout).headings
    names: dict[str, Any] = {key: headings[key] for key in ("number", "weight", "province", "cod")}
    if layout.kinds_in_column:
        names |= {"kind": headings["kind"], "amount": headings["amount"]}
    else:
        names |= {
            "freight": headings["freight"],
            "others": [headings[k] for k in ("包装费", "保价费", "其他费用")],
        }
    return reference.reconcile(files.waybills, files.rates, files.statement, COURIER, PERIOD, names)


def in_any_order(result: dict[str, Any]) -> dict[str, Any]:
    return {**result, "items": sorted(json.dumps(item, sort_keys=True) for item in result["items"])}


@pytest.mark.parametrize("group", range(GROUPS))
def test_planted_discrepancies_are_found_exactly(tmp_path: Path, group: int) -> None:
    for seed in range(group * STATEMENTS_IN_GROUP, (group + 1) * STATEMENTS_IN_GROUP):
        layout = any_layout(seed)
        faults = random.Random(seed).choice((0.1, 0.4, 0.8))
        files = write_case_files(
            tmp_path / str(seed), maker=Maker(seed=seed, faults=faults), count=40, layout=layout
        )

        result = product_result(files)

        assert in_any_order(result) == in_any_order(files.answer), f"seed {seed}, {layout}"
        assert in_any_order(reference_result(files, layout)) == in_any_order(files.answer), f"seed {seed}"


@pytest.mark.parametrize("group", range(GROUPS))
def test_any_lines_are_judged_like_the_simple_reconciler(tmp_path: Path, group: int) -> None:
    for seed in range(1_000 + group * STATEMENTS_IN_GROUP, 1_000 + (group + 1) * STATEMENTS_IN_GROUP):
        layout = any_layout(seed)
        files = write_case_files(
            tmp_path / str(seed), maker=WildMaker(seed=seed, faults=0.2), count=40, layout=layout
        )

        result = product_result(files)

        assert in_any_order(result) == in_any_order(reference_result(files, layout)), f"seed {seed}, {layout}"
