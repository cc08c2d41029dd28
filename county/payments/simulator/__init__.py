"""A faithful local Alipay: gateway, cashier, notices and books of its own, for the demo and the tests.

A folder, because a gateway is many small ideas. It shares no code with our adapter, so that the two check
each other: its signing, its reading of requests and its amounts are written a second time on purpose.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from county.config import Settings


def create_simulator(settings: "Settings", *, sends_notices: bool = True) -> "Flask":
    """Make the simulator's WSGI application; see `county.payments.simulator.frame`."""
    from county.payments.simulator.frame import create_simulator as create

    return create(settings, sends_notices=sends_notices)
