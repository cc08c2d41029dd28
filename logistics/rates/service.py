"""Use cases of rate cards: keeping them, quoting freight to the shop's buyers."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from county.errors import N_, Refused
from county.ids import new_id
from logistics.rates import rules
from logistics.rates.tables import RateCardRow
from logistics.rates.types import RateCard


@dataclass(frozen=True)
class FreightQuote:
    """Which carrier takes a parcel and what the buyer pays for it."""

    carrier: str
    freight_fen: int


class NotDelivered(Refused):
    """No carrier of the shop delivers there."""

    code = "not_delivered"
    says = N_("We cannot deliver to {province} at the moment.")


def add_card(db: Session, *, card: RateCard, is_for_shop: bool) -> None:
    """Add a rate card; `is_for_shop` lets the shop quote by it."""
    provinces = "*" if card.is_for_others else "|".join(sorted(card.provinces))
    db.add(
        RateCardRow(
            id=new_id(),
            courier=card.courier,
            zone=card.zone,
            provinces=provinces,
            first_g=card.first_g,
            first_fen=card.first_fen,
            step_g=card.step_g,
            step_fen=card.step_fen,
            volumetric_divisor=card.volumetric_divisor,
            round_g=card.round_g,
            valid_from=card.valid_from,
            valid_to=card.valid_to,
            is_for_shop=is_for_shop,
        )
    )
    db.flush()


def list_cards(
    db: Session, *, courier: str | None = None, on: date | None = None, only_shop: bool = False
) -> list[RateCard]:
    """List rate cards, of one carrier or valid on one day when given."""
    query = select(RateCardRow).order_by(RateCardRow.courier, RateCardRow.valid_from, RateCardRow.zone)
    if courier is not None:
        query = query.where(RateCardRow.courier == courier)
    if on is not None:
        query = query.where(RateCardRow.valid_from <= on, RateCardRow.valid_to >= on)
    if only_shop:
        query = query.where(RateCardRow.is_for_shop)
    return [_card(row) for row in db.scalars(query)]


def quote_freight(db: Session, *, province: str, weight_g: int, on: date) -> FreightQuote:
    """Quote the cheapest freight for a parcel to a province (plain name) on a county day.

    Refuses: `NotDelivered` when no card of the shop's carriers fits.
    """
    cards = list_cards(db, on=on, only_shop=True)
    quotes = []
    for courier in sorted({card.courier for card in cards}):
        card = rules.find_card(cards, courier=courier, province=province, on=on)
        if card is not None:
            quotes.append(FreightQuote(courier, rules.charge(card, weight_g=weight_g, volume_cm3=0)))
    if not quotes:
        raise NotDelivered(province=province)
    return min(quotes, key=lambda quote: (quote.freight_fen, quote.carrier))


def _card(row: RateCardRow) -> RateCard:
    is_for_others = row.provinces == "*"
    return RateCard(
        courier=row.courier,
        zone=row.zone,
        provinces=frozenset() if is_for_others else frozenset(row.provinces.split("|")),
        is_for_others=is_for_others,
        first_g=row.first_g,
        first_fen=row.first_fen,
        step_g=row.step_g,
        step_fen=row.step_fen,
        volumetric_divisor=row.volumetric_divisor,
        round_g=row.round_g,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
