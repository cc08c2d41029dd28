"""Prepares a process for its work: its clock, its database, its rooms and its payment provider."""

from collections.abc import Sequence

from county import clock, config, database
from county.room import Room, load


def connect(settings: config.Settings, rooms: Sequence[Room]) -> None:
    """Connect this process to everything its settings name; web, clerk and commands call this once."""
    from county.payments import alipay

    clock.follow_offset_file(settings.clock_file)
    database.connect(settings.database_url)
    connect_rooms(rooms, settings)
    alipay.connect(settings)


def connect_rooms(rooms: Sequence[Room], settings: config.Settings) -> None:
    """Load the tables of all rooms, wire their questions and install their handlers and jobs."""
    from county.jobs import service as jobs
    from county.outbox import service as outbox

    load_tables(rooms)
    for room in rooms:
        if room.connect is not None:
            room.connect(settings)
    jobs.install([kind for room in rooms for kind in room.jobs])
    outbox.install([handler for room in rooms for handler in room.handlers])


def load_tables(rooms: Sequence[Room]) -> None:
    """Import every table of every room, so that the metadata holds the whole schema."""
    for room in rooms:
        for module in room.tables:
            load(module)
