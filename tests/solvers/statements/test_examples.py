"""The two public examples come out exactly."""

import json
from pathlib import Path
from typing import Any

import pytest

from logistics.statements.result import result_json
from logistics.statements.service import reconcile

EXAMPLES = Path(__file__).parent / "examples"


def comparable(result: dict[str, Any]) -> dict[str, Any]:
    """Make the order of items and the wording of `why` free, as the contract says."""
    items = sorted(json.dumps(item, ensure_ascii=False, sort_keys=True) for item in result["items"])
    unreadable = [row["row"] for row in result["unreadable"]]
    return {**result, "items": items, "unreadable": unreadable}


@pytest.mark.parametrize(("name", "file"), [("a", "statement.csv"), ("b", "statement.xlsx")])
def test_example_comes_out_exactly(name: str, file: str) -> None:
    folder = EXAMPLES / name

    reconciliation = reconcile(
        waybills=folder / "waybills.csv",
        rates=folder / "rates.csv",
        statement=folder / file,
        courier="中通",
        period="2026-10",
    )

    expected = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert comparable(json.loads(result_json(reconciliation))) == comparable(expected)
    assert reconciliation.needs_attention is (name == "b")
