"""The job that reads an uploaded statement against our records."""

from datetime import datetime
from typing import Any
from uuid import UUID

from county import clock, config, database
from county.errors import N_, BadInput
from logistics.settlements import service
from logistics.settlements.types import Findings

NO_CARDS = N_("There is no rate card of this courier yet, so nothing can be compared.")


def reconcile_statement(payload: dict[str, Any], now: datetime) -> None:
    """Read one statement: facts in one transaction, the reading outside, the findings in another."""
    statement_id, sha256 = UUID(payload["statement_id"]), str(payload["sha256"])
    with database.reading() as db:
        statement = service.get_statement(db, statement_id=statement_id)
        sent = service.parcels_sent(db, carrier=statement.carrier)
        cards = service.cards_of(db, carrier=statement.carrier)
    folder = config.load().instance / "files"
    path = service.statement_path(folder, sha256=sha256, name=statement.file_name)
    findings: Findings | None = None
    why = ""
    if not cards:
        why = NO_CARDS
    else:
        try:
            findings = service.reconcile_file(
                path, period=statement.period, carrier=statement.carrier, sent=sent, cards=cards
            )
        except BadInput as refusal:
            why = "; ".join(fault.what for fault in refusal.faults[:5])
    with database.transaction() as db:
        service.record_findings(
            db, statement_id=statement_id, sha256=sha256, findings=findings, why=why, now=clock.now()
        )
