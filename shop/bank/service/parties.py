"""Whose a line of the bank's statement is, and what of each kind is open for booking."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county.ledger import service as ledger
from logistics.carriers import service as carriers
from shop.accounts.rules import money_account
from shop.bank import rules, words
from shop.bank.types import BadLine, Circuit, LineKind, NewLine, NotOurMoney, Open, PartyKind, SellerMoney
from shop.payruns import service as payruns
from shop.payruns.types import RunState
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, Seller


def names_of(db: Session) -> dict[UUID, str]:
    """Give the names of everybody whose a line can be, by id."""
    names: dict[UUID, str] = {seller.id: seller.name for seller in sellers.list_sellers(db)}
    return names | {carrier.id: carrier.name for carrier in carriers.list_carriers(db)}


def require_party(db: Session, *, new: NewLine) -> UUID | None:
    """Give whose a line is; of Alipay's only seller it need not be said.

    Refuses: `BadLine` for somebody who cannot be meant, `NotOurMoney` for a farm.
    """
    kind = rules.SHAPES[new.kind].party
    ours = _principal(db)
    if kind is PartyKind.SELLER and new.party_id is None and len(ours) == 1:
        return ours[0].id
    found: dict[UUID, str] = {}
    if kind is PartyKind.SELLER:
        found = {seller.id: seller.name for seller in sellers.list_sellers(db)}
    elif kind is PartyKind.CARRIER:
        found = {carrier.id: carrier.name for carrier in carriers.list_carriers(db)}
    if (kind is PartyKind.NONE) != (new.party_id is None) or (new.party_id and new.party_id not in found):
        raise BadLine(field="party", why=words.WHOSE[kind])
    if kind is PartyKind.SELLER and new.party_id not in {seller.id for seller in ours}:
        assert new.party_id is not None
        raise NotOurMoney(seller=found[new.party_id])
    return new.party_id


def list_open(db: Session, *, now: datetime) -> list[Open]:
    """List what can be booked of each limited kind: of each principal seller, of each courier that owes."""
    found = []
    for kind, shape in rules.SHAPES.items():
        if not shape.is_limited:
            continue
        parties: list[tuple[UUID | None, str]] = [(None, "")]
        if shape.party is PartyKind.SELLER:
            parties = [(seller.id, seller.name) for seller in _principal(db)]
        elif shape.party is PartyKind.CARRIER:
            parties = [(carrier.id, carrier.name) for carrier in carriers.list_carriers(db)]
        for party_id, name in parties:
            fen = open_fen(db, kind=kind, party_id=party_id, now=now)
            if fen or shape.party is not PartyKind.CARRIER:
                found.append(Open(kind, party_id, name, fen))
    return found


def open_fen(db: Session, *, kind: LineKind, party_id: UUID | None, now: datetime) -> int:
    """Give what lies on the account opposite and is not set aside."""
    return max(0, ledger.available(db, account=rules.account_of(kind, party_id), now=now))


def get_circuit(db: Session, *, now: datetime) -> Circuit:
    """Say what is at Alipay for each principal seller, what is in the bank, and what confirmed runs need."""
    return Circuit(
        sellers=tuple(_money_of(db, seller, now) for seller in _principal(db)),
        held_fen=-sum(ledger.balances(db, prefix="liability:order").values()),
        bank_fen=payruns.bank_fen(db),
        runs=tuple(payruns.list_runs(db, states=(RunState.CONFIRMED, RunState.EXPORTED))),
    )


def _principal(db: Session) -> list[Seller]:
    return [seller for seller in sellers.list_sellers(db) if seller.mode is MoneyMode.PRINCIPAL]


def _money_of(db: Session, seller: Seller, now: datetime) -> SellerMoney:
    return SellerMoney(
        seller_id=seller.id,
        name=seller.name,
        alipay_fen=ledger.balance(db, account=money_account(seller)),
        free_fen=open_fen(db, kind=LineKind.ALIPAY, party_id=seller.id, now=now),
    )
