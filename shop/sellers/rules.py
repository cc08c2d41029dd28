"""Decisions of sellers: whether a price leaves room for everybody, and which address can be sent to."""

import re

from county import money
from county.errors import N_
from shop.sellers.types import BadReturnAddress, MoneyMode, ReturnAddress, Seller

NAME_MAX, ADDRESS_MIN, ADDRESS_MAX = 60, 6, 200
# A mobile number, or a fixed one with its area code, as couriers take them.
_PHONE = re.compile(r"1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8}")


def cap_of(seller: Seller) -> int:
    """Give the largest part of an order, in basis points, that may go to others than its growers."""
    return seller.cap_bp if seller.mode is MoneyMode.SUB_MERCHANT else int(money.WHOLE_BP)


def split_off_fen(*, price_fen: int, freight_fen: int, association_bp: int, commission_bp: int) -> int:
    """Give how much of one piece's order goes to others than its grower."""
    return freight_fen + money.share(price_fen, association_bp) + money.share(price_fen, commission_bp)


def split_off_bp(
    *, price_fen: int, freight_fen: int, is_included: bool, association_bp: int, commission_bp: int
) -> int:
    """Give which part of one piece's order goes to others, in basis points rounded up.

    Takes: `freight_fen` of one piece, which the buyer pays on top unless the price includes it.
    """
    total_fen = price_fen if is_included else price_fen + freight_fen
    off_fen = split_off_fen(
        price_fen=price_fen,
        freight_fen=freight_fen,
        association_bp=association_bp,
        commission_bp=commission_bp,
    )
    return -(-off_fen * money.WHOLE_BP // total_fen)


def least_price_fen(
    *, freight_fen: int, is_included: bool, association_bp: int, commission_bp: int, cap_bp: int
) -> int | None:
    """Find the lowest price, in whole yuan, at which one piece stays within the cap; None when there is none.

    Without rounding: parts · p + freight ≤ cap · p, and with freight on top parts · p + f ≤ cap · (p + f).
    """
    room_bp = cap_bp - association_bp - commission_bp
    if room_bp <= 0:
        return None
    borne_bp = money.WHOLE_BP if is_included else money.WHOLE_BP - cap_bp
    yuan = max(1, -(-freight_fen * borne_bp // room_bp // 100))
    while (
        split_off_bp(
            price_fen=yuan * 100,
            freight_fen=freight_fen,
            is_included=is_included,
            association_bp=association_bp,
            commission_bp=commission_bp,
        )
        > cap_bp
    ):
        yuan += 1
    return yuan * 100


def require_address(address: ReturnAddress) -> None:
    """Refuse an address for returns to which no courier could bring a parcel, with the first fault."""
    for refusal in faults_of(address):
        raise refusal


def faults_of(address: ReturnAddress) -> list[BadReturnAddress]:
    """List everything that is wrong with an address for returns, field by field."""
    found = []
    if not 2 <= len(address.name) <= NAME_MAX:
        found.append(("name", N_("Please say in 2 to 60 characters who takes the goods.")))
    if not _PHONE.fullmatch(address.phone):
        why = N_("The phone number must be a mobile one, or a fixed one with its area code.")
        found.append(("phone", why))
    if len(address.address) < ADDRESS_MIN:
        why = N_("Please write the whole address, from the province to the house.")
        found.append(("address", why))
    if len(address.address) > ADDRESS_MAX:
        found.append(("address", N_("The address must have at most 200 characters.")))
    return [BadReturnAddress(field=field, why=why) for field, why in found]
