"""Use cases of statements: a person's month, the cooperative's month, the quarter's income."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county import clock, ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.ledger import service as ledger
from county.ledger.types import Book
from county.people import service as people
from shop.accounts.rules import book_of, money_account
from shop.orders import service as orders
from shop.payruns import service as payruns
from shop.payruns.types import ItemState
from shop.refunds import service as refunds
from shop.refunds.types import OrderRefund
from shop.sellers import service as sellers
from shop.sellers.types import Seller
from shop.statements import rules
from shop.statements.types import (
    AccountName,
    BooksOfMonth,
    FileForm,
    IncomeKind,
    IncomeReport,
    IncomeRow,
    LineKind,
    Statement,
    StatementPart,
)

SALES = (AccountName.SALES, AccountName.HELD_SALES)
PERSONS = ((IncomeKind.GROWER, "payable:grower"), (IncomeKind.STREAMER, "payable:streamer"))


def get_statement(db: Session, *, person_id: UUID, month: str, asked_by: UUID | None = None) -> Statement:
    """Give a person's month from the ledger: opening + lines = closing on every account.

    Takes: `asked_by`, the person who may only see their own; None for the association.
    Refuses: `BadMonth`; `NotFound` for another person's statement and for nobody's.
    """
    if asked_by is not None and asked_by != person_id:
        raise NotFound(what="statement")
    first_on, end_on = rules.month_span(month)
    person = people.get_person(db, person_id=person_id)
    parts = [
        part
        for name, account, book in rules.accounts_of(person_id)
        if (part := _part(db, name, account, book, person_id, first_on, end_on)) is not None
    ]
    return Statement(person_id, person.name, month, tuple(parts), is_closed(db, end_on=end_on))


def get_books(db: Session, *, month: str) -> BooksOfMonth:
    """Give the cooperative's own books of a month by groups of accounts; refuses `BadMonth`."""
    first_on, end_on = rules.month_span(month)
    opening = ledger.balances(db, before_on=first_on)
    closing = ledger.balances(db, before_on=end_on)
    return BooksOfMonth(month, rules.books_of(opening, closing), is_closed(db, end_on=end_on))


def get_income(db: Session, *, quarter: str, now: datetime) -> IncomeReport:
    """Give the quarter's income of sellers, growers and streamers; refuses `BadMonth`.

    Source: 国务院令第810号《互联网平台企业涉税信息报送规定》, in force since 2025-06-20: identity and income
    of sellers and people who work on a platform, within the month after each quarter. Numbers of identity
    papers are not collected here; the report is completed with them at the tax office's page.
    """
    first_on, end_on = rules.quarter_span(quarter)
    rows = [*_sellers(db, first_on, end_on), *_persons(db, first_on, end_on)]
    return IncomeReport(quarter, tuple(rows), clock.county_day(now) >= end_on)


def list_people(db: Session) -> list[tuple[UUID, str, int]]:
    """List everybody with a payable: id, name and what is owed now in both books, by name."""
    owed: dict[UUID, int] = {}
    for book in Book:
        for prefix in ("payable:grower", "payable:streamer", "payable:compensation", "payable:fee"):
            for account, fen in ledger.balances(db, prefix=prefix, book=book).items():
                person_id = UUID(account.rsplit(":", 1)[1])
                owed[person_id] = owed.get(person_id, 0) - fen
    names = people.names_of(db, ids=owed)
    return sorted(((each, names[each], fen) for each, fen in owed.items()), key=lambda row: row[1])


def is_closed(db: Session, *, end_on: date) -> bool:
    """Tell whether no entry can come into the days before `end_on` any more."""
    return any(period.ends_on >= end_on for period in ledger.list_periods(db))


def record_export(db: Session, *, what: str, ref: str, form: FileForm, actor: Actor, now: datetime) -> None:
    """Record that somebody took a statement or report out as a file."""
    audit.record(
        db,
        actor=actor,
        action=f"{what}.exported",
        object=(what, ref),
        after={"form": form.value},
        now=now,
    )


def _part(
    db: Session,
    name: AccountName,
    account: str,
    book: Book,
    person_id: UUID,
    first_on: date,
    end_on: date,
) -> StatementPart | None:
    entries = ledger.list_postings(db, account=account, book=book)
    opening_fen, within, closing_fen = rules.between(entries, first_on=first_on, end_on=end_on)
    if not within and not opening_fen:
        return None
    lines = [rules.line_of(entry, name=name) for entry in within]
    if name in SALES:
        for at, line in enumerate(lines):
            if line.kind is LineKind.SALE:
                order = orders.get_order(db, order_no=line.ref)
                details = rules.details_of(order, grower_id=person_id, fen=line.fen)
                lines[at] = replace(line, details=details)
    return StatementPart(name, account, book, opening_fen, tuple(lines), closing_fen)


def _sellers(db: Session, first_on: date, end_on: date) -> Iterator[IncomeRow]:
    span = clock.day_start(first_on), clock.day_start(end_on)
    paid = orders.list_paid_between(db, from_at=span[0], to_at=span[1])
    for seller in sellers.list_sellers(db):
        own = [order for order in paid if order.seller_id == seller.id]
        back = _refunds_booked(db, seller, first_on, end_on)
        if own or back:
            yield IncomeRow(
                kind=IncomeKind.SELLER,
                name=seller.name,
                income_fen=sum(order.total_fen for order in own),
                refund_fen=sum(refund.fen for refund in back),
                count=len(own),
                commission_fen=sum(rules.commission_fen(order.splits) for order in own),
                commission_refund_fen=sum(rules.commission_fen(refund.parts) for refund in back),
                withheld_fen=0,
            )


def _refunds_booked(db: Session, seller: Seller, first_on: date, end_on: date) -> list[OrderRefund]:
    """List a seller's refunds by the day they were booked on; a late or second payment sent back is none."""
    orders_of = {
        line.entry_key.removeprefix("refund:"): line.cause.ref
        for line in ledger.list_postings(db, account=money_account(seller), book=book_of(seller))
        if first_on <= line.effective_on < end_on
        and ids.is_number(line.entry_key.removeprefix("refund:"), prefix="TK")
    }
    found = refunds.refunds_of(db, order_nos=sorted(set(orders_of.values())))
    return [each for of_order in found.values() for each in of_order if each.refund_no in orders_of]


def _persons(db: Session, first_on: date, end_on: date) -> Iterator[IncomeRow]:
    for kind, prefix in PERSONS:
        found: dict[UUID, list[int]] = {}
        for book in Book:
            for account in ledger.balances(db, prefix=prefix, book=book):
                lines = ledger.list_postings(db, account=account, book=book)
                sums = rules.turnover(lines, first_on=first_on, end_on=end_on)
                own = found.setdefault(UUID(account.rsplit(":", 1)[1]), [0, 0, 0])
                own[:] = [one + more for one, more in zip(own, sums, strict=True)]
        names = people.names_of(db, ids=found)
        for person_id in sorted(found, key=lambda each: (names[each], each)):
            income_fen, refund_fen, count = found[person_id]
            withheld_fen = _withheld_fen(db, person_id, first_on, end_on)
            if income_fen or refund_fen or withheld_fen:
                name = names[person_id]
                yield IncomeRow(kind, name, income_fen, refund_fen, count, 0, 0, withheld_fen)


def _withheld_fen(db: Session, person_id: UUID, first_on: date, end_on: date) -> int:
    """Add up the tax of what was sent to a person, less that of what came back, each on its day."""

    def is_within(at: datetime | None) -> bool:
        return at is not None and first_on <= clock.county_day(at) < end_on

    payments = payruns.list_payments(db, payee_id=person_id)
    back = [each for each in payments if each.state is ItemState.RETURNED and is_within(each.settled_at)]
    sent_fen = sum(each.withheld_fen for each in payments if is_within(each.sent_at))
    return sent_fen - sum(each.withheld_fen for each in back)
