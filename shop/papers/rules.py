"""Decisions about papers: what a line is bought for, what a paper must say, what it covers."""

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

from county import money
from county.errors import N_
from shop.orders.types import Order, Payee
from shop.papers.types import BadPaper, BadWeight, NewPaper, PaperKind, WeighSlip

# Paper invoices have a code of 10 or 12 digits and a number of 8; digital ones a number of 20 and no code.
# Source: 国家税务总局公告2024年第11号 (全面数字化的电子发票), in force since 2024-12-01.
_CODE = re.compile(r"([0-9]{10}|[0-9]{12})?")
_INVOICE = re.compile(r"[0-9]{8}|[0-9]{20}")
# Villages number their own-produce papers as they like.
_OWN = re.compile(r"[^\s\x00-\x1f\x7f]{1,40}")


def bought_for(order: Order, *, grower_id: UUID) -> dict[int, int]:
    """Share a grower's part of an order among their lines by what each was sold for, to the fen."""
    lines = {at: line for at, line in enumerate(order.lines) if line.grower_id == grower_id}
    part_fen = sum(
        split.fen for split in order.splits if split.payee is Payee.GROWER and split.grower_id == grower_id
    )
    parts = money.split(part_fen, [line.goods_fen for line in lines.values()])
    return dict(zip(lines, parts, strict=True))


def check_weights(*, gross_g: int, net_g: int) -> None:
    """Refuse weights that cannot be right."""
    if not 0 < net_g <= gross_g <= 10**8:
        raise BadWeight()


def checked(paper: NewPaper) -> NewPaper:
    """Give a paper that can be one.

    Refuses: `BadPaper` naming the field.
    """
    is_invoice = paper.kind is PaperKind.INVOICE
    if not _CODE.fullmatch(paper.code) or (paper.code and not is_invoice):
        raise BadPaper(field="code", why=N_("expected the 10 or 12 digits of an invoice, or nothing"))
    if not (_INVOICE if is_invoice else _OWN).fullmatch(paper.number):
        raise BadPaper(field="number", why=N_("expected the 8 or 20 digits of the invoice's number"))
    if paper.from_on >= paper.to_on or (paper.to_on - paper.from_on).days > 1_830:
        raise BadPaper(field="to_on", why=N_("expected a day after the first one, within five years"))
    if is_invoice != (paper.fen is not None) or (paper.fen is not None and paper.fen <= 0):
        raise BadPaper(
            field="fen", why=N_("expected an amount for an invoice and none for an own-produce paper")
        )
    return paper


def in_span(slip: WeighSlip, paper: NewPaper) -> bool:
    """Tell whether a slip's day lies within a paper's days."""
    return paper.from_on <= slip.on < paper.to_on


def total_fen(slips: Iterable[WeighSlip]) -> int:
    """Add up what slips' goods are bought for."""
    return sum(slip.fen for slip in slips)


def orders_of(slips: Sequence[WeighSlip]) -> tuple[str, ...]:
    """List the orders of slips, each once, in order."""
    return tuple(dict.fromkeys(slip.order_no for slip in slips))
