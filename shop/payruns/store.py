"""Queries on pay runs and their items."""

import base64
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from county.database import changed_rows
from shop.payruns.tables import PayAnswerRow, PayFileRow, PayItemEntryRow, PayItemRow, PayRunRow
from shop.payruns.types import (
    Answer,
    AnswerFault,
    BankFile,
    FileForm,
    ItemState,
    OpenEntry,
    RowFault,
    RunKind,
    RunState,
)

COUNTED = (ItemState.SENT, ItemState.PAID)


def find_run(db: Session, *, run_no: str, lock: bool = False) -> PayRunRow | None:
    """Find a run by its number."""
    query = select(PayRunRow).where(PayRunRow.number == run_no)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.scalar(query)


def list_runs(
    db: Session, *, kind: RunKind | None, states: Collection[RunState], limit: int
) -> list[PayRunRow]:
    """List runs, newest first."""
    query = select(PayRunRow).order_by(PayRunRow.created_at.desc(), PayRunRow.number).limit(limit)
    if kind is not None:
        query = query.where(PayRunRow.kind == kind)
    if states:
        query = query.where(PayRunRow.state.in_(states))
    return list(db.scalars(query))


def runs_of_items(db: Session, *, item_nos: Collection[str]) -> list[PayRunRow]:
    """List the runs in which payments with these serial numbers are."""
    of_items = select(PayItemRow.run_id).where(PayItemRow.number.in_(item_nos))
    return list(db.scalars(select(PayRunRow).where(PayRunRow.id.in_(of_items)).order_by(PayRunRow.number)))


def move_run(db: Session, *, run: PayRunRow, state: RunState, values: dict[str, Any]) -> bool:
    """Set a run's state if nobody moved it since it was read."""
    moved = db.execute(
        update(PayRunRow)
        .where(PayRunRow.id == run.id, PayRunRow.version == run.version)
        .values(state=state, version=run.version + 1, **values)
    )
    return changed_rows(moved) == 1


def list_items(db: Session, *, run_ids: Collection[UUID]) -> list[PayItemRow]:
    """List runs' items by their payable's name, so that locks are taken in one order."""
    query = (
        select(PayItemRow)
        .where(PayItemRow.run_id.in_(run_ids))
        .order_by(PayItemRow.account, PayItemRow.number)
    )
    return list(db.scalars(query.execution_options(populate_existing=True)))


def list_payments(db: Session, *, payee_id: UUID) -> list[tuple[PayItemRow, PayRunRow]]:
    """List a payee's payments that were sent at least, with their runs, newest first."""
    query = (
        select(PayItemRow, PayRunRow)
        .join(PayRunRow, PayRunRow.id == PayItemRow.run_id)
        .where(
            or_(PayItemRow.person_id == payee_id, PayItemRow.carrier_id == payee_id),
            PayRunRow.sent_at.is_not(None),
        )
        .order_by(PayRunRow.sent_at.desc(), PayItemRow.number)
    )
    return [(item, run) for item, run in db.execute(query)]


def move_item(
    db: Session, *, item_id: UUID, before: ItemState, after: ItemState, values: dict[str, Any]
) -> bool:
    """Set an item's state if it is still in the state that was read."""
    moved = db.execute(
        update(PayItemRow)
        .where(PayItemRow.id == item_id, PayItemRow.state == before)
        .values(state=after, **values)
    )
    return changed_rows(moved) == 1


def entries_of(db: Session, *, item_ids: Collection[UUID]) -> dict[UUID, tuple[OpenEntry, ...]]:
    """Give what each item pays, in force or not any more."""
    query = (
        select(PayItemEntryRow)
        .where(PayItemEntryRow.item_id.in_(item_ids))
        .order_by(PayItemEntryRow.order_no, PayItemEntryRow.entry_key)
    )
    found: dict[UUID, list[OpenEntry]] = {item_id: [] for item_id in item_ids}
    for row in db.scalars(query):
        found[row.item_id].append(OpenEntry(row.entry_key, row.fen, row.order_no))
    return {item_id: tuple(entries) for item_id, entries in found.items()}


def live_keys(db: Session, *, prefix: str, besides_run: UUID | None = None) -> dict[str, set[str]]:
    """Give, by payable, the keys of entries that items in force pay; without those of one run."""
    query = select(PayItemEntryRow.account, PayItemEntryRow.entry_key).where(
        PayItemEntryRow.is_live, PayItemEntryRow.account.startswith(prefix + ":", autoescape=True)
    )
    if besides_run is not None:
        query = query.join(PayItemRow, PayItemRow.id == PayItemEntryRow.item_id).where(
            PayItemRow.run_id != besides_run
        )
    found: dict[str, set[str]] = {}
    for account, key in db.execute(query):
        found.setdefault(account, set()).add(key)
    return found


def free_entries(db: Session, *, item_ids: Collection[UUID]) -> None:
    """Let other items pay what these do not pay any more."""
    db.execute(update(PayItemEntryRow).where(PayItemEntryRow.item_id.in_(item_ids)).values(is_live=False))


def month_totals(db: Session, *, kind: RunKind, month: str) -> dict[UUID, tuple[int, int]]:
    """Give gross and withheld by person of a month's payments that were sent and did not come back."""
    query = (
        select(PayItemRow.person_id, func.sum(PayItemRow.gross_fen), func.sum(PayItemRow.withheld_fen))
        .join(PayRunRow, and_(PayRunRow.id == PayItemRow.run_id))
        .where(
            PayRunRow.kind == kind,
            PayRunRow.month == month,
            PayItemRow.state.in_(COUNTED),
        )
        .group_by(PayItemRow.person_id)
    )
    return {
        person_id: (int(gross), int(withheld))
        for person_id, gross, withheld in db.execute(query)
        if person_id is not None
    }


def returned_to(db: Session, *, kind: RunKind) -> set[UUID]:
    """Give the accounts that a bank could not pay to and that nobody decided to try again."""
    query = (
        select(PayItemRow.payee_account_id)
        .join(PayRunRow, PayRunRow.id == PayItemRow.run_id)
        .where(PayRunRow.kind == kind, PayItemRow.state == ItemState.RETURNED, PayItemRow.retry_at.is_(None))
    )
    return set(db.scalars(query))


def list_unpaid_returns(
    db: Session, *, accounts: Collection[str], limit: int
) -> list[tuple[PayItemRow, str]]:
    """List the returned items of these payables that nobody decided on and nothing else pays.

    Gives: each with its run's number, the oldest first.
    """
    query = (
        select(PayItemRow, PayRunRow.number)
        .join(PayRunRow, PayRunRow.id == PayItemRow.run_id)
        .where(PayItemRow.account.in_(accounts), *_unpaid_return())
        .order_by(PayItemRow.settled_at, PayItemRow.number)
    )
    return [(item, run_no) for item, run_no in db.execute(query.limit(limit))]


def count_unpaid_returns(db: Session) -> dict[str, int]:
    """Count the same by payable; whether it is still owed, the ledger knows."""
    query = select(PayItemRow.account, func.count()).where(*_unpaid_return()).group_by(PayItemRow.account)
    return {account: int(count) for account, count in db.execute(query)}


def _unpaid_return() -> tuple[ColumnElement[bool], ...]:
    """Say which returned items wait for a person: the last that tried to pay an entry nobody pays now."""
    own, other, holder = aliased(PayItemEntryRow), aliased(PayItemEntryRow), aliased(PayItemRow)
    is_later = or_(
        holder.settled_at > PayItemRow.settled_at,
        and_(holder.settled_at == PayItemRow.settled_at, holder.number > PayItemRow.number),
    )
    # What an account could not take and a later payment tried again is that payment's task. It is looked for
    # among the payee's own payments, of which there are few: the list is counted for every page.
    cared_for = exists().where(
        or_(holder.person_id == PayItemRow.person_id, holder.carrier_id == PayItemRow.carrier_id),
        other.item_id == holder.id,
        other.entry_key == own.entry_key,
        other.account == own.account,
        or_(other.is_live, and_(holder.state == ItemState.RETURNED, is_later)),
    )
    return (
        PayItemRow.state == ItemState.RETURNED,
        PayItemRow.retry_at.is_(None),
        exists().where(own.item_id == PayItemRow.id, ~cared_for.correlate(own, PayItemRow)),
    )


def add_file(db: Session, *, run_id: UUID, file: BankFile) -> None:
    """Keep a bank file as it was made."""
    content = base64.b64encode(file.content).decode()
    db.add(PayFileRow(run_id=run_id, form=file.form, content=content, sha256=file.sha256))


def find_file(db: Session, *, run_id: UUID, form: FileForm) -> BankFile | None:
    """Find a bank file as it was made."""
    row = db.get(PayFileRow, (run_id, form))
    return None if row is None else BankFile(row.form, base64.b64decode(row.content), row.sha256)


def file_hashes(db: Session, *, run_id: UUID) -> dict[FileForm, str]:
    """Give the hashes of a run's bank files."""
    query = select(PayFileRow.form, PayFileRow.sha256).where(PayFileRow.run_id == run_id)
    return {row.form: row.sha256 for row in db.execute(query)}


def list_answers(db: Session, *, run_id: UUID, sha256: str | None = None) -> list[Answer]:
    """List the bank's answers to a run, newest first."""
    query = select(PayAnswerRow).where(PayAnswerRow.run_id == run_id)
    if sha256 is not None:
        query = query.where(PayAnswerRow.sha256 == sha256)
    return [
        Answer(
            name=row.name,
            sha256=row.sha256,
            uploaded_at=row.uploaded_at,
            paid=row.paid,
            returned=row.returned,
            faults=_faults(row.faults),
        )
        for row in db.scalars(query.order_by(PayAnswerRow.uploaded_at.desc()))
    ]


def _faults(kept: Sequence[dict[str, Any]]) -> tuple[RowFault, ...]:
    return tuple(RowFault(each["row"], AnswerFault(each["fault"]), each["text"]) for each in kept)


def mark_retry(db: Session, *, item_no: str, now: datetime) -> bool:
    """Record that a returned item's account may be tried again; False when there is none that waits."""
    marked = db.execute(
        update(PayItemRow)
        .where(
            PayItemRow.number == item_no,
            PayItemRow.state == ItemState.RETURNED,
            PayItemRow.retry_at.is_(None),
        )
        .values(retry_at=now)
    )
    return changed_rows(marked) == 1
