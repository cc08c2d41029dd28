"""The command `logistics reconcile`."""

from collections.abc import Callable
from pathlib import Path

import click

from county import outputs
from county.errors import BadInput, Fault
from county.money import format_yuan
from county.outputs import counted
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
    outputs.require_places({"--out": out, "--report": report}, inputs=(waybills, rates, statement))
    if report is not None and report.suffix.casefold() != ".xlsx":
        what = "--report has another ending; expected a name that ends in .xlsx"
        raise BadInput([Fault(f"{report}:1", what)])
    # DuckDB takes a moment to load: `--help` and misspelt options answer before that.
    from logistics.statements import service
    from logistics.statements.result import result_json

    reconciliation = service.reconcile(
        waybills=waybills, rates=rates, statement=statement, courier=courier.strip(), period=period.strip()
    )
    text = result_json(reconciliation)
    files: dict[Path, Callable[[Path], None]] = {out: lambda beside: _write_text(beside, text)}
    if report is not None:
        from logistics.statements.report import write_report

        files[report] = lambda beside: write_report(beside, reconciliation, statement=statement)
    outputs.write_files(files)
    _tell(reconciliation, statement=statement)
    if reconciliation.needs_attention:
        context.exit(1)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _tell(reconciliation: Reconciliation, *, statement: Path) -> None:
    figures = reconciliation.statement
    click.echo(
        f"{counted(figures.lines, 'line')}, {counted(figures.waybills, 'waybill')},"
        f" charged {format_yuan(figures.charged_fen)} yuan,"
        f" expected {format_yuan(reconciliation.expected_fen)},"
        f" {counted(reconciliation.matched, 'waybill')} as expected"
    )
    for reason, totals in reconciliation.by_reason.items():
        over, under = format_yuan(totals.over_fen), format_yuan(totals.under_fen)
        click.echo(
            f"{reason.value:16} {counted(totals.waybills, 'waybill'):>17}  over {over:>12}  under {under:>12}"
        )
    read = ", ".join(
        f"{column.heading!r} as {column.field.value}" for column in reconciliation.layout.columns
    )
    click.echo(f"read on row {reconciliation.layout.header_row}: {read}")
    if hidden := len(reconciliation.hidden_rows):
        click.echo(f"hidden in the file, but read like the others: {counted(hidden, 'row')}")
    if reconciliation.hidden_sheets:
        click.echo(f"hidden sheets, not read: {', '.join(reconciliation.hidden_sheets)}")
    if reconciliation.unreadable:
        click.echo(f"could not be read, needs attention: {counted(len(reconciliation.unreadable), 'row')}")
    for row, why in reconciliation.unreadable[:20]:
        click.echo(f"{statement}:{row}: {why}")
    if len(reconciliation.unreadable) > 20:
        click.echo(f"and {len(reconciliation.unreadable) - 20} more, all in the result")
