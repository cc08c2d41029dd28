"""What the logistics room offers to the front door."""

from county.room import Room

ROOM = Room(
    name="logistics",
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
    ),
)
