"""The command that runs the relay."""

import asyncio
import signal
from collections.abc import Sequence

import click

from county import config, process
from county.operations import ports
from county.room import Room
from livestream.room.relay import Relay


@click.command("relay")
@click.pass_obj
def relay_command(rooms: Sequence[Room]) -> None:
    """Send live events to viewers until SIGINT or SIGTERM."""
    settings = config.load()
    ports.require_free(settings.bind, {"relay": settings.relay_port})
    process.connect(settings, rooms)
    asyncio.run(_serve(settings))


async def _serve(settings: config.Settings) -> None:
    relay = Relay(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, relay.stop)
    await relay.run()
