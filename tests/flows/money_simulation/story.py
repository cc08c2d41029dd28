"""What one seed tells: the deeds so far, and how a deed is done, refused or cut short."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county import database
from county.errors import Refused
from shop.orders import service as orders
from shop.orders.types import Order, OrderState
from tests.flows.money_simulation.cast import Cast
from tests.flows.money_simulation.world import Killed, World

SALES = (
    "SELECT o.number, c.number, o.buyer_id, o.state, "
    "EXISTS (SELECT 1 FROM shop_order_payment p WHERE p.order_id = o.id) "
    "FROM shop_order o JOIN shop_checkout c ON c.id = o.checkout_id ORDER BY o.placed_at, o.number"
)
PARTS = (
    "SELECT o.number, o.state, p.grower_id, p.state, p.parcel_no "
    "FROM shop_order_consignment p JOIN shop_order o ON o.id = p.order_id ORDER BY o.number, p.grower_id"
)


@dataclass(frozen=True)
class Sale:
    """An order in short."""

    order_no: str
    checkout_no: str
    buyer_id: UUID
    state: OrderState
    is_paid: bool


@dataclass(frozen=True)
class Part:
    """What one grower packs of an order."""

    order_no: str
    order_state: OrderState
    grower_id: UUID
    state: OrderState
    parcel_no: str | None


class NotNow(Exception):
    """There is nothing and nobody to do this deed with just now."""


@dataclass
class Story:
    """A seed's history: what was done, and what the judge has to know of it."""

    seed: int
    world: World
    cast: Cast
    lines: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    back_on_sale: dict[UUID, int] = field(default_factory=dict)
    bank: dict[str, bool] = field(default_factory=dict)
    bill_faults: int = 0
    spoilt_notices: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def placed(self) -> int:
        """Count the orders."""
        return len(self.sales())

    @property
    def kills(self) -> int:
        """Count how often the process died."""
        return self.world.fate.kills

    def pick(self, choices: Any) -> Any:
        """Pick one of a sequence; refuses `NotNow` where there is none."""
        if not choices:
            raise NotNow
        return self.world.chance.choice(choices)

    def happens(self, percent: float) -> bool:
        """Tell whether something happens that does so in `percent` of cases."""
        return self.world.chance.random() * 100 < percent

    def say(self, words: str) -> None:
        """Write a line of the history."""
        self.lines.append(f"{self.world.now:%m-%d %H:%M:%S} {words}")

    def do(self, words: str, deed: Callable[[], Any], *, quiet: bool = False) -> Any:
        """Do one deed and give what it gives; None when it is refused or the process is killed amid it."""
        name = words.split(" ", 1)[0]
        try:
            done = deed()
        except Refused as refusal:
            self.say(f"{words}: refused, {refusal.code}")
            self._count(f"{name}: {refusal.code}")
            return None
        except Killed:
            self.say(f"{words}: KILLED")
            self._count(f"{name}: killed")
            return None
        if done != 0 and not quiet:
            self.say(words if done is None or not isinstance(done, str | int) else f"{words} -> {done}")
        self._count(name)
        return done

    def write(self, words: str, work: Callable[[Session], Any]) -> Any:
        """Do one deed that is one transaction, as an edge would."""
        return self.do(words, lambda: database.in_transaction(work))

    def sales(self, *states: OrderState) -> list[Sale]:
        """Read the orders in these states, or all; in plain SQL, since it is read before every deed."""
        with database.engine().connect().execution_options(shanhuo_reading=True) as line:
            found = [
                Sale(number, checkout_no, UUID(str(buyer_id)), OrderState(state), bool(paid))
                for number, checkout_no, buyer_id, state, paid in line.exec_driver_sql(SALES)
            ]
        return [sale for sale in found if not states or sale.state in states]

    def parts(self) -> list[Part]:
        """Read what growers pack, with the order it belongs to."""
        with database.engine().connect().execution_options(shanhuo_reading=True) as line:
            return [
                Part(number, OrderState(order_state), UUID(str(grower_id)), OrderState(state), parcel_no)
                for number, order_state, grower_id, state, parcel_no in line.exec_driver_sql(PARTS)
            ]

    def orders(self) -> list[Order]:
        """Read every order of this story whole, for the judge."""
        with database.reading() as db:
            return [
                order
                for buyer in self.cast.buyers
                for order in orders.list_orders(db, buyer_id=buyer.id, limit=200)
            ]

    def order(self, order_no: str) -> Order:
        """Read one order whole."""
        with database.reading() as db:
            return orders.get_order(db, order_no=order_no)

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1
