"""What of the money does not hold: our ledger, orders and bank against the simulator's own books."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from county.ledger import service as ledger
from county.payments.simulator import books
from county.payments.types import FindingKind
from shop.accounts.rules import BANK, FEE, TAX, money_account
from shop.bank import service as bank_account
from shop.orders.types import OrderState
from shop.payruns import service as payruns
from shop.payruns.rules import PAYABLES
from shop.payruns.types import ItemState, RunKind
from shop.sellers.types import MoneyMode
from tests.flows.money_simulation.evidence import Evidence

# The one finding that needs no fault of a bill: the second trade really happened.
PAID_TWICE = FindingKind.PAID_TWICE


def trades(seen: Evidence) -> Iterator[str]:
    """Every trade that was paid there is booked here once, with its amount; nothing else is."""
    there = {row["trade_no"].lower(): row["total_fen"] for row in seen.alipay.trades if row["paid_at_s"]}
    for row in seen.unknowable_trades():
        del there[row["trade_no"].lower()]
    here = seen.booked_trades()
    if here != there:
        yield f"paid trades differ: {_difference(here, there)}"


def refunds(seen: Evidence) -> Iterator[str]:
    """Every refund there is done here with the same number and amount, and the other way round."""
    there = {(row["trade_no"], row["out_request_no"]): row["fen"] for row in seen.alipay.refunds}
    here = {(one.trade_no, number): one.content.fen for number, one in seen.done_refunds().items()}
    if here != there:
        yield f"refunds differ: {_difference(here, there)}"


def alipay_accounts(seen: Evidence) -> Iterator[str]:
    """What the ledger says rests at Alipay for a seller is what the simulator holds for them."""
    received, booked = seen.cleared(), seen.fees_by_order()
    # The simulator does not know withdrawals: what left by one still lies there.
    withdrawn: dict[Any, int] = Counter()
    for each in bank_account.list_lines(seen.db, limit=500):
        withdrawn[each.party_id] += 0 if each.reversed_at else each.fen
    unknowable: dict[str, int] = Counter()
    for row in seen.unknowable_trades():
        unknowable[row["seller_id"]] += row["total_fen"]
    for seller in seen.sellers.values():
        numbers = seen.numbers_of(seller.id)
        trades = [row for row in seen.alipay.trades if row["out_trade_no"] in numbers]
        own = "sub" if seller.mode is MoneyMode.SUB_MERCHANT else "user"
        there_fen = seen.alipay.of(f"{own}:{seller.merchant_id}") - unknowable[seller.merchant_id]
        # A farm's own contract has fees that we never see, a spoilt bill some that we have not seen.
        there_fen += sum(row["fee_fen"] - row["fee_back_fen"] for row in trades)
        there_fen -= sum(booked[number] for number in numbers)
        here_fen = seen.balance(money_account(seller))
        if seller.mode is MoneyMode.PRINCIPAL:
            there_fen -= received["association"] + withdrawn[seller.id]
        else:
            here_fen += received[str(seller.id)]
        if here_fen != there_fen:
            yield f"{seller.name}: the ledger says {here_fen}, Alipay {there_fen}"


def receivers(seen: Evidence) -> Iterator[str]:
    """Streamers received at Alipay what was cleared of their payables."""
    received = seen.cleared()
    for person_id, account in {
        **seen.story.cast.accounts,
        seen.story.cast.streamers[2].id: "2088000000000033",
    }.items():
        here_fen, there_fen = received[f"streamer {person_id}"], seen.alipay.of(f"user:{account}")
        if here_fen != there_fen:
            yield f"streamer {account}: cleared {here_fen}, received {there_fen}"


def buyers(seen: Evidence) -> Iterator[str]:
    """Buyers have what they had, less what they paid, plus what came back, and money is never made."""
    started = sum(buyer.starts_with_fen for buyer in books.BUYERS)
    if seen.alipay.total_fen != started:
        yield f"Alipay's total is {seen.alipay.total_fen}, it began with {started}"
    paid = sum(row["total_fen"] for row in seen.alipay.trades if row["paid_at_s"])
    back = sum(row["fen"] for row in seen.alipay.refunds)
    have = sum(seen.alipay.balances[f"buyer:{buyer.user_id}"] for buyer in books.BUYERS)
    if have != started - paid + back:
        yield f"buyers have {have}, expected {started} - {paid} + {back}"


def fees(seen: Evidence) -> Iterator[str]:
    """The fees booked are the fees taken, where the bills showed them all."""
    if seen.story.bill_faults:
        return
    own = {seller.merchant_id for seller in seen.sellers.values() if seller.mode is MoneyMode.DIRECT}
    there_fen = sum(
        row["fee_fen"] - row["fee_back_fen"] for row in seen.alipay.trades if row["seller_id"] not in own
    )
    here_fen = seen.balance(FEE)
    if here_fen != there_fen:
        yield f"fees booked {here_fen}, taken {there_fen}"


def orders_add_up(seen: Evidence) -> Iterator[str]:
    """Paid = refunded + released + still held, for every order."""
    facts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for ref, key, account, fen in seen.db.execute(
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
    own = {payment.trade_no for order in seen.orders for payment in order.payments}
    for row in seen.alipay.refunds:
        if row["trade_no"] in own:
            number = next(
                each["out_trade_no"] for each in seen.alipay.trades if each["trade_no"] == row["trade_no"]
            )
            back[number] += row["fen"]
    for order in seen.orders:
        one = facts[order.order_no]
        paid_fen = sum(payment.fen for payment in order.payments)
        if one["paid"] != paid_fen or paid_fen != back[order.order_no] + one["released"] + one["held"]:
            which = f"{order.order_no} {order.state.value}"
            yield f"{which}: paid {paid_fen}, back {back[order.order_no]}, {dict(one)}"
        if one["held"] and order.state in (OrderState.COMPLETED, OrderState.REFUNDED):
            yield f"{order.order_no} is {order.state.value} and still holds {one['held']}"


def bank(seen: Evidence) -> Iterator[str]:
    """The bank account holds what was withdrawn, less what the bank was told to pay and did not return."""
    items = [item for run in payruns.list_runs(seen.db, limit=500) for item in run.items]
    out = [item for item in items if item.state in (ItemState.SENT, ItemState.PAID)]
    net, tax = sum(item.net_fen for item in out), sum(item.withheld_fen for item in out)
    arrived = [each for each in bank_account.list_lines(seen.db, limit=500) if not each.reversed_at]
    came = sum(each.fen for each in arrived)
    if (seen.balance(BANK), seen.balance(TAX)) != (came - net, -tax):
        had = f"bank {seen.balance(BANK)}, tax {seen.balance(TAX)}"
        yield f"{had}; arrived {came}, sent and not returned {net}, {tax}"
    for item in items:
        said = seen.story.bank.get(item.item_no)
        if item.state is ItemState.PAID and said is not True:
            yield f"{item.item_no} is paid here, the bank returned it"


def farms_fees(seen: Evidence) -> Iterator[str]:
    """What farms are owed of fees is what the association took over and no payment in force paid."""
    taken = sum(
        fen for _key, account, fen in seen.postings("fee-owed:") if account.startswith("payable:fee:")
    )
    runs = [run for run in payruns.list_runs(seen.db, limit=500) if run.kind is RunKind.FEES]
    out = (ItemState.SENT, ItemState.PAID)
    paid = sum(item.gross_fen for run in runs for item in run.items if item.state in out)
    owed = sum(ledger.balances(seen.db, prefix="payable:fee").values())
    if owed != taken + paid:
        yield f"fees of farms: owed {-owed}, taken over {-taken}, paid {paid}"


def returned_are_tasks(seen: Evidence) -> Iterator[str]:
    """Every payment that came back stands on the list until it may be tried again or nothing is owed.

    Nobody's bank account changes in these stories, so that nothing else can pay the money.
    """
    listed = payruns.PaymentTasks().list_tasks(seen.db, now=seen.story.world.now, limit=1_000)
    keys = {task.key for task in listed}
    for run in payruns.list_runs(seen.db, limit=500):
        for item in run.items:
            owed = -ledger.balance(seen.db, account=f"{PAYABLES[run.kind]}:{item.payee_id}")
            is_open = item.may_retry and owed > 0
            if is_open != (item.item_no in keys):
                yield f"{item.item_no} came back, open: {is_open}, a task: {not is_open}"


def bills(seen: Evidence) -> Iterator[str]:
    """No difference to the bills is open but what an injected fault explains."""
    twice = {row["out_trade_no"] for row in seen.alipay.trades if row["again"] and row["paid_at_s"]}
    for finding in seen.findings:
        if seen.story.bill_faults:
            continue
        if finding.kind is PAID_TWICE and finding.number in twice:
            continue
        yield f"open finding {finding}"


def _difference(here: dict[Any, int], there: dict[Any, int]) -> str:
    only_here = {key: fen for key, fen in here.items() if there.get(key) != fen}
    only_there = {key: fen for key, fen in there.items() if here.get(key) != fen}
    return f"here {only_here}, there {only_there}"
