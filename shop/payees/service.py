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
from logistics.carriers import service as carriers
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
    Payee,
    PayeeAccount,
    PayeeAccountId,
    PayeeKind,
    ProposalOpen,
    ReasonMissing,
)


def propose_account(
    db: Session,
    *,
    payee: Payee,
    account: NewAccount,
    consent_paper: str,
    actor: Actor,
    now: datetime,
) -> PayeeAccountId:
    """Propose where a person's or a courier's money shall go; somebody else confirms it before it does.

    Takes: `consent_paper`, how the owner agreed to keep the number: ticked by themself, or a paper's number.
    Refuses: `AgentMayNot`, `NotAllowed`, `NotFound`, `ConsentMissing`, `BadAccount`, also for a courier's
    account that is not with a bank, `ProposalOpen`.
    """
    _require_maker(db, payee, actor, now)
    if not consent_paper.strip():
        raise ConsentMissing()
    good = rules.checked(account, payee_kind=payee.kind)
    is_person = payee.kind is PayeeKind.PERSON
    if is_person:
        people.get_person(db, person_id=payee.id)
    elif not carriers.names_of(db, ids=[payee.id]):
        raise NotFound(what="carrier")
    row = PayeeAccountRow(
        id=ids.new_id(),
        person_id=payee.id if is_person else None,
        carrier_id=None if is_person else payee.id,
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

    The new one is usable after the cooling-off; its owner, or every clerk of the courier, is told now, to
    notice what a stranger did.
    Refuses: `AgentMayNot`, `NotAllowed`, `NotFound`, `IllegalMove`, `SamePerson`, `Stale`.
    """
    row = _locked(db, account_id, actor, now)
    state = rules.move(row.state, AccountEvent.CONFIRM)
    owner_ids = _owner_ids(db, row)
    if actor.person_id in (row.proposed_by, *owner_ids):
        raise SamePerson()
    for old in store.list_rows(db, payee_ids=[row.payee_id], kind=row.kind, states=[AccountState.CONFIRMED]):
        _move(db, old, rules.move(old.state, AccountEvent.REPLACE))
    values = {"confirmed_by": actor.person_id, "confirmed_at": now, "usable_from": rules.usable_from(now)}
    _move(db, row, state, values)
    _record(db, row, "confirmed", actor, now)
    facts = {"tail": row.number[-4:]}
    code, link = "account_changed", "/money/account"
    if row.carrier_id is not None:
        facts["carrier"] = carriers.names_of(db, ids=[row.carrier_id])[row.carrier_id]
        code, link = "firm_account_changed", "/my-payments"
    for owner_id in owner_ids:
        notices.tell(
            db,
            person_id=owner_id,
            code=code,
            facts=facts,
            link=link,
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


def find_bank_account(db: Session, *, payee_id: UUID, now: datetime) -> BankAccount | None:
    """Find the bank account a payee may be paid on at `now`; None without one or in its cooling-off."""
    row = _usable(db, payee_id, AccountKind.BANK, now)
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
    db: Session, *, payee_ids: Collection[UUID], kind: AccountKind, now: datetime
) -> dict[UUID, AccountUse]:
    """Say for each of these payees whether money can go to their account of a kind at `now`."""
    rows = store.list_rows(db, payee_ids=payee_ids, kind=kind, states=[AccountState.CONFIRMED])
    found = {row.payee_id: _account(row, {}) for row in rows}
    return {payee_id: rules.use_of(found.get(payee_id), now=now) for payee_id in payee_ids}


def list_accounts(
    db: Session, *, payee_id: UUID | None = None, states: Sequence[AccountState] = ()
) -> list[PayeeAccount]:
    """List accounts, masked, newest first, of a payee or of everybody."""
    rows = store.list_rows(db, payee_ids=None if payee_id is None else [payee_id], states=states)
    ids_of_people = {each for row in rows for each in (row.person_id, row.proposed_by) if each is not None}
    names = people.names_of(db, ids=ids_of_people)
    names |= carriers.names_of(db, ids={row.carrier_id for row in rows if row.carrier_id is not None})
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


def _require_maker(db: Session, payee: Payee, actor: Actor, now: datetime) -> None:
    """Refuse whoever is neither of the association nor the person; a courier writes to the association."""
    _require_no_agent(db, payee.id, actor, now)
    if actor.person_id is None or (actor.person_id != payee.id and actor.role != Role.ASSOCIATION_ADMIN):
        raise NotAllowed()


def _owner_ids(db: Session, row: PayeeAccountRow) -> list[UUID]:
    """List whose account it is: the person, or all clerks of the courier."""
    if row.carrier_id is None:
        return [row.payee_id]
    return carriers.clerk_ids(db, carrier_id=row.carrier_id)


def _require_no_agent(db: Session, payee_id: UUID, actor: Actor, now: datetime) -> None:
    """Refuse whoever acts for the person, also in another role: a consent never covers the account."""
    if actor.on_behalf_of is not None or actor.role == Role.VILLAGE_AGENT:
        raise AgentMayNot()
    if actor.person_id is not None and people.scopes_of(
        db, farmer_id=payee_id, agent_id=actor.person_id, now=now
    ):
        raise AgentMayNot()


def _locked(db: Session, account_id: UUID, actor: Actor, now: datetime) -> PayeeAccountRow:
    """Give an account and keep others from moving it; only the association reaches it this way."""
    row = store.find_row(db, account_id=account_id, lock=True)
    if row is None:
        raise NotFound(what="account")
    _require_no_agent(db, row.payee_id, actor, now)
    if actor.person_id is None or actor.role != Role.ASSOCIATION_ADMIN:
        raise NotAllowed()
    return row


def _move(
    db: Session, row: PayeeAccountRow, state: AccountState, values: dict[str, Any] | None = None
) -> None:
    if not store.move_row(db, row=row, state=state, values=values):
        raise Stale(what="account")


def _usable(db: Session, payee_id: UUID, kind: AccountKind, now: datetime) -> PayeeAccountRow | None:
    rows = store.list_rows(db, payee_ids=[payee_id], kind=kind, states=[AccountState.CONFIRMED])
    return next((row for row in rows if row.usable_from is not None and row.usable_from <= now), None)


def _bank(row: PayeeAccountRow) -> BankAccount:
    return BankAccount(PayeeAccountId(row.id), row.holder, row.bank, row.branch, row.number)


def _account(row: PayeeAccountRow, names: dict[UUID, str]) -> PayeeAccount:
    return PayeeAccount(
        id=PayeeAccountId(row.id),
        payee_id=row.payee_id,
        payee=names.get(row.payee_id, ""),
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
        after={"carrier" if row.carrier_id else "person": str(row.payee_id), "kind": row.kind.value},
        personal=personal,
        now=now,
    )
