"""Statements without plan or sense: any lines on any waybills, to be judged by two reconcilers alike."""

import random
from datetime import timedelta

from benchmarks.statements.make import OTHER_KINDS, PROVINCES, Case, Maker, Row, Waybill


class WildMaker(Maker):
    """Makes cases whose right answer nobody knows beforehand."""

    def _right(self) -> Case:
        chance = self.chance
        courier = "圆通" if chance.random() < 0.05 else "中通"
        status = chance.choice(("delivered", "delivered", "returned", "lost"))
        waybill = self._waybill(status=status, courier=courier, month=chance.choice((0, 0, 0, 0, 1, -1)))
        rows = [self._any_row(waybill) for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4)))]
        return Case(None if chance.random() < 0.05 else waybill, rows, {})

    def _any_row(self, waybill: Waybill) -> Row:
        chance = self.chance
        fen = self._fen(waybill)
        card = self.card(waybill.courier, waybill.province, waybill.on)
        weight_g = chance.choice(
            (None, 0, waybill.weight_g, waybill.weight_g + 777, chance.randrange(1, 9_000))
        )
        province = chance.choice((waybill.province, waybill.province, chance.choice(PROVINCES), "", "外星"))
        theirs = self.card(waybill.courier, province, waybill.on)
        freight_fen = chance.choice(
            (
                fen,
                fen,
                fen // 2,
                fen - fen // 2,
                0,
                None,
                card.fen_of_billed(weight_g or 1),
                theirs.fen(waybill.weight_g, waybill.volume_cm3),
                chance.randrange(-300, 6_000),
            )
        )
        others = (
            {chance.choice(OTHER_KINDS): chance.choice((0, 100, 100, -30))} if chance.random() < 0.3 else {}
        )
        if freight_fen is None and not others:
            others = {OTHER_KINDS[0]: 250}
        cod_fen = chance.choice((None, None, 0, waybill.cod_fen, waybill.cod_fen, 4_000))
        on = waybill.on + timedelta(days=chance.randrange(3))
        return Row(waybill.number, freight_fen, others, weight_g, province, cod_fen, on)


def wild_random(seed: int) -> random.Random:
    """A source of chance for the layout, apart from the one for the cases."""
    return random.Random(seed * 31 + 7)
