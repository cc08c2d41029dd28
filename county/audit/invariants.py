"""What must hold in the log at every moment, as queries that return no row."""

from county.room import Invariant

INVARIANTS = (
    Invariant(
        "audit: every record is sealed",
        "SELECT a.id FROM county_audit a "
        "WHERE NOT EXISTS (SELECT 1 FROM county_audit_seal s WHERE s.audit_id = a.id)",
    ),
)
