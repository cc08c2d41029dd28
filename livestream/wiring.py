"""What the livestream room offers to the front door."""

from county.config import Settings
from county.room import Handler, Room


def connect(settings: Settings) -> None:
    """Wire the room into the floors below: the shop's question about commissions."""
    # Here and not above, so that commands without pages start without the web's modules.
    from county.config import make_secret_key
    from livestream.attribution import service as attribution
    from shop.checkout import service as checkout

    desk = attribution.Attribution(make_secret_key(settings))
    attribution.wire_attribution(desk)
    checkout.wire_attribution(desk)


ROOM = Room(
    name="livestream",
    commands={"livestream plan": "livestream.planner.cli:plan_command"},
    handlers=(
        Handler(event="shop.orders.types:OrderPaid", does="livestream.attribution.handlers:on_order_paid"),
        Handler(
            event="shop.orders.types:OrderCompleted",
            does="livestream.attribution.handlers:on_order_completed",
        ),
    ),
    tables=(
        "livestream.roster.tables",
        "livestream.studios.tables",
        "livestream.sessions.tables",
        "livestream.attribution.tables",
    ),
    connect=connect,
)
