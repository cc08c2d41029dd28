"""The command that runs a clerk."""

import logging
import os
import signal
import sys
from collections.abc import Sequence

import click

from county import config, process
from county.checks import service as checks
from county.clerk.leader import leader_lock
from county.clerk.work import Clerk
from county.room import Room


@click.command()
@click.pass_obj
def clerk_command(rooms: Sequence[Room]) -> None:
    """Ring the bells and work the outbox and due jobs until stopped."""
    run_clerk(config.load(), rooms)


def run_clerk(settings: config.Settings, rooms: Sequence[Room]) -> None:
    """Run a clerk in this process until SIGTERM or SIGINT."""
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # It warns whenever a bell is still being rung, which is no trouble here.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    process.connect(settings, rooms)
    checks.install(invariant for room in rooms for invariant in room.invariants)
    clerk = Clerk(
        [bell for room in rooms for bell in room.bells],
        lock=leader_lock(settings.database_url, instance=settings.instance),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: clerk.stop())
    logging.getLogger("shanhuo.clerk").info("clerk works")
    clerk.run()
    logging.shutdown()
    sys.stdout.flush()
    # A slow bell or outside call would keep the process; the next clerk does their work again.
    os._exit(0)
