"""Whether a price leaves room for everybody: the provider's cap on splits, and a rest for the grower."""

from county import money
from shop.sellers.types import MoneyMode, Seller


def cap_of(seller: Seller) -> int:
    """Give the largest part of an order, in basis points, that may go to others than its growers."""
    return seller.cap_bp if seller.mode is MoneyMode.SUB_MERCHANT else int(money.WHOLE_BP)


def split_off_bp(
    *, price_fen: int, freight_fen: int, is_included: bool, association_bp: int, commission_bp: int
) -> int:
    """Give which part of one piece's order goes to others, in basis points rounded up.

    Takes: `freight_fen` of one piece, which the buyer pays on top unless the price includes it.
    """
    total_fen = price_fen if is_included else price_fen + freight_fen
    parts_fen = money.share(price_fen, association_bp) + money.share(price_fen, commission_bp)
    return -(-(parts_fen + freight_fen) * money.WHOLE_BP // total_fen)


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
