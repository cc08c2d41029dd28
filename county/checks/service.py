"""Run invariants and check the chains."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.checks.types import SHOWN_ROWS, ChainState, Finding
from county.ledger import service as ledger
from county.room import Invariant

LEDGER = "ledger"
AUDIT = "audit"
_nightly: list[Invariant] = []


def install(invariants: Iterable[Invariant]) -> None:
    """Make the invariants known that the nightly bell of this process checks."""
    _nightly[:] = invariants


def installed_invariants() -> tuple[Invariant, ...]:
    """List the invariants that the nightly bell checks."""
    return tuple(_nightly)


def check_invariants(db: Session, *, invariants: Iterable[Invariant]) -> Iterator[Finding]:
    """Run each query and say which rows break it, the first twenty in full."""
    for each in invariants:
        rows, count = [], 0
        for row in db.execute(text(each.sql)):
            count += 1
            if count <= SHOWN_ROWS:
                rows.append(tuple(row))
        yield Finding(name=each.name, count=count, rows=rows)


def verify_chains(db: Session, *, heads: Mapping[str, Mapping[int, str]]) -> list[ChainState]:
    """Recompute both chains and compare them with the heads that were written out.

    Takes: `heads`, by chain the hashes by sequence.
    Cost: O(records + postings).
    """
    found = []
    for chain, seal, faults in (
        (AUDIT, audit.find_head(db), audit.verify_chain(db, heads=heads.get(AUDIT))),
        (LEDGER, ledger.find_head(db), ledger.verify_chain(db, heads=heads.get(LEDGER))),
    ):
        sequence, head = (seal.sequence, seal.hash) if seal else (0, "")
        found.append(ChainState(chain=chain, seals=sequence, head=head, faults=tuple(faults)))
    return found


def find_heads(db: Session) -> dict[str, tuple[int, str]]:
    """Give the newest sequence and hash of each chain that has any."""
    heads = {AUDIT: audit.find_head(db), LEDGER: ledger.find_head(db)}
    return {chain: (seal.sequence, seal.hash) for chain, seal in heads.items() if seal is not None}
