"""Write the log, seal it, check it."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county import clock, database
from county.audit import rules, store
from county.audit.types import Actor, Record, Seal

_WAITING = "county_audit_waiting"


def record(
    db: Session,
    *,
    actor: Actor,
    action: str,
    object: tuple[str, str],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    personal: Mapping[str, str | None] | None = None,
    now: datetime,
) -> int:
    """Write one row of the log in this transaction; it is chained just before the commit.

    Takes: `object`, its kind and its public number or id; `before` and `after`, only the fields that matter
    and never personal ones; `personal`, personal fields by name: only salted digests of them are kept.
    Gives: the record's id.
    """
    given = {field: value for field, value in (personal or {}).items() if value is not None}
    salt = secrets.token_hex(16) if given else ""
    record_id = store.add_record(
        db,
        {
            "at": clock.require_aware(now),
            "person_id": actor.person_id,
            "role": str(actor.role),
            "on_behalf_of": actor.on_behalf_of,
            "action": action,
            "object_kind": object[0],
            "object_ref": str(object[1]),
            "before": None if before is None else rules.plain(before),
            "after": None if after is None else rules.plain(after),
            "personal": {
                field: rules.personal_digest(salt=salt, field=field, value=value)
                for field, value in given.items()
            },
            "request_id": actor.request_id,
        },
    )
    if salt:
        store.add_salt(db, record_id=record_id, salt=salt)
    db.info.setdefault(_WAITING, []).append(record_id)
    database.before_commit(db, "county_audit", _seal_waiting)
    return record_id


def list_records(
    db: Session,
    *,
    object: tuple[str, str] | None = None,
    person_id: UUID | None = None,
    action: str | None = None,
    limit: int = 100,
) -> list[Record]:
    """List the newest records about an object, of a person or of an action, the newest last."""
    kind, ref = object or (None, None)
    return store.list_records(
        db, object_kind=kind, object_ref=ref, person_id=person_id, action=action, limit=limit
    )


def is_about(db: Session, *, record: Record, field: str, value: str) -> bool:
    """Tell whether a personal field of a record had this value; False for ever after the salt was erased."""
    salt = store.find_salt(db, record_id=record.id)
    if salt is None or field not in record.personal:
        return False
    return record.personal[field] == rules.personal_digest(salt=salt, field=field, value=value)


def erase_personal(db: Session, *, object: tuple[str, str]) -> int:
    """Make the personal digests of all records about an object meaningless; the chain stays whole.

    Gives: the number of records whose salt was erased.
    """
    return store.delete_salts(db, object_kind=object[0], object_ref=object[1])


def find_head(db: Session) -> Seal | None:
    """Give the newest seal of the chain."""
    return store.find_head(db)


def verify_chain(db: Session, *, heads: Mapping[int, str] | None = None) -> list[str]:
    """Recompute every hash of the chain and say what does not fit.

    Takes: `heads`, hashes by sequence that were written out of the database earlier.
    Gives: one sentence per fault, none when all is well.
    Cost: O(number of records).
    """
    faults = []
    previous, expected = rules.FIRST_HASH, 1
    left = dict(heads or {})
    for seal, found in store.iterate_chain(db):
        if seal.sequence != expected:
            faults.append(f"audit seal {seal.sequence} follows {expected - 1}: seals are missing in between")
        if found is None:
            faults.append(f"audit record {seal.record_id} of seal {seal.sequence} is missing")
        elif rules.seal_hash(previous, found) != seal.hash:
            faults.append(f"audit record {seal.record_id} does not fit its seal {seal.sequence}")
        if left.pop(seal.sequence, seal.hash) != seal.hash:
            faults.append(f"audit seal {seal.sequence} differs from the head that was written out")
        previous, expected = seal.hash, seal.sequence + 1
    faults += [f"audit seal {sequence} was written out as head but is missing" for sequence in sorted(left)]
    unsealed = store.count_unsealed(db)
    if unsealed:
        faults.append(f"{unsealed} audit records have no seal: they were not written by this program")
    return faults


def _seal_waiting(db: Session) -> None:
    record_ids = db.info.pop(_WAITING)
    # Read back: what is sealed is what the database holds, without what a savepoint took back.
    records = store.list_records(db, record_ids=record_ids)
    if not records:
        return
    head = store.lock_chain(db)
    sequence, previous = (head.sequence, head.hash) if head else (0, rules.FIRST_HASH)
    seals = []
    for each in records:
        sequence, previous = sequence + 1, rules.seal_hash(previous, each)
        seals.append(Seal(sequence=sequence, record_id=each.id, hash=previous))
    store.add_seals(db, seals)
