"""How a rate card prices a parcel, and which card counts.

Source: CONTRACTS.md §6 (rates.csv); everything in whole grams and whole fen, nothing rounded in between.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from county.money import Fen
from logistics.rates.types import RateCard

# The 34 divisions of the first level under their plain names (GB/T 2260).
_NORTH = ("北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江")
_EAST = ("上海", "江苏", "浙江", "安徽", "福建", "江西", "山东", "台湾")
_SOUTH = ("河南", "湖北", "湖南", "广东", "广西", "海南", "香港", "澳门")
_WEST = ("重庆", "四川", "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆")
PROVINCES = frozenset((*_NORTH, *_EAST, *_SOUTH, *_WEST))
_PLACE_BELOW = re.compile("(.{2,3}?)(?:特别行政区|(?:维吾尔|壮族|回族)?自治区|[省市]|[-/·, ])")
_ENDINGS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")


def plain_province(text: str) -> str:
    """Reduce a province as people write it to its plain name: `新疆维吾尔自治区` to `新疆`.

    A place below the province is reduced to its province (`广东省深圳市`, `广东 深圳`); anything unknown
    stays as it is, without its ending.
    """
    name = "".join(text.split())
    plain = _without_ending(name)
    if plain in PROVINCES:
        return plain
    below = _PLACE_BELOW.match(" ".join(text.split()))
    return below[1] if below and below[1] in PROVINCES else plain


def _without_ending(name: str) -> str:
    for ending in _ENDINGS:
        if len(name) > len(ending) and name.endswith(ending):
            return name.removesuffix(ending)
    return name


def chargeable_g(card: RateCard, *, weight_g: int, volume_cm3: int) -> int:
    """Compute the grams that a card prices: the greater of weight and volume, rounded up to `round_g`."""
    grams = Fraction(weight_g)
    if card.volumetric_divisor:
        grams = max(grams, Fraction(volume_cm3 * 1000, card.volumetric_divisor))
    return _round_up(grams, card.round_g)


def charge(card: RateCard, *, weight_g: int, volume_cm3: int) -> Fen:
    """Compute what a card charges for a parcel."""
    return charge_of_billed(card, billed_g=chargeable_g(card, weight_g=weight_g, volume_cm3=volume_cm3))


def charge_of_billed(card: RateCard, *, billed_g: Fraction | int) -> Fen:
    """Compute what a card charges when this weight stands in the place of the chargeable grams."""
    over_g = _round_up(Fraction(billed_g), card.round_g) - card.first_g
    steps = -(-over_g // card.step_g) if over_g > 0 else 0
    return Fen(card.first_fen + steps * card.step_fen)


def _round_up(grams: Fraction, step_g: int) -> int:
    return -int(-grams // step_g) * step_g


def find_card(cards: Iterable[RateCard], *, courier: str, province: str, on: date) -> RateCard | None:
    """Find the card that counts for a plain province on a day; naming it goes before `*`."""
    valid = [card for card in cards if card.courier == courier and card.valid_from <= on <= card.valid_to]
    for card in valid:
        if province in card.provinces:
            return card
    return next((card for card in valid if card.is_for_others), None)


def list_overlaps(cards: Sequence[RateCard]) -> list[tuple[RateCard, RateCard]]:
    """List the pairs of cards of one courier that price the same province on the same day, earlier first."""
    overlaps = []
    for index, later in enumerate(cards):
        for earlier in cards[:index]:
            if earlier.courier != later.courier:
                continue
            share_a_day = earlier.valid_from <= later.valid_to and later.valid_from <= earlier.valid_to
            share_a_province = bool(earlier.provinces & later.provinces)
            both_for_others = earlier.is_for_others and later.is_for_others
            if share_a_day and (share_a_province or both_for_others):
                overlaps.append((earlier, later))
    return overlaps
