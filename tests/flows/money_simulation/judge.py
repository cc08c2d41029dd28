"""Says what does not hold after a seed: our ledger, orders and stock against the simulator's own books."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import database
from county.checks import service as checks
from county.jobs import service as jobs
from county.jobs.types import JobState
from county.ledger import service as ledger
from county.ledger.types import Book
from county.payments import service as payments
from county.payments.simulator import books
from county.payments.types import FindingKind
from county.tasks import service as tasks
from shop.accounts.rules import BANK, FEE, TAX, money_account
from shop.aftersales import service as aftersales
from shop.aftersales.types import ClaimState
from shop.catalogue.tables import SkuRow
from shop.orders.types import Order, OrderState
from shop.payouts import service as payouts
from shop.payruns import service as payruns
from shop.payruns.types import ItemState
from shop.refunds import service as refunds
from shop.sellers.types import MoneyMode
from tests.flows.money_simulation.story import Story

INVARIANTS = [each for room in front_door.ROOMS for each in room.invariants]
HELD = (
    OrderState.AWAITING_PAYMENT,
    OrderState.PAID,
    OrderState.PACKED,
    OrderState.SHIPPED,
    OrderState.AT_STATION,
    OrderState.DELIVERED,
    OrderState.COMPLETED,
)
# The one finding that needs no fault of a bill: the second trade really happened.
PAID_TWICE = FindingKind.PAID_TWICE


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


def judge(story: Story) -> list[str]:
    """List everything that is not as it must be, in plain words."""
    alipay = Alipay(story)
    with database.reading() as db:
        court = Court(story, alipay, db)
        return [fault for look in court.looks() for fault in look]


class Court:
    """The questions, one method each."""

    def __init__(self, story: Story, alipay: Alipay, db: Session) -> None:
        self.story, self.alipay, self.db = story, alipay, db
        self.orders = story.orders()
        self.sellers = {seller.id: seller for seller in story.cast.sellers}
        self.findings = payments.list_findings(db)
        self.unbooked = self._unbooked_second_trades()

    def looks(self) -> Iterator[Iterator[str]]:
        """Give every question's answer."""
        yield self.invariants()
        yield self.chains()
        yield self.trades()
        yield self.refunds()
        yield self.alipay_accounts()
        yield self.receivers()
        yield self.buyers()
        yield self.fees()
        yield self.orders_add_up()
        yield self.bank()
        yield self.bills()
        yield self.stock()
        yield self.nothing_silent()
        yield self.tasks_are_seen()

    def invariants(self) -> Iterator[str]:
        """Every room's invariants hold."""
        for found in checks.check_invariants(self.db, invariants=INVARIANTS):
            if found.count:
                yield f"invariant {found.name}: {found.count} {found.rows[:3]}"

    def chains(self) -> Iterator[str]:
        """Both hash chains are whole."""
        for state in checks.verify_chains(self.db, heads={}):
            if state.faults:
                yield f"chain {state.chain}: {state.faults[:3]}"

    def trades(self) -> Iterator[str]:
        """Every trade that was paid there is booked here once, with its amount; nothing else is."""
        there = {
            row["trade_no"].lower(): row["total_fen"]
            for row in self.alipay.trades
            if row["paid_at_s"] and row["trade_no"] not in self.unbooked
        }
        here: dict[str, int] = {}
        for key, account, fen in self._postings("pay:"):
            if account.startswith("cash:alipay:"):
                here[key.removeprefix("pay:").lower()] = fen
        if here != there:
            yield f"paid trades differ: {_difference(here, there)}"

    def refunds(self) -> Iterator[str]:
        """Every refund there is done here with the same number and amount, and the other way round."""
        there = {(row["trade_no"], row["out_request_no"]): row["fen"] for row in self.alipay.refunds}
        here = {(one.trade_no, number): one.content.fen for number, one in self._done_refunds().items()}
        if here != there:
            yield f"refunds differ: {_difference(here, there)}"

    def alipay_accounts(self) -> Iterator[str]:
        """What the ledger says rests at Alipay for a seller is what the simulator holds for them."""
        received, booked = self._cleared(), self._fees_by_order()
        for seller in self.sellers.values():
            numbers = self._numbers_of(seller.id)
            trades = [row for row in self.alipay.trades if row["out_trade_no"] in numbers]
            own = "sub" if seller.mode is MoneyMode.SUB_MERCHANT else "user"
            there_fen = self.alipay.of(f"{own}:{seller.merchant_id}")
            # Only a finding knows of these; their money is there and not yet here.
            there_fen -= sum(row["total_fen"] for row in trades if row["trade_no"] in self.unbooked)
            # A farm's own contract has fees that we never see, a spoilt bill some that we have not seen.
            there_fen += sum(row["fee_fen"] - row["fee_back_fen"] for row in trades)
            there_fen -= sum(booked[number] for number in numbers)
            here_fen = self._balance(money_account(seller))
            if seller.mode is MoneyMode.PRINCIPAL:
                there_fen -= received["association"]
            else:
                here_fen += received[str(seller.id)]
            if here_fen != there_fen:
                yield f"{seller.name}: the ledger says {here_fen}, Alipay {there_fen}"

    def receivers(self) -> Iterator[str]:
        """Streamers received at Alipay what was cleared of their payables."""
        received = self._cleared()
        for person_id, account in {
            **self.story.cast.accounts,
            self.story.cast.streamers[2].id: "2088000000000033",
        }.items():
            here_fen, there_fen = received[f"streamer {person_id}"], self.alipay.of(f"user:{account}")
            if here_fen != there_fen:
                yield f"streamer {account}: cleared {here_fen}, received {there_fen}"

    def buyers(self) -> Iterator[str]:
        """Buyers have what they had, less what they paid, plus what came back, and money is never made."""
        started = sum(buyer.starts_with_fen for buyer in books.BUYERS)
        if self.alipay.total_fen != started:
            yield f"Alipay's total is {self.alipay.total_fen}, it began with {started}"
        paid = sum(row["total_fen"] for row in self.alipay.trades if row["paid_at_s"])
        back = sum(row["fen"] for row in self.alipay.refunds)
        have = sum(self.alipay.balances[f"buyer:{buyer.user_id}"] for buyer in books.BUYERS)
        if have != started - paid + back:
            yield f"buyers have {have}, expected {started} - {paid} + {back}"

    def fees(self) -> Iterator[str]:
        """The fees booked are the fees taken, where the bills showed them all."""
        if self.story.bill_faults:
            return
        own = {seller.merchant_id for seller in self.sellers.values() if seller.mode is MoneyMode.DIRECT}
        there_fen = sum(
            row["fee_fen"] - row["fee_back_fen"] for row in self.alipay.trades if row["seller_id"] not in own
        )
        here_fen = self._balance(FEE)
        if here_fen != there_fen:
            yield f"fees booked {here_fen}, taken {there_fen}"

    def orders_add_up(self) -> Iterator[str]:
        """Paid = refunded + released + still held, for every order."""
        facts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for ref, key, account, fen in self.db.execute(
            text(
                "SELECT e.cause_ref, e.key, a.code, p.fen FROM county_posting p "
                "JOIN county_entry e ON e.id = p.entry_id JOIN county_account a ON a.id = p.account_id "
                "WHERE e.cause_kind = 'order'"
            )
        ):
            kind = key.partition(":")[0]
            if account == f"liability:order:{ref.lower()}":
                facts[ref]["held"] -= fen
                facts[ref]["paid"] -= fen if kind == "pay" else 0
            elif account.startswith("payable:") and kind in ("release", "refund"):
                facts[ref]["released"] -= fen
        back: dict[str, int] = Counter()
        own = {payment.trade_no for order in self.orders for payment in order.payments}
        for row in self.alipay.refunds:
            if row["trade_no"] in own:
                number = next(
                    each["out_trade_no"] for each in self.alipay.trades if each["trade_no"] == row["trade_no"]
                )
                back[number] += row["fen"]
        for order in self.orders:
            one = facts[order.order_no]
            paid_fen = sum(payment.fen for payment in order.payments)
            if one["paid"] != paid_fen or paid_fen != back[order.order_no] + one["released"] + one["held"]:
                which = f"{order.order_no} {order.state.value}"
                yield f"{which}: paid {paid_fen}, back {back[order.order_no]}, {dict(one)}"
            if one["held"] and order.state in (OrderState.COMPLETED, OrderState.REFUNDED):
                yield f"{order.order_no} is {order.state.value} and still holds {one['held']}"

    def bank(self) -> Iterator[str]:
        """What left the bank account is what the bank was told to pay and did not return."""
        items = [item for run in payruns.list_runs(self.db, limit=500) for item in run.items]
        out = [item for item in items if item.state in (ItemState.SENT, ItemState.PAID)]
        net, tax = sum(item.net_fen for item in out), sum(item.withheld_fen for item in out)
        if (self._balance(BANK), self._balance(TAX)) != (-net, -tax):
            yield f"bank {self._balance(BANK)}, tax {self._balance(TAX)}; sent and not returned {net}, {tax}"
        for item in items:
            said = self.story.bank.get(item.item_no)
            if item.state is ItemState.PAID and said is not True:
                yield f"{item.item_no} is paid here, the bank returned it"

    def bills(self) -> Iterator[str]:
        """No difference to the bills is open but what an injected fault explains."""
        # A refund's answer was lost or its process died, and the bill was read before the job came again.
        shown = {
            each.detail: each.number for each in self.findings if each.kind is FindingKind.REFUND_NOT_HERE
        }
        late = {number for request_no, number in shown.items() if request_no in self._done_refunds()}
        twice = {row["out_trade_no"] for row in self.alipay.trades if row["again"] and row["paid_at_s"]}
        for finding in self.findings:
            if self.story.bill_faults:
                continue
            if finding.kind is PAID_TWICE and finding.number in twice:
                continue
            if finding.number in late:
                continue
            yield f"open finding {finding}"

    def stock(self) -> Iterator[str]:
        """Sold pieces and available ones are what there was at first."""
        sold: dict[Any, int] = Counter()
        for order in self.orders:
            if order.state in HELD or (order.state is OrderState.REFUNDED and _was_packed(order)):
                for line in order.lines:
                    sold[line.sku_id] += line.quantity
        left = {row.id: row.available for row in self.db.scalars(select(SkuRow))}
        for goods in self.story.cast.goods:
            back = self.story.back_on_sale.get(goods.sku_id, 0)
            if left[goods.sku_id] + sold[goods.sku_id] - back != goods.pieces:
                pieces = f"{left[goods.sku_id]} left + {sold[goods.sku_id]} sold - {back} back"
                yield f"size {goods.sku_id}: {pieces}, {goods.pieces} at first"

    def nothing_silent(self) -> Iterator[str]:
        """Whatever is not at its end waits for a time, or stands on a list where a person sees it."""
        for order in self.orders:
            for one in payments.list_instructions(self.db, out_trade_no=order.order_no):
                if one.state not in ("done", "refused"):
                    what = f"instruction {one.wish} {one.request_no} of {order.order_no}"
                    yield f"{what} is {one.state}: {one.outcome}"
            if order.state is OrderState.AWAITING_PAYMENT:
                yield f"{order.order_no} still awaits its payment"
        for state in (JobState.DUE, JobState.RUNNING, JobState.DEAD):
            for job in jobs.list_jobs(self.db, state=state):
                yield f"job {job.kind} {job.key} is {state}: {job.last_error}"
        for number, state in self.db.execute(
            text("SELECT number, state FROM shop_refund WHERE state IN ('waiting', 'planned')")
        ):
            yield f"refund {number} is {state}"
        for number, state, stuck in self.db.execute(
            text("SELECT order_no, state, stuck FROM shop_settlement WHERE state <> 'settled' AND stuck = ''")
        ):
            yield f"settlement of {number} is {state} and nobody is told ({stuck})"

    def tasks_are_seen(self) -> Iterator[str]:
        """Whatever only a person can put right stands on the association's list of tasks."""
        listed = tasks.list_waiting(self.db, now=self.story.world.now, limit=1_000).tasks
        said = " ".join(f"{each.task.key} {each.task.facts} {each.task.link}" for each in listed)
        stuck = [claim for claim in aftersales.list_claims(self.db) if claim.state is ClaimState.STUCK]
        for what, number in (
            *(("settlement", each.order_no) for each in payouts.list_stuck(self.db)),
            *(("refused refund", each.order_no) for each in refunds.list_refused(self.db)),
            *(("finding", each.number) for each in self.findings),
            *(("suspense", each.out_trade_no) for each in payments.list_suspense(self.db)),
            *(("claim", each.claim_no) for each in stuck),
        ):
            if number not in said:
                yield f"{what} {number} is on nobody's list"

    def _unbooked_second_trades(self) -> set[str]:
        """Name the second trades that only the bill brought to light: a finding stands for each."""
        found = {finding.detail for finding in self.findings if finding.kind is PAID_TWICE}
        booked = {key.removeprefix("pay:").lower() for key, account, _ in self._postings("pay:")}
        return {
            row["trade_no"]
            for row in self.alipay.trades
            if row["trade_no"] in found and row["trade_no"].lower() not in booked
        }

    def _cleared(self) -> dict[str, int]:
        """Sum what receivers got of what was owed to them, less what they gave back.

        A fee that Alipay took from a farm's own money after the settlement is owed to the farm again.
        """
        got: dict[str, int] = defaultdict(int)
        growers = {
            f"payable:grower:{person_id}": str(seller.id)
            for person_id, seller in self.story.cast.growers.items()
        }
        for prefix in ("clear:", "returned:", "fee:"):
            for _key, account, fen in self._postings(prefix):
                if account in growers:
                    got[growers[account]] += fen
                elif account.startswith("payable:streamer:"):
                    got[f"streamer {account.rpartition(':')[2]}"] += fen
                elif account.startswith("payable:association:"):
                    got["association"] += fen
        return got

    def _done_refunds(self) -> dict[str, Any]:
        return {
            one.request_no: one
            for order in self.orders
            for one in payments.list_instructions(self.db, out_trade_no=order.order_no)
            if one.wish == "refund" and one.state == "done"
        }

    def _fees_by_order(self) -> dict[str, int]:
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

    def _postings(self, prefix: str) -> list[tuple[str, str, int]]:
        rows = self.db.execute(
            text(
                "SELECT e.key, a.code, p.fen FROM county_posting p JOIN county_entry e ON e.id = p.entry_id "
                "JOIN county_account a ON a.id = p.account_id WHERE e.key LIKE :prefix"
            ),
            {"prefix": f"{prefix}%"},
        )
        return [(key, code, int(fen)) for key, code, fen in rows]

    def _balance(self, account: str) -> int:
        return sum(ledger.balance(self.db, account=account, book=book) for book in Book)

    def _numbers_of(self, seller_id: Any) -> set[str]:
        return {order.order_no for order in self.orders if order.seller_id == seller_id}


def _was_packed(order: Order) -> bool:
    return any(part.state is not OrderState.PAID for part in order.consignments)


def _difference(here: dict[Any, int], there: dict[Any, int]) -> str:
    only_here = {key: fen for key, fen in here.items() if there.get(key) != fen}
    only_there = {key: fen for key, fen in there.items() if here.get(key) != fen}
    return f"here {only_here}, there {only_there}"
