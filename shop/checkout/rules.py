"""Decisions of checkout: what became dearer or cheaper since a buyer's page was made."""

from collections.abc import Sequence

from shop.checkout.types import QuotedOrder, ShownOrder, SumChange, SumPart


def changes_since(
    shown: Sequence[ShownOrder], *, total_fen: int, quotes: Sequence[QuotedOrder]
) -> list[SumChange]:
    """Compare what a page showed, and its total, with what holds now: only what differs, the total last."""
    before = {each.seller: each for each in shown}
    found = []
    for quote in quotes:
        if quote.seller in before:
            seen = before[quote.seller]
            found += [
                SumChange(SumPart.GOODS, quote.seller, seen.goods_fen, quote.goods_fen),
                SumChange(SumPart.FREIGHT, quote.seller, seen.freight_fen, quote.freight_fen),
            ]
    found.append(SumChange(SumPart.TOTAL, "", total_fen, sum(quote.total_fen for quote in quotes)))
    return [change for change in found if change.before_fen != change.now_fen]
