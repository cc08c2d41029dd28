"""Who was paid what: runs for the association, payments for the person or courier who receives them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county.errors import NotFound
from county.ledger import service as ledger
from county.people import service as people
from logistics.carriers import service as carriers
from shop.accounts.rules import BANK
from shop.payees import service as payees
from shop.payouts.types import PaidOut
from shop.payruns import rules, store
from shop.payruns.service import computing
from shop.payruns.tables import PayItemRow, PayRunRow
from shop.payruns.types import (
    FileForm,
    ItemNo,
    ItemState,
    PayItem,
    Payment,
    PayRun,
    RunKind,
    RunNo,
    RunState,
    Standing,
)
from shop.payruns.words import REASONS


def get_run(db: Session, *, run_no: str) -> PayRun:
    """Give a run with its items."""
    run = store.find_run(db, run_no=run_no)
    if run is None:
        raise NotFound(what="pay run")
    return _runs(db, [run])[0]


def list_runs(
    db: Session, *, kind: RunKind | None = None, states: Collection[RunState] = (), limit: int = 50
) -> list[PayRun]:
    """List runs with their items, newest first, of a kind and in certain states or all."""
    return _runs(db, store.list_runs(db, kind=kind, states=states, limit=limit))


def payments_by_number(db: Session, *, item_nos: Collection[str]) -> dict[str, PayItem]:
    """Give payments of any runs by their serial numbers; unknown numbers are left out."""
    runs = _runs(db, store.runs_of_items(db, item_nos=item_nos))
    return {item.item_no: item for run in runs for item in run.items if item.item_no in item_nos}


def hashes_of(db: Session, *, run_no: str) -> dict[FileForm, str]:
    """Give the SHA-256 of a run's bank files; none before the export."""
    run = store.find_run(db, run_no=run_no)
    return {} if run is None else store.file_hashes(db, run_id=run.id)


def bank_fen(db: Session) -> int:
    """Give what is in the association's bank account according to our books."""
    return ledger.balance(db, account=BANK)


def list_payments(db: Session, *, payee_id: UUID) -> list[Payment]:
    """List the payments that were sent to a person or a courier, newest first."""
    return [
        Payment(
            item_no=ItemNo(item.number),
            kind=run.kind,
            state=item.state,
            gross_fen=item.gross_fen,
            withheld_fen=item.withheld_fen,
            sent_at=run.sent_at,
            settled_at=item.settled_at,
            reason=item.reason,
        )
        for item, run in store.list_payments(db, payee_id=payee_id)
    ]


def standing_of(db: Session, *, payee_id: UUID, kinds: Sequence[RunKind], now: datetime) -> Standing:
    """Say what somebody earned through the association, what was sent, and what waits for what."""
    payments = list_payments(db, payee_id=payee_id)
    return _standing(db, payee_id=payee_id, kinds=kinds, payments=payments, now=now)


def _standing(
    db: Session, *, payee_id: UUID, kinds: Sequence[RunKind], payments: Sequence[Payment], now: datetime
) -> Standing:
    payments = [each for each in payments if each.kind in kinds]
    under_way = [each for each in payments if each.state is ItemState.SENT]
    arrived = [each for each in payments if each.state is ItemState.PAID]
    owed_fen = sum(-ledger.balance(db, account=f"{rules.PAYABLES[kind]}:{payee_id}") for kind in kinds)
    looked = [computing.look_at(db, kind=kind, now=now, payee_id=payee_id) for kind in kinds]
    return Standing(
        earned_fen=owed_fen + sum(each.gross_fen for each in [*under_way, *arrived]),
        withheld_fen=sum(each.withheld_fen for each in [*under_way, *arrived]),
        under_way_fen=sum(each.net_fen for each in under_way),
        arrived_fen=sum(each.net_fen for each in arrived),
        owed_fen=owed_fen,
        waiting=tuple(each for found in looked for each in found.waiting),
        payments=tuple(payments),
    )


def grower_paid_out(db: Session, *, grower_id: UUID, now: datetime) -> PaidOut:
    """Say what became of the money the cooperative owes a grower; implements `PaidOutDesk`."""
    payments = list_payments(db, payee_id=grower_id)
    every = [
        _standing(db, payee_id=grower_id, kinds=[kind], payments=payments, now=now)
        for kind in (RunKind.GROWERS, RunKind.COMPENSATION, RunKind.FEES)
    ]
    sales, others, fees = every
    return PaidOut(
        sales_fen=sales.earned_fen,
        compensation_fen=others.earned_fen,
        fees_fen=fees.earned_fen,
        under_way_fen=sum(each.under_way_fen for each in every),
        arrived_fen=sum(each.arrived_fen for each in every),
        owed_fen=sum(each.owed_fen for each in every),
        waiting=tuple((each.fen, REASONS[each.reason]) for found in every for each in found.waiting),
    )


def names_of(db: Session, *, items: Iterable[PayItemRow]) -> dict[UUID, str]:
    """Give the names of the people and couriers whom these items pay, by id."""
    items = list(items)
    names = people.names_of(db, ids={item.person_id for item in items if item.person_id is not None})
    return names | carriers.names_of(
        db, ids={item.carrier_id for item in items if item.carrier_id is not None}
    )


def _runs(db: Session, rows: Sequence[PayRunRow]) -> list[PayRun]:
    items = store.list_items(db, run_ids=[row.id for row in rows])
    entries = store.entries_of(db, item_ids=[item.id for item in items])
    ids = {each for row in rows for each in (row.created_by, row.confirmed_by) if each is not None}
    names = people.names_of(db, ids=ids) | names_of(db, items=items)
    masked = payees.masked_numbers(db, account_ids={item.payee_account_id for item in items})
    numbers = {row.id: RunNo(row.number) for row in rows}
    made: dict[UUID, list[PayItem]] = {row.id: [] for row in rows}
    for item in items:
        made[item.run_id].append(
            PayItem(
                item_no=ItemNo(item.number),
                run_no=numbers[item.run_id],
                payee_id=item.payee_id,
                payee=names[item.payee_id],
                payee_account_id=item.payee_account_id,
                masked=masked[item.payee_account_id],
                gross_fen=item.gross_fen,
                withheld_fen=item.withheld_fen,
                state=item.state,
                reason=item.reason,
                settled_at=item.settled_at,
                entries=entries[item.id],
                may_retry=_may_retry(item),
            )
        )
    return [
        PayRun(
            run_no=numbers[row.id],
            kind=row.kind,
            state=row.state,
            month=row.month,
            items=tuple(made[row.id]),
            created_by=row.created_by,
            created_by_name=names[row.created_by],
            created_at=row.created_at,
            confirmed_by=row.confirmed_by,
            confirmed_by_name=names[row.confirmed_by] if row.confirmed_by else "",
            confirmed_at=row.confirmed_at,
            exported_at=row.exported_at,
            sent_at=row.sent_at,
            cancel_reason=row.cancel_reason,
            version=row.version,
        )
        for row in rows
    ]


def _may_retry(item: PayItemRow) -> bool:
    return item.state is ItemState.RETURNED and item.retry_at is None
