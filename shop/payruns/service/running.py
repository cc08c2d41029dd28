"""A pay run on its way: made by one, confirmed by another, exported, sent, or cancelled before it is sent."""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound, Stale
from county.ledger import service as ledger
from county.ledger.types import Cause, HoldGone, NotEnough, Posting
from county.people.types import NotAllowed, Role, SamePerson
from shop.accounts.rules import BANK, TAX
from shop.payees import service as payees
from shop.payruns import documents, rules, store
from shop.payruns.service import computing, looking
from shop.payruns.tables import PayItemEntryRow, PayItemRow, PayRunRow
from shop.payruns.types import (
    BankFile,
    BankLine,
    FileForm,
    ItemEvent,
    ItemNo,
    ItemState,
    NothingToPay,
    Ready,
    RunEvent,
    RunKind,
    RunMonthOver,
    RunNo,
    RunOpen,
    RunOutdated,
    RunState,
)


def create_run(db: Session, *, kind: RunKind, actor: Actor, now: datetime) -> RunNo:
    """Make a run of everything of a kind that can be paid now, as a draft for a second person.

    Its numbers are random, so that a restored backup does not give the bank a number twice.
    Refuses: `NotAllowed`, `NothingToPay`, `RunOpen`.
    """
    _require_association(actor)
    found = computing.look_at(db, kind=kind, now=now)
    if not found.ready:
        raise NothingToPay()
    run = PayRunRow(
        id=ids.new_id(),
        number=ids.new_number("ZF"),
        kind=kind,
        state=RunState.DRAFT,
        month=computing.month_of(now),
        version=1,
        created_by=actor.person_id,
        created_at=now,
        cancel_reason="",
    )
    try:
        with db.begin_nested():
            db.add(run)
            db.flush()
            for ready in found.ready:
                _add_item(db, run, ready)
    except IntegrityError:
        # Another run of this kind, or of these very entries, was made at the same moment.
        raise RunOpen() from None
    after = {"kind": kind.value, "payees": len(found.ready), "gross_fen": found.gross_fen}
    _record(db, run, "created", actor, now, after)
    return RunNo(run.number)


def confirm_run(db: Session, *, run_no: str, version: int, actor: Actor, now: datetime) -> None:
    """Confirm a draft as a second person: every sum in it is set aside, so that nothing else can take it.

    Refuses: `NotAllowed`, `NotFound`, `IllegalMove`, `Stale`, `SamePerson`, `RunMonthOver`, `RunOutdated`.
    """
    _require_association(actor)
    run = _locked(db, run_no)
    state = rules.move(run.state, RunEvent.CONFIRM)
    _require_version(run, version)
    if run.created_by == actor.person_id:
        raise SamePerson()
    items = store.list_items(db, run_ids=[run.id])
    _require_current(db, run, items, now)
    for item in items:
        try:
            ledger.hold(
                db,
                key=_hold_key(item),
                account=item.account,
                fen=item.gross_fen,
                cause=_cause(item),
                expires_at=now + rules.HOLD,
                now=now,
            )
        except NotEnough:
            raise RunOutdated(people=_names(db, [item])) from None
    _move(db, run, state, {"confirmed_by": actor.person_id, "confirmed_at": now})
    _record(db, run, "confirmed", actor, now, {"gross_fen": sum(item.gross_fen for item in items)})


def export_run(db: Session, *, run_no: str, version: int, actor: Actor, now: datetime) -> None:
    """Make the bank's files, once; they are the same bytes whenever they are fetched.

    Refuses: `NotAllowed`, `NotFound`, `IllegalMove`, `Stale`.
    """
    _require_association(actor)
    run = _locked(db, run_no)
    state = rules.move(run.state, RunEvent.EXPORT)
    _require_version(run, version)
    files = documents.bank_files([_line(db, run, item) for item in store.list_items(db, run_ids=[run.id])])
    for file in files:
        store.add_file(db, run_id=run.id, file=file)
    db.flush()
    _move(db, run, state, {"exported_at": now})
    _record(db, run, "exported", actor, now, {file.form.value: file.sha256 for file in files})


def give_file(db: Session, *, run_no: str, form: FileForm, actor: Actor, now: datetime) -> BankFile:
    """Give a bank file and record who took it: it holds whole account numbers.

    Refuses: `NotAllowed`, `NotFound` before the export.
    """
    _require_association(actor)
    run = store.find_run(db, run_no=run_no)
    file = store.find_file(db, run_id=run.id, form=form) if run else None
    if run is None or file is None:
        raise NotFound(what="bank file")
    _record(db, run, "file_taken", actor, now, {"form": form.value, "sha256": file.sha256})
    return file


def send_run(db: Session, *, run_no: str, version: int, actor: Actor, now: datetime) -> None:
    """Say that the file goes to the bank now: every sum set aside is booked as on its way.

    Refuses: `NotAllowed`, `NotFound`, `IllegalMove`, `Stale`, `RunMonthOver`; `RunOutdated` when a payable
    was reduced meanwhile, or the sums were set aside too long ago.
    """
    _require_association(actor)
    run = _locked(db, run_no)
    state = rules.move(run.state, RunEvent.SEND)
    _require_version(run, version)
    _require_month(run, now)
    items = store.list_items(db, run_ids=[run.id])
    short = [item for item in items if -ledger.balance(db, account=item.account) < item.gross_fen]
    if short:
        raise RunOutdated(people=_names(db, short))
    for item in items:
        _book(db, run, item, now)
        _move_item(db, item, ItemEvent.SEND, {})
    _move(db, run, state, {"sent_at": now})
    _record(db, run, "sent", actor, now, {"net_fen": sum(_net_fen(item) for item in items)})


def cancel_run(db: Session, *, run_no: str, version: int, reason: str, actor: Actor, now: datetime) -> None:
    """Cancel a run that was not sent: what it set aside is free for the next one.

    Refuses: `NotAllowed`, `NotFound`, `IllegalMove`, `Stale`.
    """
    _require_association(actor)
    run = _locked(db, run_no)
    state = rules.move(run.state, RunEvent.CANCEL)
    _require_version(run, version)
    items = store.list_items(db, run_ids=[run.id])
    for item in items:
        if run.state is not RunState.DRAFT:
            ledger.release_hold(db, key=_hold_key(item))
        _move_item(db, item, ItemEvent.CANCEL, {})
    store.free_entries(db, item_ids=[item.id for item in items])
    _move(db, run, state, {"cancel_reason": reason.strip()[:200]})
    _record(db, run, "cancelled", actor, now, {"reason": reason.strip()[:200]})


def _add_item(db: Session, run: PayRunRow, ready: Ready) -> None:
    item = PayItemRow(
        id=ids.new_id(),
        number=ids.new_number("FK"),
        run_id=run.id,
        person_id=None if run.kind is RunKind.COURIERS else ready.payee_id,
        carrier_id=ready.payee_id if run.kind is RunKind.COURIERS else None,
        payee_account_id=ready.payee_account_id,
        account=ready.account,
        gross_fen=ready.gross_fen,
        withheld_fen=ready.withheld_fen,
        state=ItemState.PLANNED,
        reason="",
    )
    db.add(item)
    db.flush()
    db.add_all(
        PayItemEntryRow(
            item_id=item.id,
            entry_key=entry.key,
            account=ready.account,
            fen=entry.fen,
            order_no=entry.order_no,
            is_live=True,
        )
        for entry in ready.entries
    )
    db.flush()


def _require_current(db: Session, run: PayRunRow, items: list[PayItemRow], now: datetime) -> None:
    """Refuse a draft whose payees are not to be paid like that any more: account, papers, refunds, tax."""
    _require_month(run, now)
    entries = store.entries_of(db, item_ids=[item.id for item in items])
    owed = {each.payee_id: each for each in computing.owed_to(db, kind=run.kind, besides_run=run.id)}
    wrong = []
    for item in items:
        account = payees.find_bank_account(db, payee_id=item.payee_id, now=now)
        found = owed.get(item.payee_id)
        is_right = (
            found is not None
            and account is not None
            and account.account_id == item.payee_account_id
            and rules.is_still(entries[item.id], now_ready=found.ready, now_open=found.open)
        )
        if not is_right:
            wrong.append(item)
    if wrong:
        raise RunOutdated(people=_names(db, wrong))


def _require_month(run: PayRunRow, now: datetime) -> None:
    if run.kind is RunKind.STREAMERS and run.month != computing.month_of(now):
        raise RunMonthOver(month=run.month)


def _line(db: Session, run: PayRunRow, item: PayItemRow) -> BankLine:
    account = payees.get_bank_account(db, account_id=item.payee_account_id)
    return BankLine(
        item_no=ItemNo(item.number),
        holder=account.holder,
        number=account.number,
        bank=f"{account.bank} {account.branch}".strip(),
        net_fen=_net_fen(item),
        purpose=f"{rules.PURPOSES[run.kind]} {run.number}",
    )


def _book(db: Session, run: PayRunRow, item: PayItemRow, now: datetime) -> None:
    try:
        ledger.capture_hold(
            db,
            key=_hold_key(item),
            entry_key=f"payout:{item.number}",
            postings=[
                Posting(account=item.account, fen=item.gross_fen),
                Posting(account=BANK, fen=-_net_fen(item)),
                Posting(account=TAX, fen=-item.withheld_fen),
            ],
            cause=_cause(item),
            memo=run.number,
            now=now,
        )
    except HoldGone:
        raise RunOutdated(people=_names(db, [item])) from None


def _hold_key(item: PayItemRow) -> str:
    return f"payout:{item.number}"


def _cause(item: PayItemRow) -> Cause:
    return Cause(kind=rules.CAUSE, ref=item.number)


def _net_fen(item: PayItemRow) -> int:
    return item.gross_fen - item.withheld_fen


def _names(db: Session, items: list[PayItemRow]) -> str:
    return "、".join(sorted(looking.names_of(db, items=items).values())[:5])


def _require_association(actor: Actor) -> None:
    """Refuse whoever acts for a farmer or in another role: money leaves by the association alone."""
    is_alone = actor.person_id is not None and actor.on_behalf_of is None
    if not is_alone or actor.role != Role.ASSOCIATION_ADMIN:
        raise NotAllowed()


def _require_version(run: PayRunRow, version: int) -> None:
    if run.version != version:
        raise Stale(what=run.number)


def _locked(db: Session, run_no: str) -> PayRunRow:
    run = store.find_run(db, run_no=run_no, lock=True)
    if run is None:
        raise NotFound(what="pay run")
    return run


def _move(db: Session, run: PayRunRow, state: RunState, values: dict[str, Any]) -> None:
    if not store.move_run(db, run=run, state=state, values=values):
        raise Stale(what=run.number)


def _move_item(db: Session, item: PayItemRow, event: ItemEvent, values: dict[str, Any]) -> None:
    after = rules.move_item(item.state, event)
    if not store.move_item(db, item_id=item.id, before=item.state, after=after, values=values):
        raise Stale(what=item.number)


def _record(
    db: Session, run: PayRunRow, what: str, actor: Actor, now: datetime, after: dict[str, Any]
) -> None:
    audit.record(
        db, actor=actor, action=f"pay_run.{what}", object=("pay_run", run.number), after=after, now=now
    )
