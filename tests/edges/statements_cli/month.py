"""A small sound month as texts, to be spoilt one place at a time, and the command run on it."""

import contextlib
import io
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import click
from openpyxl import Workbook

from county.errors import BadInput
from logistics.statements.cli import reconcile_command

WAYBILLS = (
    "waybill,courier,picked_up_on,province,weight_g,volume_cm3,cod_fen,status\n"
    "7800000000001,中通,2026-10-03,广东,1800,900,0,delivered\n"
    "7800000000002,中通,2026-10-05,陕西,900,100,12000,delivered\n"
    "7800000000003,圆通,2026-10-05,陕西,900,100,0,delivered\n"
)
RATES = (
    "courier,zone,provinces,first_g,first_fen,step_g,step_fen,volumetric_divisor,round_g,valid_from,valid_to\n"
    "中通,近区,陕西|四川,1000,400,1000,110,12000,100,2026-01-01,2026-12-31\n"
    "中通,其他,*,1000,700,1000,330,6000,100,2026-01-01,2026-12-31\n"
)
STATEMENT = (
    "中通快递 2026年10月 对账单,,,,\n"
    "运单号,目的省份,计费重量(kg),运费(元),代收货款\n"
    "7800000000001,广东,1.8,10.30,\n"
    "7800000000002,陕西,0.9,4.00,120.00\n"
    "合计,,,14.30,120.00\n"
)


@dataclass(frozen=True)
class Run:
    """What one run of the command said and wrote."""

    code: int
    out: str
    err: list[str]
    folder: Path

    @property
    def result(self) -> dict[str, Any]:
        """Read result.json."""
        result: dict[str, Any] = json.loads((self.folder / "result.json").read_text(encoding="utf-8"))
        return result

    @property
    def written(self) -> list[str]:
        """List what stands in the folder besides the input."""
        given = {"waybills.csv", "rates.csv", "statement.csv", "statement.xlsx"}
        return sorted(path.name for path in self.folder.iterdir() if path.name not in given)


def write_month(folder: Path, **changed: str | bytes) -> None:
    """Write the sound month; `waybills=`, `rates=` and `statement=` replace one file."""
    for name, text in {"waybills": WAYBILLS, "rates": RATES, "statement": STATEMENT}.items():
        content = changed.get(name, text)
        (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())


def run_reconcile(folder: Path, *more: str, statement: str = "statement.csv", **options: str) -> Run:
    """Run the command inside a folder, with the exit codes of the front door."""
    settings = {
        "courier": "中通",
        "period": "2026-10",
        "out": "result.json",
        "report": "report.xlsx",
    } | options
    arguments = ["--waybills", "waybills.csv", "--rates", "rates.csv", "--statement", statement]
    arguments += [word for name, value in settings.items() if value for word in (f"--{name}", value)]
    out, before = io.StringIO(), Path.cwd()
    try:
        os.chdir(folder)
        with contextlib.redirect_stdout(out):
            code = reconcile_command.main([*arguments, *more], standalone_mode=False)
    except BadInput as refusal:
        return Run(2, out.getvalue(), [str(fault) for fault in refusal.faults], folder)
    except click.ClickException as error:
        return Run(2, out.getvalue(), [error.format_message()], folder)
    finally:
        os.chdir(before)
    return Run(code or 0, out.getvalue(), [], folder)


def workbook(path: Path, rows: list[list[Any]], **settings: Any) -> None:
    """Write rows as the first sheet of a workbook; `merged` is a range, `hidden` a row number."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if "merged" in settings:
        sheet.merge_cells(settings["merged"])
    if "hidden" in settings:
        sheet.row_dimensions[settings["hidden"]].hidden = True
    if "hidden_sheet" in settings:
        book.create_sheet(settings["hidden_sheet"]).sheet_state = "hidden"
    book.save(path)


def patched_part(path: Path, part: str, change: Any) -> None:
    """Change one part of a workbook in place."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def failing(target: str) -> Any:
    """Let a function fail as a full disk would."""
    return mock.patch(target, side_effect=OSError(28, "No space left on device"))
