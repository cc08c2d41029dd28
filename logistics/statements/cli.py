"""The command `logistics reconcile`."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from county.errors import BadInput, Fault
from county.money import format_yuan
from logistics.statements.types import Reconciliation


@click.command("reconcile")
@click.option("--waybills", required=True, type=click.Path(path_type=Path), help="our waybills.csv")
@click.option("--rates", required=True, type=click.Path(path_type=Path), help="rates.csv")
@click.option(
    "--statement", required=True, type=click.Path(path_type=Path), help="the courier's .csv or .xlsx"
)
@click.option("--courier", required=True, help="the courier's name in waybills.csv and rates.csv")
@click.option("--period", required=True, help="the month, such as 2026-10")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="where result.json goes")
@click.option("--report", type=click.Path(path_type=Path), help="also an .xlsx in the courier's own layout")
@click.pass_context
def reconcile_command(
    context: click.Context,
    waybills: Path,
    rates: Path,
    statement: Path,
    courier: str,
    period: str,
    out: Path,
    report: Path | None,
) -> None:
    """Compare a courier's statement with our waybills and say every difference with its reason."""
    inputs = (waybills, rates, statement)
    _check_places(out, report, inputs=inputs)
    # DuckDB takes a moment to load: `--help` and misspelt options answer before that.
    from logistics.statements import service
    from logistics.statements.result import result_json

    reconciliation = service.reconcile(
        waybills=waybills, rates=rates, statement=statement, courier=courier.strip(), period=period.strip()
    )
    text = result_json(reconciliation)
    if report is None:
        _write_all({out: lambda beside: _write_text(beside, text)})
    else:
        from logistics.statements.report import write_report

        _write_all(
            {
                out: lambda beside: _write_text(beside, text),
                report: lambda beside: write_report(beside, reconciliation, statement=statement),
            }
        )
    _tell(reconciliation, statement=statement)
    if reconciliation.needs_attention:
        context.exit(1)


def _check_places(out: Path, report: Path | None, *, inputs: tuple[Path, ...]) -> None:
    faults = []
    for option, place in (("--out", out), ("--report", report)):
        if place is None:
            continue
        if place.is_dir() or not place.parent.is_dir():
            faults.append(
                Fault(
                    f"{place}:1", f"{option} cannot be written there; expected a file in a folder that exists"
                )
            )
        elif any(place.exists() and given.exists() and place.samefile(given) for given in inputs):
            faults.append(
                Fault(f"{place}:1", f"{option} is one of the files to read; expected a file of its own")
            )
    if report is not None and report.suffix.casefold() != ".xlsx":
        faults.append(Fault(f"{report}:1", "--report has another ending; expected a name that ends in .xlsx"))
    if report is not None and report.absolute() == out.absolute():
        faults.append(Fault(f"{report}:1", "--report and --out are the same file; expected two"))
    if faults:
        raise BadInput(faults)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _write_all(files: dict[Path, Callable[[Path], None]]) -> None:
    """Write every file beside its place first, so that a failure leaves all places as they were."""
    done: list[tuple[Path, Path]] = []
    try:
        for place, write in files.items():
            handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=place.suffix)
            os.close(handle)
            done.append((Path(name), place))
            write(Path(name))
            Path(name).chmod(0o644)
        for beside, place in done:
            os.replace(beside, place)
    finally:
        for beside, _ in done:
            beside.unlink(missing_ok=True)


def _tell(reconciliation: Reconciliation, *, statement: Path) -> None:
    figures = reconciliation.statement
    click.echo(
        f"{figures.lines} lines, {figures.waybills} waybills,"
        f" charged {format_yuan(figures.charged_fen)} yuan,"
        f" expected {format_yuan(reconciliation.expected_fen)},"
        f" {reconciliation.matched} waybills match"
    )
    for reason, totals in reconciliation.by_reason.items():
        over, under = format_yuan(totals.over_fen), format_yuan(totals.under_fen)
        click.echo(f"{reason.value:16} {totals.waybills:8} waybills  over {over:>12}  under {under:>12}")
    read = ", ".join(
        f"{column.heading!r} as {column.field.value}" for column in reconciliation.layout.columns
    )
    click.echo(f"read on row {reconciliation.layout.header_row}: {read}")
    if reconciliation.hidden_rows:
        click.echo(
            f"{len(reconciliation.hidden_rows)} rows are hidden in the file; they were read like the others"
        )
    if reconciliation.hidden_sheets:
        click.echo(f"hidden sheets, not read: {', '.join(reconciliation.hidden_sheets)}")
    if reconciliation.unreadable:
        click.echo(f"{len(reconciliation.unreadable)} rows could not be read and need attention:")
    for row, why in reconciliation.unreadable[:20]:
        click.echo(f"{statement}:{row}: {why}")
    if len(reconciliation.unreadable) > 20:
        click.echo(f"and {len(reconciliation.unreadable) - 20} more, all in the result")
