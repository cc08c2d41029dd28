"""What must be true after the storm: compares promises, the simulator's books and the database."""

import sqlite3
from collections import Counter
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, bindparam, text

from benchmarks.storm.load import Journal
from county.database import UtcDateTime

# Every fen of a paid trade is on one order, or was paid back, or waits in suspense for somebody to settle it.
BOOKED = "SELECT trade_no, fen FROM shop_order_payment"
# Money that never was an order's: what goes back of an order's own payment is counted there.
PAID_BACK = (
    "SELECT trade_no, fen FROM county_payment_instruction WHERE wish = 'refund' AND state = 'done' "
    "AND trade_no NOT IN (SELECT trade_no FROM shop_order_payment)"
)
SUSPENSE = "SELECT trade_no, fen FROM county_payment_suspense"
LEFT = "SELECT id, available FROM shop_sku"
SOLD = """
SELECT l.sku_id, SUM(l.quantity) FROM shop_order_line l JOIN shop_order o ON o.id = l.order_id
WHERE o.state <> 'cancelled' AND o.reason NOT IN ('late_payment', 'cancelled_by_buyer') GROUP BY l.sku_id
"""

WAITING = {
    "jobs due": "SELECT COUNT(*) FROM county_job WHERE state = 'due' AND run_at <= :now",
    "payments to ask about": "SELECT COUNT(*) FROM county_payment "
    "WHERE state = 'awaiting' AND next_ask_at <= :now",
    "orders to expire": "SELECT COUNT(*) FROM shop_order "
    "WHERE state = 'awaiting_payment' AND expires_at <= :now",
    # A clerk that was killed over a job leaves it leased; the next one may take it when the lease is over.
    "leases that are over": "SELECT COUNT(*) FROM county_job WHERE state = 'running' AND lease_until <= :now",
    "jobs running": "SELECT COUNT(*) FROM county_job WHERE state = 'running' AND lease_until > :now",
}


def stock(engine: Engine) -> dict[str, int]:
    """Give how many pieces of each size are there, sold ones counted in."""
    pieces: Counter[str] = Counter()
    with engine.connect() as db:
        for query in (LEFT, SOLD):
            for sku_id, quantity in db.execute(text(query)):
                pieces[str(sku_id).replace("-", "")] += int(quantity)
    return dict(pieces)


def numbers_of(engine: Engine) -> set[str]:
    """Give the numbers of all orders."""
    with engine.connect() as db:
        return {str(row[0]) for row in db.execute(text("SELECT number FROM shop_order"))}


def judge(
    engine: Engine, books: Path, journal: Journal, *, before: dict[str, int], others: set[str]
) -> dict[str, int]:
    """Count what was lost or counted twice; everything but the totals should be 0.

    Takes: `before`, pieces per size before the storm; `others`, orders that are not the storm's.
    """
    numbers = numbers_of(engine) - others
    with engine.connect() as db:
        states = {row[0]: row[1] for row in db.execute(text("SELECT number, state FROM shop_order"))}
        homes: Counter[tuple[str, int]] = Counter()
        for query in (BOOKED, PAID_BACK, SUSPENSE):
            homes.update((row[0], int(row[1])) for row in db.execute(text(query)))
    promised = set(journal.orders.values())
    paid = _paid_trades(books)
    now = stock(engine)
    return {
        "acknowledged orders": len(promised),
        "acknowledged orders lost": len(promised - numbers),
        "orders that nobody was told of": len(numbers - promised),
        "keys with two orders": len(journal.wrong) + len(journal.orders) - len(promised),
        "paid at the simulator": len(paid),
        "payments lost": sum(homes[trade] == 0 for trade in paid),
        "payments booked twice": sum(homes[trade] > 1 for trade in paid),
        "payments booked that nobody made": len(set(homes) - set(paid)),
        "cancellations lost": sum(states[number] == "awaiting_payment" for number in journal.cancelled),
        "sizes whose stock is wrong": sum(now[sku_id] != pieces for sku_id, pieces in before.items()),
    }


def _paid_trades(books: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(f"file:{books}?mode=ro", uri=True) as db:
        found: list[tuple[str, int]] = db.execute(
            "SELECT trade_no, total_fen FROM trade WHERE paid_at_s IS NOT NULL"
        ).fetchall()
    return found


def open_work(engine: Engine, now: datetime) -> dict[str, int]:
    """Count what the clerk has still to do at an instant, by kind; kinds with nothing are left out."""
    at = bindparam("now", now, type_=UtcDateTime())
    with engine.connect() as db:
        counts = {
            name: int(db.execute(text(query).bindparams(at)).scalar_one()) for name, query in WAITING.items()
        }
    return {name: count for name, count in counts.items() if count}
