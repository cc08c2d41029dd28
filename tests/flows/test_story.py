"""The county's story by its command, and its books read by two foreign programs."""

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from beancount import loader
from beancount.core import data
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.conftest import KINDS, POSTGRESQL

ROOT = Path(__file__).resolve().parents[2]
DOOR = str(ROOT / "app.py")
CHAPTERS_AT_LEAST = 15
# What the story must have come to, whatever words later chapters find for it.
MUST_SAY = (
    "is booked for 12:00",
    "409",
    "On air",
    "Alipay's notice is booked",
    "Daily files taken in",
    "Joint tour planned and published",
    "Delivered in",
    "Claim window over",
    "statement",
    "is closed",
)


class Played:
    """A story that was played: what it said, its folder, its environment."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("SHANHUO_")}
        self.environ |= {"SHANHUO_DEMO": "1", "PYTHONPATH": str(ROOT)}
        if database_url:
            self.environ["SHANHUO_DATABASE_URL"] = database_url
        self.folder = folder
        self.code, self.said = self.run("story", "--keep", str(folder))

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command of the front door in the story's folder."""
        done = subprocess.run(
            [sys.executable, DOOR, *words],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=540,
        )
        return done.returncode, done.stdout


def on_server(statement: str) -> None:
    server = create_engine(make_url(POSTGRESQL).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


@pytest.fixture(scope="module", params=KINDS)
def played(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    if request.param == "sqlite":
        yield Played(folder, "")
        return
    name = f"shanhuo_test_{uuid4().hex[:12]}"
    on_server(f"CREATE DATABASE {name}")
    try:
        yield Played(folder, make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False))
    finally:
        on_server(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_story_comes_to_its_end(played):
    assert played.code == 0, played.said
    steps = [int(number) for number in re.findall(r"^ ?(\d+)\. ", played.said, re.MULTILINE)]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= CHAPTERS_AT_LEAST
    assert [words for words in MUST_SAY if words not in played.said] == []


def test_everything_that_must_hold_holds_afterwards(played):
    checked, broken = re.search(r"Invariants: (\d+) checked, (\d+) broken", played.said).groups()
    code, said = played.run("invariants")

    assert broken == "0"
    assert code == 0, said
    assert said.count("holds   ") == int(checked) > 0
    assert played.run("audit", "verify")[0] == 0


def test_the_grower_is_owed_what_the_worked_example_says(played):
    owed = dict(re.findall(r"payable:(grower|streamer|association:service):?\S* ¥([\d.]+)", played.said))

    assert owed["grower"] == "58.22"
    assert owed["streamer"] == "6.85"
    assert owed["association:service"] == "3.43"


def test_beancount_and_hledger_read_the_same_books(played, tmp_path):
    beancount, journal = tmp_path / "books.beancount", tmp_path / "books.journal"
    for form, file in (("beancount", beancount), ("hledger", journal)):
        code, said = played.run("ledger", "export", "--format", form, "--out", str(file))
        assert code == 0, said

    checked = subprocess.run(
        [str(Path(sys.executable).parent / "bean-check"), str(beancount)], capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert beancount_balances(beancount) == hledger_balances(journal)


def beancount_balances(file: Path) -> dict[str, Decimal]:
    entries, errors, _options = loader.load_file(str(file))
    assert not errors
    # Beancount has names of its own for the accounts; the code of ours stands beside each.
    codes = {entry.account: entry.meta["code"] for entry in entries if isinstance(entry, data.Open)}
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if isinstance(entry, data.Transaction):
            for posting in entry.postings:
                memo = "memo:" if posting.account.split(":")[1] == "Memo" else ""
                sums[memo + codes[posting.account]] += posting.units.number
    return {account: amount for account, amount in sums.items() if amount}


def hledger_balances(file: Path) -> dict[str, Decimal]:
    hledger = shutil.which("hledger")
    assert hledger, "hledger is not installed"
    subprocess.run([hledger, "-f", str(file), "check", "--strict"], check=True)
    said = subprocess.run(
        [hledger, "-f", str(file), "balance", "--flat", "--no-total", "--output-format", "csv"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rows = re.findall(r'^"([^"]+)","[^"\d-]*(-?[\d.,]+)', said, re.MULTILINE)
    assert rows
    return {account: Decimal(amount.replace(",", "")) for account, amount in rows}
