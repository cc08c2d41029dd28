"""Loads the demo county: each room's seeds, ground floor first, each in one transaction."""

from collections.abc import Sequence

import click

from county import clock, config, database, process
from county.errors import BadInput, Fault
from county.people import service as people
from county.room import Room, load


@click.command("seed")
@click.pass_obj
def seed_command(rooms: Sequence[Room]) -> None:
    """Load the demo county into an empty database; needs SHANHUO_DEMO=1."""
    settings = config.load()
    if not settings.demo:
        raise BadInput([Fault("SHANHUO_DEMO", "is 0; demo accounts exist only with SHANHUO_DEMO=1")])
    process.connect(settings, rooms)
    seed(settings, rooms)
    click.echo("the demo county is loaded")


def seed(settings: config.Settings, rooms: Sequence[Room]) -> None:
    """Load every room's demo data into the connected database.

    Refuses: `BadInput` when somebody lives in the county already; then nothing is changed.
    """
    with database.reading() as db:
        if people.has_anybody(db):
            raise BadInput(
                [Fault("database", "is not empty; the demo county is only loaded into an empty one")]
            )
    now = clock.now()
    for room in rooms:
        if room.seeds is not None:
            load(room.seeds)(settings, now=now)
