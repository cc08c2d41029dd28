"""What the livestream room offers to the front door."""

from county.config import Settings
from county.errors import N_
from county.room import Handler, Invariant, Room


def connect(settings: Settings) -> None:
    """Wire the room into the floors below: the shop's question about commissions, the navigation."""
    # Here and not above, so that commands without pages start without the web's modules.
    from county.config import make_secret_key
    from county.web import places
    from livestream.attribution import service as attribution
    from shop.checkout import service as checkout

    desk = attribution.Attribution(make_secret_key(settings))
    attribution.wire_attribution(desk)
    checkout.wire_attribution(desk)
    live = N_("Live")
    association = ("association_admin", "auditor")
    places.offer(
        places.Place(
            "sessions.list_upcoming", live, "live", ("visitor", "buyer", "streamer"), in_bar=2, room=live
        ),
        places.Place("sessions.list_own", N_("My live hours"), "live", ("farmer",), room=live),
        places.Place("room.list_sessions", N_("My sessions"), "studio", ("streamer",), in_bar=1, room=live),
        places.Place(
            "attribution.show_commissions",
            N_("Earnings"),
            "money",
            ("streamer",),
            in_bar=3,
            room=live,
        ),
        places.Place("sessions.show_calendar", N_("Live hours"), "live", association, room=live),
    )


ROOM = Room(
    name="livestream",
    blueprints=(
        "livestream.sessions.pages:pages",
        "livestream.attribution.pages:pages",
        "livestream.room.pages:pages",
    ),
    commands={
        "livestream plan": "livestream.planner.cli:plan_command",
        "relay": "livestream.room.cli:relay_command",
    },
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
        "livestream.room.tables",
    ),
    invariants=(
        Invariant(
            "no streamer or studio is booked twice",
            "SELECT a.number, b.number FROM livestream_session a JOIN livestream_session b ON a.id < b.id "
            "AND (a.streamer_id = b.streamer_id OR a.studio_id = b.studio_id) "
            "AND a.start_at < b.end_at AND b.start_at < a.end_at "
            "WHERE a.state IN ('confirmed', 'live') AND b.state IN ('confirmed', 'live')",
        ),
        Invariant(
            "live events are numbered without gaps",
            "SELECT c.session_id FROM livestream_counter c LEFT JOIN livestream_event e "
            "ON e.session_id = c.session_id GROUP BY c.session_id, c.last "
            "HAVING COUNT(e.number) <> c.last OR MAX(e.number) <> c.last",
        ),
        Invariant(
            "attributed sales were promised to their streamer",
            "SELECT s.order_no FROM livestream_attributed_sale s WHERE s.commission_fen <> "
            "(SELECT COALESCE(SUM(p.fen), 0) FROM shop_order_split p JOIN shop_order o ON o.id = p.order_id "
            "WHERE o.number = s.order_no AND p.payee = 'streamer' AND p.payee_id = s.streamer_id)",
        ),
    ),
    seeds="livestream.seeds:seed",
    connect=connect,
)
