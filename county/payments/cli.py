"""The command that runs the pretend Alipay."""

import click
from flask import Flask

from county import config
from county.operations import ports, server
from county.payments import keys
from county.payments.simulator import create_simulator


@click.command("simulator")
def simulator_command() -> None:
    """Serve a pretend Alipay for the demo and for tests; never in service."""
    settings = config.load()
    keys.make_demo_keys(settings)
    ports.require_free("127.0.0.1", {"simulator": settings.simulator_port})
    server.serve(
        application="county.payments.cli:make_simulator",
        host="127.0.0.1",
        port=settings.simulator_port,
        workers=1,
        threads=8,
    )


def make_simulator() -> Flask:
    """Make the simulator from the settings of this process; granian calls this in its worker."""
    return create_simulator(config.load())
