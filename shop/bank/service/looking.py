"""The bank account month by month, as the ledger has it, each entry with what it was."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from county.ledger import service as ledger
from county.ledger.types import AccountLine
from county.people import service as people
from shop.accounts.rules import BANK
from shop.bank import rules, store
from shop.bank.service import parties
from shop.bank.tables import BankLineRow
from shop.bank.types import BankLine, BankLineId, BankMonth, MonthLine, What
from shop.payruns import service as payruns
from shop.payruns.rules import CAUSE as PAYMENT
from shop.payruns.types import PayItem
from shop.statements.rules import month_of, month_span


def get_month(db: Session, *, month: str) -> BankMonth:
    """Give a month of the bank account, line by line with a running balance; refuses `BadMonth`."""
    first_on, end_on = month_span(month)
    opening_fen = ledger.balances(db, prefix=BANK, before_on=first_on).get(BANK, 0)
    entries = ledger.list_postings(db, account=BANK, from_on=first_on, before_on=end_on)
    ids = {UUID(each.cause.ref) for each in entries if each.cause.kind in rules.CAUSES}
    lines = {str(line.id): line for line in shown(db, store.list_by_id(db, line_ids=ids))}
    numbers = {each.cause.ref for each in entries if each.cause.kind == PAYMENT}
    payments = payruns.payments_by_number(db, item_nos=numbers)
    return BankMonth(
        month=month,
        opening_fen=opening_fen,
        lines=tuple(
            _month_line(entry, balance_fen, lines, payments)
            for entry, balance_fen in rules.running(entries, opening_fen=opening_fen)
        ),
    )


def list_months(db: Session, *, today_on: date) -> list[str]:
    """List the months that the bank account has, newest first; the current one always."""
    first_on = ledger.first_day_of(db, account=BANK) or today_on
    return rules.months_between(min(first_on, today_on), today_on)


def list_lines(db: Session, *, limit: int = 50) -> list[BankLine]:
    """List what was booked here, newest first, also what was taken back."""
    return shown(db, store.list_newest(db, limit=limit))


def month_of_line(db: Session, *, line: BankLine) -> str:
    """Name the month in which a line stands: later than its day when that was closed already."""
    return month_of(ledger.get_entry(db, key=line.entry_key).effective_on)


def shown(db: Session, rows: Sequence[BankLineRow]) -> list[BankLine]:
    """Give booked lines with the names of their parties and of who booked them."""
    people_ids = {each for row in rows for each in (row.booked_by, row.reversed_by) if each is not None}
    names = people.names_of(db, ids=people_ids)
    of_parties = parties.names_of(db)
    return [_shown(row, row.seller_id or row.carrier_id, of_parties, names) for row in rows]


def _shown(
    row: BankLineRow, party_id: UUID | None, of_parties: dict[UUID, str], names: dict[UUID, str]
) -> BankLine:
    return BankLine(
        id=BankLineId(row.id),
        kind=row.kind,
        party_id=party_id,
        party=of_parties[party_id] if party_id else "",
        fen=row.fen,
        moved_on=row.moved_on,
        reference=row.reference,
        note=row.note,
        entry_key=row.entry_key,
        booked_by=names[row.booked_by],
        booked_at=row.booked_at,
        reversed_by=names[row.reversed_by] if row.reversed_by else "",
        reversed_at=row.reversed_at,
        reverse_reason=row.reverse_reason,
    )


def _month_line(
    entry: AccountLine, balance_fen: int, lines: dict[str, BankLine], payments: dict[str, PayItem]
) -> MonthLine:
    """Say what an entry on the bank account was."""
    what, reference, ref = What.OTHER, entry.entry_key, entry.cause.ref
    line = lines.get(ref) if entry.cause.kind in rules.CAUSES else None
    payment = payments.get(ref) if entry.cause.kind == PAYMENT else None
    if line is not None:
        what = What.LINE if entry.entry_key == line.entry_key else What.TAKEN_BACK
        reference = line.reference
    elif payment is not None:
        what = What.RETURNED if entry.fen > 0 else What.PAYMENT
        reference = payment.item_no
    return MonthLine(what, entry.effective_on, entry.fen, balance_fen, reference, line, payment)
