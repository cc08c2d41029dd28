"""Makers of people of the association and of accounts that money goes to."""

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.people.types import Person, Role
from logistics.carriers.types import Carrier
from shop.payees import service
from shop.payees.types import AccountKind, NewAccount, Payee, PayeeAccountId, PayeeKind
from tests.makers.people import NOW, make_person

_numbers = count(6_228_480_000_000_000_000)


def acting(person: Person, role: Role = Role.ASSOCIATION_ADMIN) -> Actor:
    """Give the actor of a person in a role."""
    return Actor(person.id, role, None, "r-test")


def make_admin(db: Session, *, name: str = "马丽") -> Person:
    """Make a person of the association."""
    return make_person(db, Role.ASSOCIATION_ADMIN, name=name)


def new_account(kind: AccountKind = AccountKind.BANK, *, number: str | None = None) -> NewAccount:
    """Give an account that can be one."""
    if kind is AccountKind.ALIPAY:
        return NewAccount(kind, number or f"2088{next(_numbers) % 10**12:012d}", "王秀英")
    return NewAccount(kind, number or str(next(_numbers)), "王秀英", "农业银行", "岚皋县支行")


def make_account(
    db: Session,
    person: Person,
    *,
    kind: AccountKind = AccountKind.BANK,
    number: str | None = None,
    now: datetime = NOW - timedelta(days=30),
) -> PayeeAccountId:
    """Give a person an account that was confirmed at `now`."""
    account_id = service.propose_account(
        db,
        payee=Payee(PayeeKind.PERSON, person.id),
        account=new_account(kind, number=number),
        consent_paper="本人勾选",
        actor=acting(person, Role.FARMER),
        now=now,
    )
    service.confirm_account(db, account_id=account_id, actor=acting(make_admin(db)), now=now)
    return account_id


def make_carrier_account(
    db: Session,
    carrier: Carrier,
    *,
    number: str = "6222000000000001",
    now: datetime = NOW - timedelta(days=30),
) -> PayeeAccountId:
    """Give a courier a bank account that was confirmed at `now`."""
    account_id = service.propose_account(
        db,
        payee=Payee(PayeeKind.CARRIER, carrier.id),
        account=NewAccount(AccountKind.BANK, number, f"{carrier.name}快递岚皋网点", "农业银行", "岚皋县支行"),
        consent_paper="公函 2026-11",
        actor=acting(make_admin(db)),
        now=now,
    )
    service.confirm_account(db, account_id=account_id, actor=acting(make_admin(db)), now=now)
    return account_id
