"""The simulator's own books: who holds how much, every movement of it, and a total that never changes."""

import sqlite3
from dataclasses import dataclass

from county.config import SIMULATOR_APP_ID

FEES = "alipay:fees"


@dataclass(frozen=True)
class Buyer:
    """A buyer who can be chosen at the cashier."""

    user_id: str
    name: str
    logon_id: str
    starts_with_fen: int


BUYERS = (
    Buyer("2088102100000011", "王小明", "138******01", 100_000_000),
    Buyer("2088102100000012", "李秀英", "139******02", 100_000_000),
    Buyer("2088102100000013", "赵没钱", "137******03", 1),
)
POOR_BUYER = BUYERS[2]
# Farms of the demo county that this Alipay agreed to long ago: number, name. The shop's seeds name the same.
FARMS = (("2088000000002002", "陈家山柑橘农场"), ("2088000000002003", "云雾药茶场"))


@dataclass(frozen=True)
class Step:
    """Why money moves: the cause, the trade (or other number) it belongs to, and when."""

    cause: str
    number: str
    at_s: int


class NotEnough(Exception):
    """An account holds less than should be taken from it."""


def found(db: sqlite3.Connection) -> None:
    """Give the buyers their money, once: all the money there will ever be; know the demo's farms."""
    for number, name in FARMS:
        db.execute(
            "INSERT INTO sub_merchant VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
            (number, SIMULATOR_APP_ID, number, name, number),
        )
    for buyer in BUYERS:
        db.execute(
            "INSERT INTO account VALUES (?, ?) ON CONFLICT (code) DO NOTHING",
            (f"buyer:{buyer.user_id}", buyer.starts_with_fen),
        )


def move(db: sqlite3.Connection, step: Step, from_code: str, to_code: str, fen: int) -> None:
    """Move money between two accounts; raises `NotEnough` and moves nothing when it is not there."""
    if fen == 0 or from_code == to_code:
        return
    if fen < 0:
        raise ValueError("money moves forward; swap the accounts")
    for code in (from_code, to_code):
        db.execute("INSERT INTO account VALUES (?, 0) ON CONFLICT (code) DO NOTHING", (code,))
    taken = db.execute(
        "UPDATE account SET balance_fen = balance_fen - :fen WHERE code = :code AND balance_fen >= :fen",
        {"fen": fen, "code": from_code},
    )
    if taken.rowcount == 0:
        raise NotEnough(from_code)
    db.execute("UPDATE account SET balance_fen = balance_fen + ? WHERE code = ?", (fen, to_code))
    db.execute(
        "INSERT INTO movement (from_code, to_code, fen, cause, trade_no, at_s) VALUES (?, ?, ?, ?, ?, ?)",
        (from_code, to_code, fen, step.cause, step.number, step.at_s),
    )


def balance_fen(db: sqlite3.Connection, code: str) -> int:
    """Give what an account holds; an account never used holds 0."""
    row = db.execute("SELECT balance_fen FROM account WHERE code = ?", (code,)).fetchone()
    return int(row["balance_fen"]) if row else 0


def balances(db: sqlite3.Connection) -> dict[str, int]:
    """Give every account and what it holds."""
    return {
        row["code"]: row["balance_fen"]
        for row in db.execute("SELECT code, balance_fen FROM account ORDER BY code")
    }


def total_fen(db: sqlite3.Connection) -> int:
    """Give the sum of all accounts: the same after every step."""
    return int(db.execute("SELECT coalesce(sum(balance_fen), 0) FROM account").fetchone()[0])


def buyer(user_id: str) -> Buyer | None:
    """Find a buyer by account number."""
    return next((one for one in BUYERS if one.user_id == user_id), None)
