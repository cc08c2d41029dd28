"""Collects the codes of refusals and writes docs/errors.md: `python -m tests.house.codes`."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.reading import ROOT, Source, project

DOCUMENT = ROOT / "docs" / "errors.md"
_HEAD = """# Errors

Every refusal carries a stable `code`. The API answers `{"code", "message", "fields"}` with the status below;
pages say the sentence in the visitor's language; commands print it and end with 2. `{…}` stands for a fact of
the case. Anything without a code is our own mistake: a 500 with a reference number.

This file is written by `python -m tests.house.codes` and checked by the house tests.

| code | status | says | defined in |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Code:
    """One refusal: its code, HTTP status, English sentence and the file that defines it."""

    code: str
    status: int
    says: str
    path: str


def codes_in(source: Source) -> Iterator[Code]:
    """List the refusals that a file defines: classes that set `code` and `says`."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        values = dict(_constants(node))
        if isinstance(values.get("code"), str):
            status, says = values.get("status", 409), values.get("says", "")
            yield Code(str(values["code"]), int(status), str(says), source.path)


def literal_codes_in(source: Source) -> Iterator[tuple[int, str]]:
    """List codes written straight into an answer: dicts with both "code" and "message"."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Dict):
            keys = {
                each.value: value
                for each, value in zip(node.keys, node.values, strict=True)
                if _is_text(each)
            }
            if {"code", "message"} <= keys.keys() and _is_text(keys["code"]):
                yield node.lineno, keys["code"].value


def all_codes() -> list[Code]:
    """List every refusal of the project, sorted by code."""
    return sorted((code for source in product() for code in codes_in(source)), key=lambda each: each.code)


def product() -> Iterable[Source]:
    """Read the product's Python files."""
    return [source for source in project() if source.is_product and source.parses]


def document(codes: Iterable[Code]) -> str:
    """Write the document."""
    rows = [f"| `{each.code}` | {each.status} | {each.says} | `{each.path}` |" for each in codes]
    return _HEAD + "\n".join(rows) + "\n"


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _constants(node: ast.ClassDef) -> Iterator[tuple[str, object]]:
    for each in node.body:
        targets = (
            each.targets
            if isinstance(each, ast.Assign)
            else [each.target]
            if isinstance(each, ast.AnnAssign)
            else []
        )
        value = getattr(each, "value", None)
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "N_":
            value = value.args[0]
        if targets and isinstance(value, ast.Constant | ast.JoinedStr | ast.BinOp):
            try:
                yield ast.unparse(targets[0]), ast.literal_eval(value)
            except ValueError:
                continue


if __name__ == "__main__":
    Path(DOCUMENT).write_text(document(all_codes()), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.relative_to(ROOT)} written\n")
