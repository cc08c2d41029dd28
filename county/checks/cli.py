"""The commands with which an auditor looks at the house."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from county import config, database
from county.checks import heads, service
from county.checks.jobs import database_name
from county.errors import BadInput, Fault
from county.operations.backup import restore_epoch
from county.outputs import counted
from county.room import Room


@click.command()
@click.pass_obj
def invariants_command(rooms: Sequence[Room]) -> int:
    """Check what must always hold; exit 1 and show the rows that break it otherwise."""
    broken = 0
    with _reading(config.load()) as db:
        wanted = [invariant for room in rooms for invariant in room.invariants]
        for finding in service.check_invariants(db, invariants=wanted):
            if finding.holds:
                click.echo(f"holds   {finding.name}")
                continue
            broken += 1
            click.echo(f"BROKEN  {finding.name}: {counted(finding.count, 'row')}")
            for row in finding.rows:
                click.echo("        " + "\t".join(str(value) for value in row))
    return 1 if broken else 0


@click.command()
def audit_verify_command() -> int:
    """Recompute the hash chains of the log and of the ledger; exit 1 when something does not fit."""
    settings = config.load()
    database.connect(settings.database_url)
    written = heads.read_heads(
        settings.instance / heads.NAME, database=database_name(), restores=restore_epoch(settings.instance)
    )
    with _reading(settings) as db:
        states = service.verify_chains(db, heads=written)
    for state in states:
        compared = len(written.get(state.chain, {}))
        click.echo(
            f"{state.chain}: {state.seals} seals, {compared} heads compared, {len(state.faults)} faults"
            + (f", head {state.head}" if state.head else "")
        )
        for fault in state.faults:
            click.echo(f"  {fault}")
    return 1 if any(state.faults for state in states) else 0


@contextmanager
def _reading(settings: config.Settings) -> Iterator[Session]:
    database.connect(settings.database_url)
    try:
        with database.reading() as db:
            yield db
    except (OperationalError, ProgrammingError) as error:
        said = str(error.orig).strip().splitlines()[0]
        what = f"the database cannot be read; is it migrated? It says: {said}"
        raise BadInput([Fault("SHANHUO_DATABASE_URL", what)]) from None
