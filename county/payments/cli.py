"""The command that serves the simulator."""

import click
from flask import Flask

from county import clock, config
from county.operations import ports, server
from county.payments.simulator import create_simulator

THREADS = 8


@click.command()
def simulator_command() -> None:
    """Serve the Alipay simulator: gateway, cashier and controls; never in service."""
    settings = config.load()
    ports.require_free(settings.bind, {"simulator": settings.simulator_port})
    server.serve(
        application="county.payments.cli:make_simulator",
        host=settings.bind,
        port=settings.simulator_port,
        # One process: its clock and its sending thread are one.
        workers=1,
        threads=THREADS,
    )


def make_simulator() -> Flask:
    """Make the simulator's application from this process's settings."""
    settings = config.load()
    clock.follow_offset_file(settings.clock_file)
    return create_simulator(settings)
