"""Writes the ledger as text for beancount and hledger, whose own checkers then judge our balances."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from county.ledger.rules import kind_of
from county.ledger.types import AccountKind, Book, Entry
from county.money import format_yuan


class Format(StrEnum):
    """The programs whose text we write."""

    BEANCOUNT = "beancount"
    HLEDGER = "hledger"


@dataclass(frozen=True)
class Frame:
    """What the text says around the entries: every account's balance, and the days the entries span."""

    balances: Mapping[tuple[Book, str], int]
    first_on: date
    last_on: date


_ROOTS = {
    AccountKind.CASH: "Assets",
    AccountKind.RECEIVABLE: "Assets",
    AccountKind.PAYABLE: "Liabilities",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.SUSPENSE: "Liabilities",
    AccountKind.INCOME: "Income",
    AccountKind.EXPENSE: "Expenses",
    AccountKind.EQUITY: "Equity",
}
# hledger's account types: A assets, C cash, L liabilities, R revenue, X expenses, E equity.
_TYPES = {"Assets": "A", "Liabilities": "L", "Income": "R", "Expenses": "X", "Equity": "E"}


def write(form: Format, entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    """Write the lines of the whole text, balance assertions for every account at its end."""
    return (_beancount if form is Format.BEANCOUNT else _hledger)(entries, frame)


def beancount_account(book: Book, code: str) -> str:
    """Name an account the way beancount wants it; different codes have different names."""
    words = [_capital(word) for word in code.split(":")]
    memo = ["Memo"] if book is Book.MEMO else []
    return ":".join([_ROOTS[kind_of(code)], *memo, *words])


def hledger_account(book: Book, code: str) -> str:
    """Name an account for hledger: our own code, behind `memo:` for money that others hold."""
    return f"memo:{code}" if book is Book.MEMO else code


def _capital(word: str) -> str:
    # Codes have single - and _ only, so that -- cannot stand for anything else.
    return (word[0].upper() + word[1:]).replace("_", "--")


def _beancount(entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    yield 'option "title" "Shanhuo"'
    yield 'option "operating_currency" "CNY"'
    yield ""
    for book, code in frame.balances:
        yield f"{frame.first_on} open {beancount_account(book, code)} CNY"
        yield f'  code: "{code}"'
    for entry in entries:
        yield ""
        yield f"{entry.effective_on} * {_quoted(_cause(entry))} {_quoted(entry.memo)}"
        for name, value in _facts(entry).items():
            yield f"  {name}: {_quoted(value)}"
        for posting in entry.postings:
            yield f"  {beancount_account(entry.book, posting.account)}  {format_yuan(posting.fen)} CNY"
    yield ""
    for (book, code), fen in frame.balances.items():
        # Without the explicit tolerance a difference of one fen would pass.
        amount = f"{format_yuan(fen)} ~ 0.00 CNY"
        yield f"{frame.last_on + timedelta(days=1)} balance {beancount_account(book, code)}  {amount}"


def _hledger(entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    yield "commodity 1000.00 CNY"
    yield ""
    for book, code in frame.balances:
        yield f"account {hledger_account(book, code)}  ; type: {_hledger_type(code)}"
    for entry in entries:
        yield ""
        yield f"{entry.effective_on} * () {_plain(_cause(entry))} | {_plain(entry.memo)}".rstrip()
        for name, value in _facts(entry).items():
            yield f"    ; {name}: {_plain(value)}"
        for posting in entry.postings:
            yield f"    {hledger_account(entry.book, posting.account)}  {format_yuan(posting.fen)} CNY"
    if frame.balances:
        yield ""
        yield f"{frame.last_on + timedelta(days=1)} * () balances of all accounts"
    for (book, code), fen in frame.balances.items():
        yield f"    {hledger_account(book, code)}  0.00 CNY = {format_yuan(fen)} CNY"


def _hledger_type(code: str) -> str:
    kind = kind_of(code)
    return "C" if kind is AccountKind.CASH else _TYPES[_ROOTS[kind]]


def _cause(entry: Entry) -> str:
    return f"{entry.cause.kind} {entry.cause.ref}"


def _facts(entry: Entry) -> dict[str, str]:
    facts = {"key": entry.key, "book": entry.book.value, "at": entry.at.isoformat()}
    if entry.reverses:
        facts["reverses"] = entry.reverses
    if entry.late_for_on:
        facts["late-for"] = entry.late_for_on.isoformat()
    return facts


def _plain(text: str) -> str:
    """Leave out what hledger would read as a comment, a code or the end of the line."""
    seen = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(seen.replace(";", ",").split())


def _quoted(text: str) -> str:
    seen = "".join(each if each.isprintable() else " " for each in text)
    return '"' + seen.replace("\\", "\\\\").replace('"', '\\"') + '"'
