"""Fixtures: a shop that remembers what it was told, and a provider that answers as it is told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

import county.payments.tables  # noqa: F401
from county.payments import service
from county.payments.service import wires
from county.payments.types import PaymentGroup, PaymentLine
from tests.services.payments.acting import APP_ID, NOW, SELLER_ID, ActingProvider, Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Give a receiver that writes down every call, wired in for this test."""
    before = wires._Wired.receiver
    shop = Shop()
    service.wire_receiver(shop)
    yield shop
    wires._Wired.receiver = before


@pytest.fixture
def acting() -> Iterator[ActingProvider]:
    """Give a provider that answers what the test says, wired in for this test."""
    before = wires._Wired.make_provider, wires._Wired.provider
    acting = ActingProvider(app_id=APP_ID, seller_id=SELLER_ID)
    service.wire_provider(lambda: acting)
    yield acting
    wires._Wired.make_provider, wires._Wired.provider = before


@pytest.fixture
def group(db: Session, shop: Shop, acting: ActingProvider) -> PaymentGroup:
    """Give an open payment A1 of 76.50 yuan."""
    return service.open_payment(
        db,
        lines=[PaymentLine("A1", 7_650, "高山茶")],
        returns_to="/orders/A1",
        expires_at=NOW + timedelta(minutes=30),
        now=NOW,
    )
