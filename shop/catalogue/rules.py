"""Decisions of the catalogue: what a listing must have, which words the law forbids, state changes."""

from collections.abc import Sequence

from county import money
from county.errors import N_, IllegalMove, Phrase
from shop.catalogue.types import (
    Change,
    CommissionOverCap,
    ListingRefused,
    NewSku,
    ProductState,
    SplitNeverFits,
)
from shop.sellers import rules as fits
from shop.sellers.types import MoneyMode, Seller

MOVES: dict[tuple[ProductState, Change], ProductState] = {
    (ProductState.LISTED, Change.WITHDRAW): ProductState.WITHDRAWN,
    (ProductState.WITHDRAWN, Change.RELIST): ProductState.LISTED,
}

# Advertising Law of the PRC (2021), article 9 (3): absolute words; article 17: disease claims for food.
ABSOLUTE_WORDS = ("国家级", "最高级", "最佳", "第一品牌", "顶级")
DISEASE_WORDS = ("治疗", "治愈", "抗癌", "防癌", "降血压", "降血糖", "药效")

# Who gets a part of an order, and the ways out of a price that leaves too little: only those there are.
TAKERS = Phrase(N_("freight and association"))
ALL_TAKERS = Phrase(N_("freight, association and streamer"))
OR_FREIGHT = Phrase(N_(" Or let buyers pay the freight on top."))
OR_COMMISSION = Phrase(N_(" Or agree on a lower commission."))
OR_COOPERATIVE = Phrase(N_(" Or sell through the cooperative."))

PRICE_MAX_FEN = 10_000_000
PIECES_MAX = 1_000_000
WEIGHT_MAX_G = 1_000_000


def move(state: ProductState, change: Change) -> ProductState:
    """Give the state after a change; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, change]
    except KeyError:
        raise IllegalMove(what="product", state=state.value, event=change.value) from None


def require_listable(*, title: str, description: str, skus: Sequence[NewSku]) -> None:
    """Refuse a listing that has no honest title, no size, an impossible figure or a forbidden word."""
    if not 2 <= len(title) <= 60:
        raise ListingRefused(why=N_("the name must have 2 to 60 characters."))
    if len(description) > 2_000:
        raise ListingRefused(why=N_("the description must have at most 2,000 characters."))
    if not skus:
        raise ListingRefused(why=N_("it needs at least one size with a price."))
    for sku in skus:
        if not 0 < sku.price_fen <= PRICE_MAX_FEN:
            raise ListingRefused(why=N_("the price must lie between 0.01 and 100,000 yuan."))
        if not 0 < sku.weight_g <= WEIGHT_MAX_G:
            raise ListingRefused(why=N_("the weight must lie between 1 g and 1,000 kg."))
        if not 0 <= sku.available <= PIECES_MAX:
            raise ListingRefused(why=N_("the number of pieces must lie between 0 and 1,000,000."))
    text = title + description
    for word in (*ABSOLUTE_WORDS, *DISEASE_WORDS):
        if word in text:
            article = "17" if word in DISEASE_WORDS else "9"
            raise ForbiddenWord(word=word, article=article)


def require_fit(
    seller: Seller, *, title: str, price_fen: int, freight_fen: int, is_included: bool, commission_bp: int
) -> None:
    """Refuse a price of which more goes to others than may; for one piece to the nearest province.

    Where no provider sets a cap, the grower must at least not pay to sell.
    """
    cap_bp, association_bp = fits.cap_of(seller), seller.association_bp
    off_bp = fits.split_off_bp(
        price_fen=price_fen,
        freight_fen=freight_fen,
        is_included=is_included,
        association_bp=association_bp,
        commission_bp=commission_bp,
    )
    if off_bp <= cap_bp:
        return
    least_fen = fits.least_price_fen(
        freight_fen=freight_fen,
        is_included=is_included,
        association_bp=association_bp,
        commission_bp=commission_bp,
        cap_bp=cap_bp,
    )
    if least_fen is None:
        parts = f"{(association_bp + commission_bp) / 100:g}"
        raise CommissionOverCap(title=title, percent=parts, cap=f"{cap_bp / 100:g}")
    off_fen = fits.split_off_fen(
        price_fen=price_fen,
        freight_fen=freight_fen,
        association_bp=association_bp,
        commission_bp=commission_bp,
    )
    total_fen = price_fen if is_included else price_fen + freight_fen
    raise SplitNeverFits(
        title=title,
        price=money.format_yuan(price_fen),
        off=money.format_yuan(off_fen),
        most=money.format_yuan(total_fen * cap_bp // money.WHOLE_BP),
        takers=ALL_TAKERS if commission_bp else TAKERS,
        least=money.format_yuan(least_fen),
        or_freight=OR_FREIGHT if is_included else "",
        or_commission=OR_COMMISSION if commission_bp else "",
        or_cooperative=OR_COOPERATIVE if seller.mode is MoneyMode.SUB_MERCHANT else "",
    )


class ForbiddenWord(ListingRefused):
    """A word that the advertising law forbids."""

    code = "forbidden_word"
    says = N_("The word “{word}” may not be used: Advertising Law, article {article}. Please say it plainly.")
