"""Makers of money that is open on the accounts opposite the bank account, and of lines that book it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import database
from county.audit.types import Actor
from county.checks import service as checks
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from logistics.carriers import service as carriers
from logistics.carriers.types import CarrierKind
from shop.accounts.rules import BANK, OWN_MONEY, SERVICE, TAX, TRANSPORT, money_account
from shop.bank import service as bank
from shop.bank.rules import SHAPES, account_of
from shop.bank.types import BankLine, LineKind, NewLine, PartyKind
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, Seller
from tests.makers.people import NOW, ROBOT

OPENED = 20_000


def make_open(db: Session, seller: Seller, *, fen: int = OPENED) -> None:
    """Let an amount be open on every account that limits a kind of line; 中通 owes it, 圆通 nothing."""
    for name in ("中通", "圆通"):
        carriers.add_carrier(db, name=name, kind=CarrierKind.EXPRESS, actor=ROBOT, now=NOW)
    owing = carriers.get_carrier(db, name="中通")
    owed = [Posting(account, -fen) for account in (TAX, SERVICE, TRANSPORT, OWN_MONEY)]
    held = [Posting(money_account(seller), fen), Posting(f"receivable:courier:{owing.id}", fen)]
    ledger.post(
        db,
        key=f"opened:{seller.id}",
        cause=Cause("test", str(seller.id)),
        postings=[*owed, *held, Posting("expense:claims", 2 * fen)],
        now=NOW,
    )


def party_of(db: Session, kind: LineKind, *, name: str = "中通") -> UUID | None:
    """Give whose a line of a kind is in tests: the first principal seller's, or a courier's."""
    party = SHAPES[kind].party
    if party is PartyKind.SELLER:
        return next(each.id for each in sellers.list_sellers(db) if each.mode is MoneyMode.PRINCIPAL)
    return carriers.get_carrier(db, name=name).id if party is PartyKind.CARRIER else None


def new_line(db: Session, kind: LineKind, **changes: Any) -> NewLine:
    """Give a line of 150.00 as a clerk reads it from the statement."""
    usual: dict[str, Any] = {
        "kind": kind,
        "fen": 15_000,
        "moved_on": date(2026, 10, 4),
        "reference": "LS20261004-1",
        "note": "",
    }
    usual |= changes
    if "party_id" not in usual:
        usual["party_id"] = party_of(db, kind)
    return NewLine(**usual)


def opposite(db: Session, kind: LineKind) -> str:
    """Name the account opposite the bank account in a line of a kind in tests."""
    return account_of(kind, party_of(db, kind))


def balances(db: Session) -> dict[str, int]:
    """Give everything that a line can move."""
    accounts = {opposite(db, kind) for kind in LineKind} | {BANK}
    return {account: ledger.balance(db, account=account) for account in accounts}


def faults(db: Session) -> list[str]:
    """Name the invariants of all rooms that do not hold."""
    database.finish(db)
    invariants = [each for room in front_door.ROOMS for each in room.invariants]
    return [found.name for found in checks.check_invariants(db, invariants=invariants) if found.count]


def record(
    db: Session, clerk: Actor, kind: LineKind = LineKind.ALIPAY, *, now: datetime = NOW, **changes: Any
) -> BankLine:
    """Book a line of 150.00, or as `changes` say."""
    return bank.record_line(db, new=new_line(db, kind, **changes), actor=clerk, now=now)
