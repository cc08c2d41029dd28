"""The doctor's look at sellers: money that is not the association's must never rest in its account."""

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from county import config, database
from county.operations.doctor import Finding, Level
from shop.sellers import service
from shop.sellers.types import MoneyMode


def check_money_modes(settings: config.Settings) -> Iterator[Finding]:
    """Find sellers whose buyers' money would be pooled in our merchant account (State Council order 768)."""
    database.connect(settings.database_url)
    try:
        with database.reading() as db:
            sellers = service.list_sellers(db)
    except SQLAlchemyError:
        return  # Whether the database answers is another check's word.
    finally:
        database.disconnect()
    pooled = [
        seller
        for seller in sellers
        if seller.mode is not MoneyMode.PRINCIPAL and seller.merchant_id == settings.alipay_seller_id
    ]
    for seller in pooled:
        yield Finding(
            Level.WRONG,
            f"seller {seller.name}",
            f"is {seller.mode.value} but is paid into our own account {settings.alipay_seller_id}; "
            "expected the seller's own merchant number",
        )
    if sellers and not pooled:
        yield Finding(Level.OK, "sellers", f"{len(sellers)} sellers, nobody's money is pooled in our account")
