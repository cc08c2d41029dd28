"""Paying by QR code: one order, several, and what is not shown any more."""

from datetime import timedelta
from pathlib import Path

import pytest

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import clock, config, database
from county.payments import alipay, jobs
from county.payments import service as payments
from county.payments.types import NothingPaid
from shop.checkout import service as checkout
from shop.orders import service as orders
from shop.orders.types import OrderState
from tests.gateways.simulating import Simulator, running_simulator
from tests.makers.people import ROBOT, make_buyer
from tests.makers.shop import make_card, make_grower, make_product, place
from tests.makers.web import make_browser


class Stall:
    """A web application with a simulator behind it, a buyer and their orders."""

    def __init__(self, settings: config.Settings, simulator: Simulator, growers: int) -> None:
        self.app, self.simulator = front_door.create_app(settings), simulator
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        alipay.connect(simulator.settings)
        with database.transaction() as db:
            make_card(db)
            self.buyer = make_buyer(db)
            goods = [make_product(db, grower=make_grower(db)) for _ in range(growers)]
            self.checkout = place(db, *goods, buyer_id=self.buyer.id, now=clock.now())
        self.browser = make_browser(self.app, self.buyer)

    def ask(self) -> int:
        """Press the button for a QR code; gives the status."""
        address = f"/checkout/{self.checkout.checkout_no}/qr"
        return self.browser.post(address).status_code

    def page(self) -> str:
        """Read the pay page."""
        address = f"/checkout/{self.checkout.checkout_no}"
        return self.browser.get(address).text

    def states(self) -> list[OrderState]:
        """Read the states of the orders."""
        with database.reading() as db:
            return [orders.get_order(db, order_no=one.order_no).state for one in self.checkout.orders]


@pytest.mark.parametrize("growers", [1, 2])
def test_scanned_code_pays_every_order_of_the_checkout(
    settings: config.Settings, tmp_path: Path, growers: int
) -> None:
    with running_simulator(tmp_path) as simulator:
        stall = Stall(settings, simulator, growers)
        assert "data:image/svg+xml" not in stall.page()

        assert stall.ask() == 303
        assert "data:image/svg+xml" in stall.page()
        with database.reading() as db:
            code = payments.find_qr(db, group_no=stall.checkout.checkout_no, now=clock.now())
        assert code is not None and code.expires_at == stall.checkout.expires_at
        simulator.pay(code.text)
        for order in stall.checkout.orders:
            jobs.ask(out_trade_no=order.order_no)

        assert stall.states() == [OrderState.PAID] * growers
        assert "data:image/svg+xml" not in stall.page()


def test_code_is_good_for_two_hours_and_never_longer_than_the_order(db) -> None:
    make_card(db)
    placed = place(db, make_product(db))

    _group, asked = payments.begin_qr(
        db, group_no=placed.checkout_no, now=placed.expires_at - timedelta(hours=3)
    )
    assert asked.expires_at == placed.expires_at - timedelta(hours=1)
    _group, asked = payments.begin_qr(
        db, group_no=placed.checkout_no, now=placed.expires_at - timedelta(minutes=5)
    )
    assert asked.expires_at == placed.expires_at
    with pytest.raises(NothingPaid):
        payments.begin_qr(db, group_no=placed.checkout_no, now=placed.expires_at)


def test_refused_code_is_said_and_changes_nothing(settings: config.Settings, tmp_path: Path) -> None:
    with running_simulator(tmp_path) as simulator:
        stall = Stall(settings, simulator, 1)
        simulator.fault("system_error", method="alipay.trade.precreate")

        assert stall.ask() == 303

        assert "data:image/svg+xml" not in stall.page()
        assert stall.states() == [OrderState.AWAITING_PAYMENT]


def test_cancelled_order_gets_no_code(settings: config.Settings, tmp_path: Path) -> None:
    with running_simulator(tmp_path) as simulator:
        stall = Stall(settings, simulator, 1)
        with database.transaction() as db:
            checkout.cancel_order(
                db,
                order_no=stall.checkout.orders[0].order_no,
                buyer_id=stall.buyer.id,
                actor=ROBOT,
                now=clock.now(),
            )

        assert stall.ask() == 409
