"""What is laid before the judge: the simulator's own books, and what ours say about the same money."""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from county.ledger import service as ledger
from county.ledger.types import Book
from county.payments import service as payments
from county.payments.simulator import books
from shop.accounts.rules import FEE
from shop.sellers.types import MoneyMode
from tests.flows.money_simulation.story import Story


class Alipay:
    """What the simulator's own books say, read straight from its tables."""

    def __init__(self, story: Story) -> None:
        with story.world.desk.database.transaction() as db:
            self.balances = books.balances(db)
            self.total_fen = books.total_fen(db)
            self.trades = [dict(row) for row in db.execute("SELECT * FROM trade")]
            self.refunds = [dict(row) for row in db.execute("SELECT * FROM refund")]
            self.royalties = [dict(row) for row in db.execute("SELECT * FROM royalty")]

    def of(self, owner: str) -> int:
        """Give all that an owner has there: available, pending and frozen."""
        return sum(fen for code, fen in self.balances.items() if code.rpartition(":")[0] == owner)


class Evidence:
    """Both sides of a seed's end, read once."""

    def __init__(self, story: Story, db: Session) -> None:
        self.story, self.alipay, self.db = story, Alipay(story), db
        self.orders = story.orders()
        self.sellers = {seller.id: seller for seller in story.cast.sellers}
        self.findings = payments.list_findings(db)

    def cleared(self) -> dict[str, int]:
        """Sum what receivers got of what was owed to them, less what they gave back.

        A fee that Alipay took from a farm's own money after the settlement is owed to the farm again.
        """
        got: dict[str, int] = defaultdict(int)
        growers = {
            f"payable:grower:{person_id}": str(seller.id)
            for person_id, seller in self.story.cast.growers.items()
        }
        for prefix in ("clear:", "returned:", "fee:"):
            for _key, account, fen in self.postings(prefix):
                if account in growers:
                    got[growers[account]] += fen
                elif account.startswith("payable:streamer:"):
                    got[f"streamer {account.rpartition(':')[2]}"] += fen
                elif account.startswith("payable:association:"):
                    got["association"] += fen
        return got

    def done_refunds(self) -> dict[str, Any]:
        """Give the refunds that are done here, by their numbers."""
        return {
            one.request_no: one
            for order in self.orders
            for one in payments.list_instructions(self.db, out_trade_no=order.order_no)
            if one.wish == "refund" and one.state == "done"
        }

    def fees_by_order(self) -> dict[str, int]:
        """Sum the fees that are booked, per order."""
        rows = self.db.execute(
            text(
                "SELECT e.cause_ref, p.fen FROM county_posting p JOIN county_entry e ON e.id = p.entry_id "
                "JOIN county_account a ON a.id = p.account_id WHERE a.code = :code"
            ),
            {"code": FEE},
        )
        fees: dict[str, int] = Counter()
        for number, fen in rows:
            fees[number] += fen
        return fees

    def postings(self, prefix: str) -> list[tuple[str, str, int]]:
        """List the postings of the entries whose keys begin so: key, account, fen."""
        rows = self.db.execute(
            text(
                "SELECT e.key, a.code, p.fen FROM county_posting p JOIN county_entry e ON e.id = p.entry_id "
                "JOIN county_account a ON a.id = p.account_id WHERE e.key LIKE :prefix"
            ),
            {"prefix": f"{prefix}%"},
        )
        return [(key, code, int(fen)) for key, code, fen in rows]

    def booked_trades(self) -> dict[str, int]:
        """Give what is booked as paid at Alipay: trade number, in small letters, → fen."""
        return {
            key.removeprefix("pay:").lower(): fen
            for key, account, fen in self.postings("pay:")
            if account.startswith("cash:alipay:")
        }

    def unknowable_trades(self) -> list[dict[str, Any]]:
        """List second payments of a direct farm's order whose notices never came whole.

        Only the farm's own bill shows them; asking by the order's number answers with the first trade.
        """
        booked = self.booked_trades()
        paid = [row for row in self.alipay.trades if row["paid_at_s"]]
        known = {row["out_trade_no"] for row in paid if row["trade_no"].lower() in booked}
        direct = {seller.id for seller in self.sellers.values() if seller.mode is MoneyMode.DIRECT}
        numbers = {order.order_no for order in self.orders if order.seller_id in direct} & known
        return [
            row for row in paid if row["out_trade_no"] in numbers and row["trade_no"].lower() not in booked
        ]

    def balance(self, account: str) -> int:
        """Give an account's balance in both books."""
        return sum(ledger.balance(self.db, account=account, book=book) for book in Book)

    def numbers_of(self, seller_id: Any) -> set[str]:
        """Give the numbers of a seller's orders."""
        return {order.order_no for order in self.orders if order.seller_id == seller_id}
