"""A web application with order A1 open, what its shop was told, and what its books hold."""

from datetime import timedelta
from uuid import uuid4

from flask import Flask
from sqlalchemy import select

import county.payments.tables
import county.wiring
from county import clock, config, database
from county.payments import keys, service
from county.payments.types import Payee, Payment, PaymentGroup, PaymentId, PaymentLine, PaymentState
from county.web import frame
from tests.services.payments.acting import Shop


def make_shop_app(settings: config.Settings, *lines: PaymentLine) -> Flask:
    """Make the web application with Alipay wired, a shop that listens, and these lines open as one group."""
    keys.make_demo_keys(settings)
    app = frame.make_app(settings, [county.wiring.ROOM])
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    app.extensions["shop"] = shop = Shop()
    service.wire_receiver(shop)
    now = clock.now()
    with database.transaction() as db:
        service.open_payment(
            db, lines=lines, returns_to="/orders/A1", expires_at=now + timedelta(minutes=30), now=now
        )
    return app


def open_group() -> PaymentGroup:
    """Read the group of order A1."""
    with database.reading() as db:
        return service.get_group(db, group_no=service.get_payment(db, out_trade_no="A1").group_no)


def told(app: Flask) -> list[tuple[str, str]]:
    """Give what the shop was told."""
    shop = app.extensions["shop"]
    assert isinstance(shop, Shop)
    return shop.told


def rows() -> list[object]:
    """Give everything that payments keep."""
    with database.reading() as db:
        tables = (
            county.payments.tables.PaymentRow,
            county.payments.tables.PaymentNoticeRow,
            county.payments.tables.SuspenseRow,
            county.payments.tables.InstructionRow,
        )
        return [db.execute(select(table.__table__)).all() for table in tables]


def make_group(
    *amounts: int, subject: str = "高山茶", payee: Payee = Payee(), group_no: str = "G1"
) -> PaymentGroup:
    """Make a group of payments A1, A2, … of these amounts."""
    now = clock.now()
    payments = tuple(
        Payment(
            id=PaymentId(uuid4()),
            group_no=group_no,
            out_trade_no=f"A{number}",
            fen=fen,
            subject=subject,
            payee=payee,
            state=PaymentState.AWAITING,
            trade_no=None,
            refunding_fen=0,
            refunded_fen=0,
            returns_to="/orders/A1",
            created_at=now,
            expires_at=now + timedelta(minutes=30),
            paid_at=None,
            closed_at=None,
            version=1,
        )
        for number, fen in enumerate(amounts, 1)
    )
    return PaymentGroup("G1", payments, "/orders/A1", now + timedelta(minutes=30))
