"""A whole shop before a simulated Alipay: a farm or cooperative, a streamer, orders that are really paid."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import clock, config, database, ids, process
from county.jobs import worker
from county.ledger import service as ledger
from county.ledger.types import Book
from county.payments import alipay, jobs
from county.payments import service as payments
from county.payments.gateway import Done
from county.people.types import Person
from shop.catalogue.types import Product
from shop.checkout import service as checkout
from shop.checkout.types import Commission
from shop.orders import service as orders
from shop.orders.types import Order
from shop.payouts import service as payouts
from shop.refunds import service as refunds
from shop.refunds.types import OrderRefund
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, Seller
from tests.gateways.simulating import OTHER, RICH, Simulator, running_simulator
from tests.makers.people import ROBOT, make_person
from tests.makers.shop import make_card, make_grower, make_product, place
from tests.services.shop.ways import deliver

STREAMER_ACCOUNT = "2088000000000555"
OURS = "2088000000000001"
FARM_OF_ITS_OWN = "2088000000000777"


@dataclass
class Market:
    """One seller of record, one product of 68.50; freight 8.00 for one, streamer 10 %, association 5 %."""

    simulator: Simulator
    seller: Seller
    grower: Person
    streamer: Person
    tea: Product
    account: str | None = STREAMER_ACCOUNT

    @property
    def farm(self) -> str:
        """Name the farm's money in the simulator's books."""
        is_sub = self.seller.mode is MoneyMode.SUB_MERCHANT
        return f"sub:{self.seller.merchant_id}" if is_sub else f"user:{self.seller.merchant_id}"

    def order(self, *, quantity: int = 1, live: bool = True) -> Order:
        """Have some of the product ordered, through the streamer's link unless told otherwise."""
        with database.transaction() as db:
            source = "live" if live else ""
            placed = place(db, self.tea, quantity=quantity, source_ref=source, now=clock.now())
        return placed.orders[0]

    def pay(self, order: Order, *, buyer: str = RICH) -> Order:
        """Pay at the cashier; the answer to a query is booked, as a notice would be."""
        with database.reading() as db:
            address = checkout.pay_url(db, checkout_no=order.checkout_no, mobile=False)
        self.simulator.pay(address, buyer=buyer)
        jobs.ask(out_trade_no=order.order_no)
        return self.now_of(order)

    def now_of(self, order: Order) -> Order:
        """Read an order as it is now."""
        with database.reading() as db:
            return orders.get_order(db, order_no=order.order_no)

    def deliver(self, order: Order) -> datetime:
        """Have an order packed and delivered; gives the end of its claim window."""
        with database.transaction() as db:
            until = deliver(db, order, now=clock.now()).claim_until
        assert until is not None
        return until

    def sold(self, *, quantity: int = 1, live: bool = True) -> Order:
        """Have an order placed, paid and delivered."""
        order = self.pay(self.order(quantity=quantity, live=live))
        self.deliver(order)
        return self.now_of(order)

    def release(self, order: Order, *, works: bool = True) -> bool:
        """Release an order after its claim window; does what follows from it unless told otherwise."""
        later = clock.now() + timedelta(hours=49)
        with database.transaction() as db:
            released = payouts.release_order(db, order_no=order.order_no, now=later)
        if works:
            self.work()
        return released

    def refund(self, order: Order, fen: int, *, freight_fen: int = 0, works: bool = True) -> OrderRefund:
        """Refund a part of the order's one line; sends it unless told otherwise."""
        with database.transaction() as db:
            opened = refunds.open_refund(
                db,
                order=orders.get_order_locked(db, order_no=order.order_no),
                key=ids.new_number("claim"),
                goods={0: fen},
                freight_fen=freight_fen,
                reason="烂了",
                actor=ROBOT,
                now=clock.now(),
            )
        if works:
            self.work()
        with database.reading() as db:
            return refunds.get_refund(db, refund_no=opened.refund_no)

    def work(self) -> None:
        """Do every due job, as the clerk does; those that wait for another try, too."""
        worker.work_until_idle(lambda: clock.now() + timedelta(hours=50))

    def read_bill(self) -> None:
        """Let Alipay's day pass, read its bill and book its fees."""
        today = clock.county_day(clock.now())
        self.simulator.move_clock(days=1)
        assert jobs.read_bill(today)
        self.work()

    def ours(self) -> dict[str, int]:
        """Give our ledger's accounts of this market that are not 0, in short names."""
        book = Book.REAL if self.seller.mode is MoneyMode.PRINCIPAL else Book.MEMO
        names = {
            f"cash:alipay:{self.seller.id}": "cash",
            f"payable:grower:{self.grower.id}": "grower",
            f"payable:streamer:{self.streamer.id}": "streamer",
            "payable:association:service": "service",
            "payable:association:transport": "transport",
            "expense:alipay-fee": "fee",
        }
        with database.reading() as db:
            found = ledger.balances(db, book=book)
        return {names.get(code, code.split(":")[1]): fen for code, fen in sorted(found.items()) if fen}

    def borne(self) -> dict[str, int]:
        """Give what of a farm's fees the association has taken over: its own expense and its debt."""
        with database.reading() as db:
            found = {
                "fee": ledger.balance(db, account="expense:alipay-fee"),
                "owed": ledger.balance(db, account=f"payable:fee:{self.grower.id}"),
            }
        return {name: fen for name, fen in found.items() if fen}

    def theirs(self) -> dict[str, int]:
        """Give what the simulator holds for the receivers of this market, as far as it is not 0."""
        books = self.simulator.books()
        names = {
            **{f"{self.farm}:{part}": part for part in ("pending", "frozen", "available")},
            f"user:{OURS}:available": "association",
            f"user:{STREAMER_ACCOUNT}:available": "streamer",
            "alipay:fees": "fees",
        }
        return {name: books[code] for code, name in names.items() if books.get(code)}


def find_merchant(simulator: Simulator, mode: MoneyMode) -> str:
    """Give the merchant number of a seller; a sub-merchant is agreed on with the simulator first."""
    if mode is not MoneyMode.SUB_MERCHANT:
        return OURS if mode is MoneyMode.PRINCIPAL else FARM_OF_ITS_OWN
    provider = payments.provider()
    provider.create_sub_merchant(external_id="farm1", name="陈家山柑橘农场")
    found = provider.find_sub_merchant(external_id="farm1")
    assert isinstance(found, Done)
    return found.reference


@contextmanager
def open_market(settings: config.Settings, folder: Path, mode: MoneyMode) -> Iterator[Market]:
    """Open a market in one money mode, on a fresh database and a fresh simulator."""
    process.connect_rooms(front_door.ROOMS, settings)
    with running_simulator(folder) as simulator:
        alipay.connect(simulator.settings)
        merchant_id = find_merchant(simulator, mode)
        with database.transaction() as db:
            make_card(db)
            seller = sellers.add_seller(
                db,
                name="陈家山柑橘农场",
                mode=mode,
                merchant_id=merchant_id,
                association_bp=500,
                actor=ROBOT,
                now=clock.now(),
            )
            grower = make_grower(db, seller=seller)
            streamer = make_person(db, name="周敏")
            tea = make_product(db, grower=grower, available=50, now=clock.now())
        market = Market(simulator, seller, grower, streamer, tea)
        wire(market)
        yield market


def wire(market: Market) -> None:
    """Let this process's shop know the streamer's share and account."""

    def earns(_db: object, *, product_ids: list[UUID], **_asked: object) -> dict[UUID, Commission]:
        return {product_id: Commission(market.streamer.id, 1000) for product_id in product_ids}

    checkout.wire_attribution(earns)
    payouts.wire_payees(lambda _db, *, person_id, now: market.account)


__all__ = ["OTHER", "RICH", "Market", "open_market"]
