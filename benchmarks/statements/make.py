"""Makes a courier's statement, our waybills and the rate cards together with the right answer, from a seed.

The answer comes from how each case is built, not from reconciling; nothing here uses the product's code.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

COURIERS = ("中通", "圆通", "极兔")
COURIER = "中通"
PERIOD = "2026-10"
_FIRST_DAY = date(2026, 10, 1)
ZONES = (
    ("近区", ("陕西", "四川", "重庆", "湖北", "甘肃", "河南", "山西"), 400, 110),
    ("华东华南", ("上海", "江苏", "浙江", "安徽", "广东", "福建"), 500, 180),
    ("偏远", ("新疆", "西藏", "青海", "内蒙古", "宁夏", "海南"), 1350, 1290),
    ("其他", ("*",), 700, 330),
)
_REST = ("北京", "天津", "河北", "辽宁", "吉林", "黑龙江", "江西", "山东", "湖南", "广西", "贵州", "云南")
PROVINCES = tuple(name for _, names, _, _ in ZONES[:3] for name in names) + _REST
OTHER_KINDS = ("包装费", "保价费", "其他费用")


@dataclass(frozen=True)
class Card:
    """One line of rates.csv."""

    courier: str
    zone: str
    provinces: tuple[str, ...]
    first_g: int
    first_fen: int
    step_g: int
    step_fen: int
    divisor: int
    round_g: int
    valid_from: date
    valid_to: date

    def fen(self, weight_g: int, volume_cm3: int) -> int:
        """Charge for a parcel's own weight and volume."""
        grams = weight_g
        if self.divisor:
            grams = max(grams, -(-volume_cm3 * 1000 // self.divisor))
        return self.fen_of_billed(grams)

    def chargeable_g(self, weight_g: int, volume_cm3: int) -> int:
        """Grams after the volume and the rounding."""
        grams = max(weight_g, -(-volume_cm3 * 1000 // self.divisor)) if self.divisor else weight_g
        return -(-grams // self.round_g) * self.round_g

    def fen_of_billed(self, grams: int) -> int:
        """Charge when these grams stand in the place of the chargeable ones."""
        rounded = -(-grams // self.round_g) * self.round_g
        return self.first_fen + max(0, -(-(rounded - self.first_g) // self.step_g)) * self.step_fen


@dataclass(frozen=True)
class Waybill:
    """One line of waybills.csv."""

    number: str
    courier: str
    on: date
    province: str
    weight_g: int
    volume_cm3: int
    cod_fen: int
    status: str


@dataclass
class Row:
    """One row of the statement before it is written: money in fen, weight in grams."""

    number: str
    freight_fen: int | None = None
    others: dict[str, int] = field(default_factory=dict)
    weight_g: int | None = None
    province: str = ""
    cod_fen: int | None = None
    on: date = _FIRST_DAY
    place: int = 0

    @property
    def charged_fen(self) -> int:
        """All charges of the row."""
        return (self.freight_fen or 0) + sum(self.others.values())


@dataclass
class Case:
    """One waybill with its rows and what must be said about it: reasons to (charged, expected)."""

    waybill: Waybill | None
    rows: list[Row]
    says: dict[str, tuple[int, int]]
    expected_fen: int = 0


def make_cards(chance: random.Random) -> list[Card]:
    """Make the rate cards of three couriers over three spans without gaps or overlaps."""
    turn = date(2026, 10, chance.randint(5, 25))
    spans = (
        (date(2024, 1, 1), date(2024, 12, 31)),
        (date(2025, 1, 1), turn - timedelta(days=1)),
        (turn, date(2027, 12, 31)),
    )
    return [
        Card(
            courier,
            zone,
            names,
            chance.choice((500, 1000, 1000, 3000)),
            first + chance.randint(-60, 60),
            chance.choice((500, 1000)),
            step + chance.randint(-20, 30),
            chance.choice((0, 6000, 8000, 12000)),
            chance.choice((1, 10, 100, 500, 1000)),
            *span,
        )
        for courier in COURIERS
        for zone, names, first, step in ZONES
        for span in spans
    ]


class Maker:
    """Makes cases one after the other; the same seed makes the same cases."""

    def __init__(self, *, seed: int, faults: float) -> None:
        self.chance = random.Random(seed)
        self.cards = make_cards(self.chance)
        self.faults = faults
        self._next = 1_000_000 + seed % 1000 * 7919
        self._card_of: dict[tuple[str, str, date], Card] = {}
        self._kinds = (
            self._unknown,
            self._another_courier,
            self._out_of_period,
            self._lost,
            self._returned_twice,
            self._duplicate,
            self._weight,
            self._zone,
            self._rate,
            self._extra_charge,
            self._not_billed,
            self._cod_only,
        )

    def cases(self, count: int) -> Iterator[Case]:
        """Make `count` cases, most of them in order."""
        for _ in range(count):
            wrong = self.chance.random() < self.faults
            case = self.chance.choice(self._kinds)() if wrong else self._right()
            if wrong and case.waybill and case.rows and self.chance.random() < 0.15:
                self._spoil_cod(case)
            yield case

    def card(self, courier: str, province: str, on: date) -> Card:
        """Find the card of a province on a day."""
        key = (courier, province, on)
        if key not in self._card_of:
            fitting = [c for c in self.cards if c.courier == courier and c.valid_from <= on <= c.valid_to]
            named = [c for c in fitting if province in c.provinces]
            self._card_of[key] = named[0] if named else next(c for c in fitting if "*" in c.provinces)
        return self._card_of[key]

    def _number(self) -> str:
        self._next += self.chance.randint(1, 9)
        prefix = self.chance.choice(("780000", "780000", "780000", "SF0000", "YT0000", "000000"))
        return f"{prefix}{self._next:09d}"

    def _waybill(self, *, status: str = "delivered", courier: str = COURIER, month: int = 0) -> Waybill:
        chance = self.chance
        on = _FIRST_DAY + timedelta(days=chance.randrange(31) + month * 31)
        cod_fen = chance.randrange(100, 40_000) if chance.random() < 0.12 else 0
        volume = chance.randrange(100, 2_000) if chance.random() < 0.7 else chance.randrange(2_000, 70_000)
        return Waybill(
            self._number(),
            courier,
            on,
            chance.choice(PROVINCES),
            chance.randrange(50, 4_100),
            volume,
            cod_fen,
            status,
        )

    def _fen(self, waybill: Waybill) -> int:
        card = self.card(waybill.courier, waybill.province, waybill.on)
        return card.fen(waybill.weight_g, waybill.volume_cm3)

    def _row(self, waybill: Waybill, fen: int) -> Row:
        card = self.card(waybill.courier, waybill.province, waybill.on)
        grams = card.chargeable_g(waybill.weight_g, waybill.volume_cm3)
        cod_fen = waybill.cod_fen if waybill.status == "delivered" and waybill.cod_fen else None
        return Row(waybill.number, fen, {}, grams, waybill.province, cod_fen, waybill.on)

    def _right(self) -> Case:
        roll = self.chance.random()
        status = "returned" if roll < 0.03 else "lost" if roll < 0.04 else "delivered"
        waybill = self._waybill(status=status)
        if status == "lost":
            return Case(waybill, [], {})
        fen = self._fen(waybill)
        if status == "delivered" and roll > 0.96:
            part = self.chance.randrange(1, fen)
            first, second = self._row(waybill, part), self._row(waybill, fen - part)
            second.cod_fen = None
            if part == fen - part:
                return self._right()
            return Case(waybill, [first, second], {}, fen)
        return Case(waybill, [self._row(waybill, fen)], {}, fen)

    def _unknown(self) -> Case:
        stranger = self._waybill()
        row = self._row(stranger, self._fen(stranger))
        row.cod_fen = None
        return Case(None, [row], {"unknown_waybill": (row.charged_fen, 0)})

    def _another_courier(self) -> Case:
        waybill = self._waybill(courier="圆通")
        row = self._row(waybill, self._fen(waybill))
        return Case(waybill, [row], {"unknown_waybill": (row.charged_fen, 0)})

    def _out_of_period(self) -> Case:
        waybill = self._waybill(month=self.chance.choice((-1, 1)))
        row = self._row(waybill, self._fen(waybill))
        return Case(waybill, [row], {"out_of_period": (row.charged_fen, 0)})

    def _lost(self) -> Case:
        waybill = self._waybill(status="lost")
        row = self._row(waybill, self._fen(waybill))
        return Case(waybill, [row], {"lost": (row.charged_fen, 0)})

    def _returned_twice(self) -> Case:
        waybill = self._waybill(status="returned")
        fen = self._fen(waybill)
        back = fen if self.chance.random() < 0.5 else fen // 2
        rows = [self._row(waybill, fen), self._row(waybill, back)]
        return Case(waybill, rows, {"returned": (fen + back, fen)}, fen)

    def _duplicate(self) -> Case:
        waybill = self._waybill()
        fen = self._fen(waybill)
        rows = [self._row(waybill, fen) for _ in range(self.chance.choice((2, 2, 3)))]
        for row in rows[1:]:
            row.cod_fen = None
        return Case(waybill, rows, {"duplicate": (fen * len(rows), fen)}, fen)

    def _weight(self) -> Case:
        while True:
            waybill = self._waybill()
            fen = self._fen(waybill)
            row = self._row(waybill, fen)
            row.weight_g = (row.weight_g or 0) + self.chance.choice((-1000, -500, 500, 1000, 2000, 3001))
            card = self.card(waybill.courier, waybill.province, waybill.on)
            if row.weight_g > 0 and card.fen_of_billed(row.weight_g) != fen:
                row.freight_fen = card.fen_of_billed(row.weight_g)
                return Case(waybill, [row], {"weight": (row.charged_fen, fen)}, fen)

    def _zone(self) -> Case:
        while True:
            waybill = self._waybill()
            fen = self._fen(waybill)
            row = self._row(waybill, fen)
            row.province = self.chance.choice(PROVINCES)
            theirs = self.card(waybill.courier, row.province, waybill.on)
            row.freight_fen = theirs.fen(waybill.weight_g, waybill.volume_cm3)
            if row.freight_fen != fen:
                return Case(waybill, [row], {"zone": (row.charged_fen, fen)}, fen)

    def _rate(self) -> Case:
        waybill = self._waybill()
        fen = self._fen(waybill)
        row = self._row(waybill, fen + self.chance.choice((-30, -1, 1, 39, 100)))
        return Case(waybill, [row], {"rate": (row.charged_fen, fen)}, fen)

    def _extra_charge(self) -> Case:
        waybill = self._waybill()
        fen = self._fen(waybill)
        row = self._row(waybill, fen)
        extra_fen = self.chance.choice((100, 150, 250, -30))
        row.others = {self.chance.choice(OTHER_KINDS): extra_fen}
        return Case(waybill, [row], {"rate": (fen + extra_fen, fen)}, fen)

    def _not_billed(self) -> Case:
        waybill = self._waybill()
        fen = self._fen(waybill)
        says = {"not_billed": (0, fen)}
        if waybill.cod_fen:
            says["cod"] = (0, waybill.cod_fen)
        return Case(waybill, [], says, fen)

    def _cod_only(self) -> Case:
        waybill = self._waybill()
        fen = self._fen(waybill)
        case = Case(waybill, [self._row(waybill, fen)], {}, fen)
        self._spoil_cod(case)
        return case

    def _spoil_cod(self, case: Case) -> None:
        waybill = case.waybill
        if waybill is None or waybill.courier != COURIER or waybill.status != "delivered":
            return
        short_fen = self.chance.choice((-5_000, -100, 1, 250, 30_000))
        remitted_fen = max(0, waybill.cod_fen - short_fen)
        if remitted_fen == waybill.cod_fen:
            remitted_fen += 5_000
        case.rows[0].cod_fen = remitted_fen
        case.says["cod"] = (remitted_fen, waybill.cod_fen)
