"""Use cases of payees: proposing, confirming and rejecting an account; finding the one money goes to."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound, Stale
from county.notices import service as notices
from county.people import service as people
from county.people.types import NotAllowed, Role, SamePerson
from shop.payees import rules, store
from shop.payees.tables import PayeeAccountRow
from shop.payees.types import (
    AccountEvent,
    AccountKind,
    AccountState,
    AccountUse,
    AgentMayNot,
    BankAccount,
    ConsentMissing,
    NewAccount,
    PayeeAccount,
    PayeeAccountId,
    ProposalOpen,
    ReasonMissing,
)


def propose_account(
    db: Session,
    *,
    person_id: UUID,
    account: NewAccount,
    consent_paper: str,
    actor: Actor,
    now: datetime,
) -> PayeeAccountId:
    """Propose where a person's money shall go; it does so only after somebody else confirmed it.

    Takes: `consent_paper`, how the owner agreed to keep the number: ticked by themself, or a paper's number.
    Refuses: `AgentMayNot`, `NotAllowed`, `ConsentMissing`, `BadAccount`, `ProposalOpen`.
    """
    _require_maker(db, person_id, actor, now)
    if not consent_paper.strip():
        raise ConsentMissing()
    good = rules.checked(account)
    people.get_person(db, person_id=person_id)
    row = PayeeAccountRow(
        id=ids.new_id(),
        person_id=person_id,
        state=AccountState.PROPOSED,
        consent_paper=consent_paper.strip()[:60],
        version=1,
        proposed_by=actor.person_id,
        proposed_at=now,
        **vars(good),
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise ProposalOpen() from None
    _record(db, row, "proposed", actor, now, personal={"number": good.number, "holder": good.holder})
    return PayeeAccountId(row.id)


def confirm_account(db: Session, *, account_id: UUID, actor: Actor, now: datetime) -> None:
    """Confirm a proposed account as a second person of the association; the earlier one ends at once.

    The new one is usable after the cooling-off; its owner is told now, to notice what a stranger did.
    Refuses: `AgentMayNot`, `NotAllowed`, `NotFound`, `IllegalMove`, `SamePerson`, `Stale`.
    """
    row = _locked(db, account_id, actor, now)
    state = rules.move(row.state, AccountEvent.CONFIRM)
    if actor.person_id in (row.proposed_by, row.person_id):
        raise SamePerson()
    for old in store.list_rows(
        db, person_ids=[row.person_id], kind=row.kind, states=[AccountState.CONFIRMED]
    ):
        _move(db, old, rules.move(old.state, AccountEvent.REPLACE))
    values = {"confirmed_by": actor.person_id, "confirmed_at": now, "usable_from": rules.usable_from(now)}
    _move(db, row, state, values)
    _record(db, row, "confirmed", actor, now)
    notices.tell(
        db,
        person_id=row.person_id,
        code="account_changed",
        facts={"tail": row.number[-4:]},
        link="/money/account",
        key=f"account_changed:{row.id}",
        now=now,
    )


def reject_account(db: Session, *, account_id: UUID, actor: Actor, now: datetime) -> None:
    """Turn a proposed account down, as one of the association; whoever proposed it may do that too.

    Refuses: `AgentMayNot`, `NotAllowed`, `NotFound`, `IllegalMove`, `Stale`.
    """
    row = _locked(db, account_id, actor, now)
    _move(db, row, rules.move(row.state, AccountEvent.REJECT))
    _record(db, row, "rejected", actor, now)


def find_alipay_account(db: Session, *, person_id: UUID, now: datetime) -> str | None:
    """Find the Alipay user id a person may be paid on at `now`; None without one or in its cooling-off."""
    row = _usable(db, person_id, AccountKind.ALIPAY, now)
    return row.number if row else None


def find_bank_account(db: Session, *, person_id: UUID, now: datetime) -> BankAccount | None:
    """Find the bank account a person may be paid on at `now`; None without one or in its cooling-off."""
    row = _usable(db, person_id, AccountKind.BANK, now)
    return _bank(row) if row else None


def get_bank_account(db: Session, *, account_id: UUID) -> BankAccount:
    """Give a bank account with its whole number by id, for a file that was decided on before."""
    row = store.find_row(db, account_id=account_id)
    if row is None or row.kind is not AccountKind.BANK:
        raise NotFound(what="account")
    return _bank(row)


def masked_numbers(db: Session, *, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give these accounts' masked numbers by id."""
    return {row.id: rules.mask(row.number) for row in store.list_rows(db, account_ids=account_ids)}


def uses_of(
    db: Session, *, person_ids: Collection[UUID], kind: AccountKind, now: datetime
) -> dict[UUID, AccountUse]:
    """Say for each of these people whether money can go to their account of a kind at `now`."""
    rows = store.list_rows(db, person_ids=person_ids, kind=kind, states=[AccountState.CONFIRMED])
    found = {row.person_id: _account(row, {}) for row in rows}
    return {person_id: rules.use_of(found.get(person_id), now=now) for person_id in person_ids}


def list_accounts(
    db: Session, *, person_id: UUID | None = None, states: Sequence[AccountState] = ()
) -> list[PayeeAccount]:
    """List accounts, masked, newest first, of a person or of everybody."""
    rows = store.list_rows(db, person_ids=None if person_id is None else [person_id], states=states)
    names = people.names_of(db, ids={each for row in rows for each in (row.person_id, row.proposed_by)})
    return [_account(row, names) for row in rows]


def reveal_number(db: Session, *, account_id: UUID, reason: str, actor: Actor, now: datetime) -> str:
    """Give an account's whole number to the association, and record who saw it and why.

    Refuses: `AgentMayNot`, `NotAllowed`, `NotFound`, `ReasonMissing`.
    """
    row = _locked(db, account_id, actor, now)
    if len(reason.strip()) < 4:
        raise ReasonMissing()
    audit.record(
        db,
        actor=actor,
        action="payee_account.seen",
        object=("payee_account", str(row.id)),
        after={"reason": reason.strip()[:200]},
        now=now,
    )
    return row.number


def _require_maker(db: Session, person_id: UUID, actor: Actor, now: datetime) -> None:
    _require_no_agent(db, person_id, actor, now)
    if actor.person_id is None or (actor.person_id != person_id and actor.role != Role.ASSOCIATION_ADMIN):
        raise NotAllowed()


def _require_no_agent(db: Session, person_id: UUID, actor: Actor, now: datetime) -> None:
    """Refuse whoever acts for the person, also in another role: a consent never covers the account."""
    if actor.on_behalf_of is not None or actor.role == Role.VILLAGE_AGENT:
        raise AgentMayNot()
    if actor.person_id is not None and people.scopes_of(
        db, farmer_id=person_id, agent_id=actor.person_id, now=now
    ):
        raise AgentMayNot()


def _locked(db: Session, account_id: UUID, actor: Actor, now: datetime) -> PayeeAccountRow:
    """Give an account and keep others from moving it; only the association reaches it this way."""
    row = store.find_row(db, account_id=account_id, lock=True)
    if row is None:
        raise NotFound(what="account")
    _require_no_agent(db, row.person_id, actor, now)
    if actor.person_id is None or actor.role != Role.ASSOCIATION_ADMIN:
        raise NotAllowed()
    return row


def _move(
    db: Session, row: PayeeAccountRow, state: AccountState, values: dict[str, Any] | None = None
) -> None:
    if not store.move_row(db, row=row, state=state, values=values):
        raise Stale(what="account")


def _usable(db: Session, person_id: UUID, kind: AccountKind, now: datetime) -> PayeeAccountRow | None:
    rows = store.list_rows(db, person_ids=[person_id], kind=kind, states=[AccountState.CONFIRMED])
    return next((row for row in rows if row.usable_from is not None and row.usable_from <= now), None)


def _bank(row: PayeeAccountRow) -> BankAccount:
    return BankAccount(PayeeAccountId(row.id), row.holder, row.bank, row.branch, row.number)


def _account(row: PayeeAccountRow, names: dict[UUID, str]) -> PayeeAccount:
    return PayeeAccount(
        id=PayeeAccountId(row.id),
        person_id=row.person_id,
        person=names.get(row.person_id, ""),
        kind=row.kind,
        masked=rules.mask(row.number),
        holder=row.holder,
        bank=row.bank,
        branch=row.branch,
        state=row.state,
        consent_paper=row.consent_paper,
        proposed_by=row.proposed_by,
        proposed_by_name=names.get(row.proposed_by, ""),
        proposed_at=row.proposed_at,
        confirmed_at=row.confirmed_at,
        usable_from=row.usable_from,
    )


def _record(
    db: Session,
    row: PayeeAccountRow,
    what: str,
    actor: Actor,
    now: datetime,
    personal: dict[str, str | None] | None = None,
) -> None:
    audit.record(
        db,
        actor=actor,
        action=f"payee_account.{what}",
        object=("payee_account", str(row.id)),
        after={"person": str(row.person_id), "kind": row.kind.value},
        personal=personal,
        now=now,
    )
