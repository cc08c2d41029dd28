"""Decisions of the catalogue: what a listing must have, which words the law forbids, state changes."""

from collections.abc import Sequence

from county.errors import N_, IllegalMove
from shop.catalogue.types import Change, ListingRefused, NewSku, ProductState

MOVES: dict[tuple[ProductState, Change], ProductState] = {
    (ProductState.LISTED, Change.WITHDRAW): ProductState.WITHDRAWN,
    (ProductState.WITHDRAWN, Change.RELIST): ProductState.LISTED,
}

# Advertising Law of the PRC (2021), article 9 (3): absolute words; article 17: disease claims for food.
ABSOLUTE_WORDS = ("国家级", "最高级", "最佳", "第一品牌", "顶级")
DISEASE_WORDS = ("治疗", "治愈", "抗癌", "防癌", "降血压", "降血糖", "药效")

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


class ForbiddenWord(ListingRefused):
    """A word that the advertising law forbids."""

    code = "forbidden_word"
    says = N_("The word “{word}” may not be used: Advertising Law, article {article}. Please say it plainly.")
