"""The daily bells: write the heads of the chains out, and look at everything once a night."""

import logging
from datetime import datetime

from county import config, database
from county.checks import heads, service
from county.operations.backup import restore_epoch

_log = logging.getLogger("shanhuo.checks")


def write_heads(now: datetime) -> None:
    """Append the heads of both chains to the file beside the database."""
    with database.reading() as db:
        found = service.find_heads(db)
    instance = config.load().instance
    heads.append_heads(
        instance / heads.NAME,
        database=database_name(),
        restores=restore_epoch(instance),
        heads=found,
        now=now,
    )


def verify_chains(now: datetime) -> None:
    """Recompute both chains and log every fault as an error."""
    instance = config.load().instance
    written = heads.read_heads(
        instance / heads.NAME, database=database_name(), restores=restore_epoch(instance)
    )
    with database.reading() as db:
        for state in service.verify_chains(db, heads=written):
            for fault in state.faults:
                _log.error("chain broken: %s", fault)


def check_invariants(now: datetime) -> None:
    """Check what must always hold and log what is broken as an error."""
    with database.reading() as db:
        for finding in service.check_invariants(db, invariants=service.installed_invariants()):
            if not finding.holds:
                _log.error(
                    "invariant broken: %s: %s rows, first %s", finding.name, finding.count, finding.rows[0]
                )


def database_name() -> str:
    """Say which database this process uses, without its password."""
    return database.engine().url.render_as_string(hide_password=True)
