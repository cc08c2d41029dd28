"""What could be paid now: per payee the open entries that papers cover, the account, the tax."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county import clock
from county.ledger import service as ledger
from county.people import service as people
from logistics.carriers import service as carriers
from shop.accounts.rules import payee_of
from shop.papers import service as papers
from shop.payees import service as payees
from shop.payees.types import AccountKind, AccountUse
from shop.payruns import rules, store
from shop.payruns.types import OpenEntry, Ready, RunKind, ToPay, Waiting, WaitReason


@dataclass
class Owed:
    """One payee's open entries, parted into what may be paid and what lacks a paper."""

    account: str
    payee_id: UUID
    open: tuple[OpenEntry, ...]
    ready: tuple[OpenEntry, ...]
    lacking: tuple[OpenEntry, ...]


@dataclass
class _Facts:
    """What has to be known about all of these payees together."""

    names: dict[UUID, str]
    uses: dict[UUID, AccountUse]
    came_back: set[UUID]
    month: dict[UUID, tuple[int, int]] = field(default_factory=dict)


def look_at(db: Session, *, kind: RunKind, now: datetime, payee_id: UUID | None = None) -> ToPay:
    """Say who of a kind, or only one payee, could be paid now, and what the others wait for."""
    owed = owed_to(db, kind=kind, payee_id=payee_id)
    ids = [each.payee_id for each in owed]
    names_of = carriers.names_of if kind is RunKind.COURIERS else people.names_of
    facts = _Facts(
        names=names_of(db, ids=ids),
        uses=payees.uses_of(db, payee_ids=ids, kind=AccountKind.BANK, now=now),
        came_back=store.returned_to(db, kind=kind),
    )
    if kind is RunKind.STREAMERS:
        facts.month = store.month_totals(db, kind=kind, month=month_of(now))
    ready: list[Ready] = []
    waiting: list[Waiting] = []
    for each in owed:
        if lacking_fen := rules.total_fen(each.lacking):
            waiting.append(_waiting(each, facts, WaitReason.NO_PAPER, lacking_fen, each.lacking))
        gross_fen = rules.total_fen(each.ready)
        if gross_fen < 0:
            waiting.append(_waiting(each, facts, WaitReason.NEGATIVE, gross_fen, each.ready))
        elif gross_fen > 0:
            found = _ready(db, each, facts, now)
            (ready if isinstance(found, Ready) else waiting).append(found)  # type: ignore[arg-type]
    return ToPay(kind, tuple(ready), tuple(waiting))


def owed_to(
    db: Session, *, kind: RunKind, besides_run: UUID | None = None, payee_id: UUID | None = None
) -> list[Owed]:
    """List the payees of a kind to whom, or by whom, something is open, by their payable's name.

    Takes: `besides_run`, a run whose own claims on entries do not count.
    """
    prefix = rules.PAYABLES[kind]
    taken = store.live_keys(db, prefix=prefix, besides_run=besides_run)
    found = []
    if payee_id is not None:
        prefix = f"{prefix}:{payee_id}"
    for account in sorted(ledger.balances(db, prefix=prefix)):
        lines = ledger.list_postings(db, account=account)
        entries = rules.open_entries(lines, taken=taken.get(account, set()))
        if not entries:
            continue
        owner_id = payee_of(account)
        ready, lacking = entries, tuple[OpenEntry, ...]()
        if kind is RunKind.GROWERS:
            covered = papers.covered_orders(db, grower_id=owner_id, order_nos=rules.orders_of(entries))
            ready, lacking = rules.part_by_papers(entries, covered=covered)
        found.append(Owed(account, owner_id, entries, ready, lacking))
    return found


def month_of(at: datetime) -> str:
    """Name the county month of an instant, such as 2026-10."""
    return f"{clock.county_day(at):%Y-%m}"


def _ready(db: Session, owed: Owed, facts: _Facts, now: datetime) -> Ready | Waiting:
    account = payees.find_bank_account(db, payee_id=owed.payee_id, now=now)
    gross_fen = rules.total_fen(owed.ready)
    reason = rules.reason_of(
        has_account=account is not None,
        is_cooling=facts.uses[owed.payee_id] is AccountUse.COOLING_OFF,
        came_back=account is not None and account.account_id in facts.came_back,
    )
    if reason is not None or account is None:
        return _waiting(owed, facts, reason or WaitReason.NO_ACCOUNT, gross_fen, owed.ready)
    earlier_gross_fen, earlier_withheld_fen = facts.month.get(owed.payee_id, (0, 0))
    is_taxed = owed.account.startswith(rules.PAYABLES[RunKind.STREAMERS])
    return Ready(
        payee_id=owed.payee_id,
        payee=facts.names[owed.payee_id],
        account=owed.account,
        payee_account_id=account.account_id,
        gross_fen=gross_fen,
        withheld_fen=rules.withheld_fen(
            gross_fen, earlier_gross_fen=earlier_gross_fen, earlier_withheld_fen=earlier_withheld_fen
        )
        if is_taxed
        else 0,
        entries=owed.ready,
    )


def _waiting(
    owed: Owed, facts: _Facts, reason: WaitReason, fen: int, entries: Iterable[OpenEntry]
) -> Waiting:
    return Waiting(owed.payee_id, facts.names[owed.payee_id], fen, reason, rules.orders_of(entries))
