"""What the logistics room offers to the front door."""

from county.config import Settings
from county.errors import N_
from county.room import Invariant, JobKind, Room


def connect(settings: Settings) -> None:
    """Offer the room's places to the navigation."""
    # Here and not above, so that commands without pages start without the web's modules.
    from county.files import service as files
    from county.web.places import Place, offer
    from logistics.mishaps import service as mishaps

    files.offer("mishaps", mishaps.find_sight)
    room = N_("Logistics")
    clerks = ("courier_clerk", "hub_clerk", "association_admin")
    offer(
        Place("hub.show_hub", N_("Hub"), "scan", ("hub_clerk",), in_bar=1, room=room),
        Place("intake.show_intake", N_("Daily files"), "upload", (*clerks, "auditor"), in_bar=2, room=room),
        Place("feeds.show_feeds", N_("Events on the road"), "clock", clerks, room=room),
        Place(
            "settlements.list_statements",
            N_("Statements"),
            "ledger",
            ("courier_clerk", "association_admin", "auditor"),
            room=room,
        ),
        Place(
            "netting.list_periods",
            N_("Settlement"),
            "scale",
            ("courier_clerk", "association_admin", "auditor"),
            room=room,
        ),
        Place(
            "tours.list_tours",
            N_("Joint tours"),
            "truck",
            ("hub_clerk", "association_admin", "auditor"),
            room=room,
        ),
        Place("driving.show_driving", N_("Next stop"), "pin", ("driver",), in_bar=1, room=room),
        Place("driving.show_stops", N_("My stops"), "list", ("driver",), in_bar=2, room=room),
        Place("proofs.show_station", N_("At my station"), "box", ("station_keeper",), in_bar=1, room=room),
        Place("hub.list_parcels", N_("Parcels"), "box", (*clerks, "auditor"), in_bar=3, room=room),
    )


ROOM = Room(
    name="logistics",
    blueprints=(
        "logistics.intake.pages:pages",
        "logistics.hub.pages:pages",
        "logistics.feeds.pages:pages",
        "logistics.tours.pages.desk:pages",
        "logistics.tours.pages.driver:pages",
        "logistics.proofs.pages:pages",
        "logistics.mishaps.pages:pages",
        "logistics.settlements.pages:pages",
        "logistics.netting.pages:pages",
    ),
    commands={
        "logistics plan": "logistics.routes.cli:plan_command",
        "logistics allocate": "logistics.allocation.cli:allocate_command",
        "logistics reconcile": "logistics.statements.cli:reconcile_command",
    },
    tables=(
        "logistics.carriers.tables",
        "logistics.stations.tables",
        "logistics.parcels.tables",
        "logistics.tracking.tables",
        "logistics.rates.tables",
        "logistics.intake.tables",
        "logistics.tours.tables",
        "logistics.proofs.tables",
        "logistics.settlements.tables",
        "logistics.netting.tables",
    ),
    jobs=(
        JobKind(kind="plan_tour", does="logistics.tours.jobs:plan_tour", outside=True),
        JobKind(
            kind="reconcile_statement", does="logistics.settlements.jobs:reconcile_statement", outside=True
        ),
        JobKind(kind="net_period", does="logistics.netting.jobs:net_period", outside=True),
    ),
    invariants=(
        Invariant(
            "no parcel waits on two live trips",
            "SELECT l.parcel_no FROM logistics_tour_line l WHERE l.state = 'waiting' "
            "GROUP BY l.parcel_no HAVING COUNT(*) > 1",
        ),
        Invariant(
            "parcels wait only on tours that still run",
            "SELECT t.number, l.parcel_no FROM logistics_tour_line l "
            "JOIN logistics_tour t ON t.id = l.tour_id "
            "WHERE l.state = 'waiting' AND t.state NOT IN ('draft', 'published')",
        ),
        Invariant(
            "parcels handed out have a delivery on record",
            "SELECT h.parcel_no FROM logistics_handover h WHERE NOT EXISTS (SELECT 1 FROM "
            "logistics_tracking_event e WHERE e.parcel_no = h.parcel_no AND e.kind = 'collected')",
        ),
        Invariant(
            "parcels that moved have an event",
            "SELECT p.parcel_no FROM logistics_parcel p WHERE p.state <> 'pending' AND NOT EXISTS "
            "(SELECT 1 FROM logistics_tracking_event e WHERE e.parcel_no = p.parcel_no)",
        ),
        Invariant(
            "parcels lie at a station that exists",
            "SELECT p.parcel_no FROM logistics_parcel p LEFT JOIN logistics_station s ON s.code = p.station "
            "WHERE s.code IS NULL",
        ),
        Invariant(
            "closed months are booked in full",
            "SELECT p.name FROM logistics_period p WHERE p.state = 'closed' AND NOT EXISTS "
            "(SELECT 1 FROM county_entry e WHERE e.key = 'net:' || p.name)",
        ),
        Invariant(
            "shares of a month add up to its joint tours",
            "SELECT p.name FROM logistics_period p LEFT JOIN logistics_period_party l ON l.period = p.name "
            "WHERE p.state <> 'open' GROUP BY p.name, p.cost_fen "
            "HAVING COALESCE(SUM(l.share_fen), 0) <> p.cost_fen",
        ),
    ),
    seeds="logistics.seeds:seed",
    connect=connect,
)
