"""Writes a reconciliation down as result.json, the public face of `logistics reconcile`."""

import json
from typing import Any

from logistics.statements.types import Reconciliation


def result_of(reconciliation: Reconciliation) -> dict[str, Any]:
    """Give a reconciliation as the plain values of result.json, without items and unreadable rows."""
    figures = reconciliation.statement
    return {
        "courier": reconciliation.courier,
        "period": reconciliation.period,
        "statement": {
            "rows": figures.rows,
            "lines": figures.lines,
            "waybills": figures.waybills,
            "charged_fen": figures.charged_fen,
        },
        "expected_fen": reconciliation.expected_fen,
        "matched": reconciliation.matched,
        "by_reason": {
            reason.value: {
                "waybills": totals.waybills,
                "over_fen": totals.over_fen,
                "under_fen": totals.under_fen,
            }
            for reason, totals in reconciliation.by_reason.items()
        },
    }


def result_json(reconciliation: Reconciliation) -> str:
    """Write result.json, one item a line so that people and diff tools can read it."""
    head = json.dumps(result_of(reconciliation), ensure_ascii=False, indent=1)
    write = json.JSONEncoder(ensure_ascii=False).encode
    items = [
        f'{{"waybill": {write(number)}, "reason": "{reason}", "charged_fen": {charged_fen},'
        f' "expected_fen": {expected_fen}, "rows": {list(rows)}}}'
        for number, reason, charged_fen, expected_fen, rows in reconciliation.items
    ]
    unreadable = [write({"row": row, "why": why}) for row, why in reconciliation.unreadable]
    return f'{head[:-2]},\n "items": {_list(items)},\n "unreadable": {_list(unreadable)}\n}}\n'


def _list(entries: list[str]) -> str:
    return "[\n  " + ",\n  ".join(entries) + "\n ]" if entries else "[]"
