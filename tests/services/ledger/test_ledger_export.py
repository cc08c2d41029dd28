"""Two programs that share nothing with ours read the exported ledger and agree with every balance."""

import csv
import io
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data, realization
from click.testing import CliRunner
from sqlalchemy.orm import Session

from county import database
from county.errors import BadInput
from county.ledger import export, service
from county.ledger.cli import export_command
from county.ledger.types import Book, Cause, Posting
from county.money import parse_yuan
from tests.services.ledger.books import NOW, ORDER, SALE

pytestmark = pytest.mark.database

HLEDGER = shutil.which("hledger")
needs_hledger = pytest.mark.skipif(
    HLEDGER is None and os.environ.get("CI") != "true", reason="hledger is not installed (Debian: hledger)"
)
CODES = ["cash:alipay", "cash:bank_2", "receivable:order:1", "payable:farmer:a-1", "payable:farmer:a_1"]
CODES += ["liability:tax", "income:goods", "expense:fee", "equity", "suspense:second_trade"]


@pytest.fixture
def filled(db: Session) -> Iterator[Session]:
    """Give a ledger with entries in both books, reversals, late items and awkward words."""
    chance = random.Random(20261005)
    for number in range(60):
        codes = chance.sample(CODES, chance.randint(2, 5))
        fens = [chance.choice([1, -1]) * chance.randint(1, 10**7) for _ in codes[1:]]
        postings = [Posting(code, fen) for code, fen in zip(codes, [*fens, -sum(fens)], strict=True)]
        service.post(
            db,
            key=f"k:{number}",
            cause=Cause("order", f'No{number}; (x) | \\ "q"'),
            postings=postings if sum(fens) else [Posting("cash:alipay", 1), Posting("equity", -1)],
            now=NOW + timedelta(hours=number),
            memo='富硒茶 🍵 "A" \\ ; = < & \n\t* 2026',
            book=chance.choice(list(Book)),
            effective_on=date(2026, 9, 1) + timedelta(days=chance.randint(0, 30)),
        )
    service.reverse(db, key="k:3", new_key="undo:3", cause=ORDER, now=NOW)
    service.close_period(db, ends_on=date(2026, 10, 1), now=NOW)
    service.post(db, key="late", cause=ORDER, postings=SALE, now=NOW, effective_on=date(2026, 9, 2))
    yield db


def written(db: Session, form: export.Format, *, books: tuple[Book, ...] = tuple(Book)) -> str:
    return "".join(f"{line}\n" for line in service.export_lines(db, form=form, books=books))


def ours(db: Session) -> dict[tuple[Book, str], int]:
    return {(book, code): fen for book in Book for code, fen in service.balances(db, book=book).items()}


def bean_check(path: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("bean-check")
    return subprocess.run([str(program), str(path)], capture_output=True, text=True, check=False)


def hledger(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    assert HLEDGER is not None
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [HLEDGER, "-f", str(path), *words], capture_output=True, text=True, check=False, env=environment
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "ledger.txt"
    path.write_text(text, encoding="utf-8")
    return path


def beancount_balances(path: Path) -> dict[str, int]:
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    found = {}
    for account in realization.iter_children(realization.realize(entries)):
        if any(isinstance(each, data.TxnPosting) for each in account.txn_postings):
            amount = account.balance.get_currency_units("CNY").number
            found[account.account] = int(amount * 100)
    return found


def hledger_balances(path: Path) -> dict[str, int]:
    shown = hledger(path, "bal", "--flat", "--empty", "--no-total", "-O", "csv", "not:desc:balances of all")
    assert shown.returncode == 0, shown.stderr
    rows = list(csv.reader(io.StringIO(shown.stdout)))[1:]
    return {account: _fen(amount) for account, amount in rows}


def _fen(amount: str) -> int:
    plain = amount.removesuffix(" CNY")
    return -parse_yuan(plain[1:]) if plain.startswith("-") else int(parse_yuan(plain))


def test_beancount_accepts_the_ledger_and_agrees_with_every_balance(filled: Session, tmp_path: Path) -> None:
    path = write(tmp_path, written(filled, export.Format.BEANCOUNT))

    checked = bean_check(path)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    wanted = {export.beancount_account(book, code): fen for (book, code), fen in ours(filled).items()}
    assert beancount_balances(path) == wanted
    assert len(wanted) == len(ours(filled)) >= 15


@needs_hledger
def test_hledger_accepts_the_ledger_and_agrees_with_every_balance(filled: Session, tmp_path: Path) -> None:
    path = write(tmp_path, written(filled, export.Format.HLEDGER))

    checked = hledger(path, "check", "--strict", "ordereddates")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert hledger_balances(path) == {
        export.hledger_account(book, code): fen for (book, code), fen in ours(filled).items()
    }


@pytest.mark.parametrize("line", ["posting", "balance"])
def test_beancount_notices_a_single_fen(filled: Session, tmp_path: Path, line: str) -> None:
    path = write(
        tmp_path, _one_fen_off(written(filled, export.Format.BEANCOUNT), line, "Assets:Cash:Alipay  ")
    )

    assert bean_check(path).returncode == 1


@needs_hledger
@pytest.mark.parametrize("line", ["posting", "balance"])
def test_hledger_notices_a_single_fen(filled: Session, tmp_path: Path, line: str) -> None:
    path = write(tmp_path, _one_fen_off(written(filled, export.Format.HLEDGER), line, "    cash:alipay  "))

    assert hledger(path, "check").returncode == 1


def _one_fen_off(text: str, line: str, account: str) -> str:
    """Change the last digit of the first posting to an account, or of its balance at the end."""
    lines = text.splitlines()
    there = [number for number, each in enumerate(lines) if account in each]
    number = there[0] if line == "posting" else there[-1]
    head, dot, tail = (
        lines[number].rpartition(" ~")[0].rpartition(".")
        if " ~" in lines[number]
        else (lines[number].rpartition("."))
    )
    digit = str((int(tail[1]) + 1) % 10)
    lines[number] = head + dot + tail[0] + digit + (" ~ 0.00 CNY" if " ~" in lines[number] else tail[2:])
    return "\n".join(lines) + "\n"


def test_beancount_accepts_an_empty_ledger(db: Session, tmp_path: Path) -> None:
    path = write(tmp_path, written(db, export.Format.BEANCOUNT))

    assert (bean_check(path).returncode, beancount_balances(path)) == (0, {})


@needs_hledger
def test_hledger_accepts_an_empty_ledger(db: Session, tmp_path: Path) -> None:
    path = write(tmp_path, written(db, export.Format.HLEDGER))

    assert (hledger(path, "check", "--strict").returncode, hledger_balances(path)) == (0, {})


def test_one_book_can_be_written_alone(filled: Session) -> None:
    real = written(filled, export.Format.HLEDGER, books=(Book.REAL,))
    memo = written(filled, export.Format.HLEDGER, books=(Book.MEMO,))

    assert "memo:" not in real.replace("; book: memo", "")
    assert "\n    cash:" not in memo and "\n    memo:cash:" in memo


def test_different_accounts_have_different_names_in_beancount() -> None:
    codes = ["cash:a-1", "cash:a_1", "cash:a:1", "payable:memo", "cash:1a"]

    names = [export.beancount_account(book, code) for book in Book for code in codes]

    assert names[:5] == [
        "Assets:Cash:A-1",
        "Assets:Cash:A--1",
        "Assets:Cash:A:1",
        "Liabilities:Payable:Memo",
        "Assets:Cash:1a",
    ]
    assert len(set(names)) == 10


def test_the_command_writes_to_standard_output_and_to_a_file(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as db:
        service.post(db, key="pay:1", cause=ORDER, postings=SALE, now=NOW, memo="富硒茶")
    monkeypatch.setenv("SHANHUO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "ledger.beancount"

    to_file = CliRunner().invoke(export_command, ["--format", "beancount", "--out", str(out)])
    refused = CliRunner().invoke(export_command, ["--format", "ledger-cli"])

    assert (to_file.exit_code, refused.exit_code) == (0, 2)
    assert 'order 20261005" "富硒茶"' in out.read_text(encoding="utf-8")
    assert "Assets:Cash:Alipay  76.50 CNY" in out.read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".new")] == []
    assert bean_check(out).returncode == 0


def test_a_database_without_tables_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHANHUO_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(export_command, ["--format", "beancount", "--out", "ledger.txt"])
    database.disconnect()

    assert isinstance(result.exception, BadInput)
    assert str(result.exception.faults[0]) == (
        "SHANHUO_DATABASE_URL: the database cannot be read; is it migrated? "
        "It says: no such table: county_account"
    )
    assert not (tmp_path / "ledger.txt").exists()
