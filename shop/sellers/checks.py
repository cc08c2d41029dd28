"""The doctor's look at sellers: money that is not the association's must never rest in its account."""

import re
from collections.abc import Iterator, Sequence

from sqlalchemy.exc import SQLAlchemyError

from county import config, database
from county.operations.doctor import Finding, Level
from shop.sellers import service
from shop.sellers.types import MoneyMode, Seller

MERCHANT = re.compile(r"2088[0-9]{12}")


def check_money_modes(settings: config.Settings) -> Iterator[Finding]:
    """Find sellers whose buyers' money would be pooled in our merchant account (State Council order 768)."""
    # Here and not above: most looks at sellers need no provider.
    from county.payments.alipay.provider import LIMITS

    database.connect(settings.database_url)
    try:
        with database.reading() as db:
            sellers = service.list_sellers(db)
    except SQLAlchemyError:
        return  # Whether the database answers is another check's word.
    finally:
        database.disconnect()
    faults = [
        *_pooled(sellers, settings.alipay_seller_id),
        *_unable(sellers, has_sub_merchants=LIMITS.has_sub_merchants),
        *_without_association(sellers, settings.alipay_seller_id),
    ]
    yield from faults
    if sellers and not faults:
        yield Finding(Level.OK, "sellers", f"{len(sellers)} sellers, nobody's money is pooled in our account")


def _pooled(sellers: Sequence[Seller], ours: str) -> Iterator[Finding]:
    """Find sellers whose buyers' money would come into our own account although it is not ours."""
    pooled = [
        seller for seller in sellers if seller.mode is not MoneyMode.PRINCIPAL and seller.merchant_id == ours
    ]
    for seller in pooled:
        yield Finding(
            Level.WRONG,
            f"seller {seller.name}",
            f"is {seller.mode.value} but is paid into our own account {ours}; "
            "expected the seller's own merchant number",
        )


def _unable(sellers: Sequence[Seller], *, has_sub_merchants: bool) -> Iterator[Finding]:
    """Find sellers of whom the contract with Alipay, or their merchant number, makes nothing."""
    for seller in sellers:
        if seller.mode is MoneyMode.SUB_MERCHANT and not has_sub_merchants:
            yield Finding(
                Level.WRONG,
                f"seller {seller.name}",
                "is a sub-merchant, which our contract with Alipay does not allow; "
                "expected principal or direct",
            )
        elif seller.mode is not MoneyMode.PRINCIPAL and not MERCHANT.fullmatch(seller.merchant_id):
            yield Finding(
                Level.WRONG,
                f"seller {seller.name}",
                f"has the merchant number {seller.merchant_id or 'none'}; "
                "expected Alipay's, 16 digits from 2088",
            )


def _without_association(sellers: Sequence[Seller], ours: str) -> Iterator[Finding]:
    """Find that splits would have no account to give the association's part to."""
    splits = [seller for seller in sellers if seller.mode is MoneyMode.SUB_MERCHANT]
    if splits and not MERCHANT.fullmatch(ours):
        yield Finding(
            Level.WRONG,
            "sellers",
            f"{len(splits)} sellers are split to the association, whose account is {ours or 'none'}; "
            "expected SHANHUO_ALIPAY_SELLER_ID, 16 digits from 2088",
        )
