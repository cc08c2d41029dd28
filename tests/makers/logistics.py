"""Makers of carriers, their clerks and files, sent parcels, agreed statements and computed months."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from openpyxl import Workbook
from sqlalchemy.orm import Session

from county.people.types import Person, Role
from logistics.carriers import service as carriers
from logistics.carriers.types import Carrier, CarrierKind
from logistics.netting import service as netting
from logistics.parcels import service as parcels
from logistics.parcels.types import Consignee, Direction, Parcel
from logistics.rates import service as rates
from logistics.rates.types import RateCard
from logistics.settlements import service as settlements
from logistics.settlements.types import Discrepancy, Findings
from logistics.tracking import service as tracking
from logistics.tracking.types import Cause, EventKind, Reason, Source
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.tours import make_network, make_published

PERIOD = "2026-10"
MONTH_OVER = datetime.fromisoformat("2026-11-03T02:00:00+00:00")
HEAD = ("运单号", "收件人", "收件人电话", "收件地址", "重量(kg)", "件数", "代收货款")
CONSIGNEE = Consignee("李明", "13900001234", "陕西", "西安市", "雁塔区", "小寨路1号")


def make_carrier(db: Session, name: str = "中通") -> Carrier:
    """Add a carrier to the pool."""
    return carriers.add_carrier(db, name=name, kind=CarrierKind.EXPRESS, actor=ROBOT, now=NOW)


def make_pool(db: Session) -> None:
    """Make the small network with two carriers: 中通 and 圆通."""
    make_network(db)
    for name in ("中通", "圆通"):
        make_carrier(db, name)


def make_clerk(db: Session, *, carrier: str = "中通", phone: str | None = None) -> Person:
    """Register a courier clerk of a carrier that is in the pool."""
    clerk = make_person(db, Role.COURIER_CLERK, name=f"{carrier}员", phone=phone)
    found = carriers.get_carrier(db, name=carrier)
    carriers.attach_clerk(db, person_id=clerk.id, carrier_id=found.id, actor=ROBOT, now=NOW)
    return clerk


def daily_row(waybill: str, address: str = "城关镇竹园3号", **other: str) -> tuple[str, ...]:
    """Write one row of a daily file; say only what matters."""
    given = {"name": "李明", "phone": "13900001234", "weight": "1.5", "pieces": "1", "cod": "", **other}
    return (waybill, given["name"], given["phone"], address, given["weight"], given["pieces"], given["cod"])


def csv_bytes(rows: Iterable[Sequence[str]], *, encoding: str = "utf-8") -> bytes:
    """Write rows as a CSV; no cell here needs quoting."""
    return "\r\n".join(",".join(row) for row in rows).encode(encoding)


def write_csv(folder: Path, rows: Iterable[Sequence[str]], *, encoding: str = "utf-8") -> Path:
    """Write rows into a CSV file."""
    path = folder / "table.csv"
    path.write_bytes(csv_bytes(rows, encoding=encoding))
    return path


def write_workbook(
    folder: Path, rows: Iterable[Sequence[object]], *, merged: str = "", hidden_row: int = 0
) -> Path:
    """Write rows into an XLSX, with a merged range, a hidden row and then a hidden sheet when asked."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    if merged:
        sheet.merge_cells(merged)
    if hidden_row:
        sheet.row_dimensions[hidden_row].hidden = True
        book.create_sheet("旧表").sheet_state = "hidden"
    path = folder / "table.xlsx"
    book.save(path)
    return path


def make_rates(db: Session, *, courier: str = "中通", first_fen: int = 800) -> None:
    """Make a rate card for 陕西: 8.00 up to 1 kg, 2.00 for each further kg."""
    card = RateCard(
        courier=courier,
        zone="近区",
        provinces=frozenset(["陕西"]),
        is_for_others=False,
        first_g=1_000,
        first_fen=first_fen,
        step_g=1_000,
        step_fen=200,
        volumetric_divisor=0,
        round_g=100,
        valid_from=date(2026, 1, 1),
        valid_to=date(2027, 12, 31),
    )
    rates.add_card(db, card=card, is_for_shop=True)


def tell(
    db: Session,
    parcel_no: str,
    kind: EventKind,
    *,
    at: datetime = NOW,
    where: str = "县分拨中心",
    reason: Reason = Reason.UNSAID,
    cause: Cause = Cause.UNSAID,
) -> None:
    """Record that something happened to a parcel."""
    tracking.record_event(
        db,
        parcel_no=parcel_no,
        kind=kind,
        at=at,
        where=where,
        source=Source.SCAN,
        actor=ROBOT,
        now=NOW,
        reason=reason,
        cause=cause,
    )


def make_sent(
    db: Session, *, waybill: str, carrier: str = "中通", weight_g: int = 1_000, at: datetime = NOW
) -> Parcel:
    """Make a parcel to 陕西 that a carrier took from us at an instant."""
    parcel = parcels.take_in(
        db,
        waybill=waybill,
        carrier=carrier,
        direction=Direction.OUT,
        station="S1",
        weight_g=weight_g,
        consignee=CONSIGNEE,
        actor=ROBOT,
        now=NOW,
    )
    tell(db, parcel.parcel_no, EventKind.COLLECTED_FROM_SENDER, at=at)
    tell(db, parcel.parcel_no, EventKind.LINEHAUL_DEPARTED, at=at + timedelta(hours=2))
    return parcels.get_parcel(db, parcel_no=parcel.parcel_no)


def make_statement(
    db: Session,
    *,
    person_id: UUID,
    carrier: str = "中通",
    period: str = PERIOD,
    charged_fen: int = 1_000,
    too_much_fen: int = 0,
    now: datetime = NOW,
) -> UUID:
    """Make a statement that was read: one waybill, of which a part may be too much."""
    sha256 = f"{charged_fen:064d}"
    statement_id = settlements.store_statement(
        db,
        period=period,
        carrier=carrier,
        file_name="对账单.csv",
        sha256=sha256,
        person_id=person_id,
        actor=ROBOT,
        now=now,
    )
    items = (Discrepancy("78001", "rate", charged_fen, charged_fen - too_much_fen, (2,)),)
    findings = Findings(
        lines=1,
        waybills=1,
        charged_fen=charged_fen,
        expected_fen=charged_fen - too_much_fen,
        matched=0 if too_much_fen else 1,
        by_reason={},
        items=items if too_much_fen else (),
        unreadable=(),
    )
    settlements.record_findings(
        db, statement_id=statement_id, sha256=sha256, findings=findings, why="", now=now
    )
    return statement_id


def agree(db: Session, statement_id: UUID, *, now: datetime = NOW) -> int:
    """Agree on a statement as it stands now."""
    version = settlements.get_statement(db, statement_id=statement_id).version
    return settlements.agree(db, statement_id=statement_id, version=version, actor=ROBOT, now=now)


def compute_month(db: Session, *, person_id: UUID, period: str = PERIOD, now: datetime = MONTH_OVER) -> None:
    """Have a month computed as the job does it, inside one transaction of the test."""
    netting.ask_for_netting(db, period=period, person_id=person_id, actor=ROBOT, now=now)
    published = netting.published_in(db, period=period)
    rule = netting.CostRule(netting.get_period(db, period=period).cost_rule)
    shares = netting.share_days(published, cost_rule=rule)
    netting.record_netting(
        db, period=period, person_id=person_id, published=published, shares=shares, now=now
    )


def make_month(db: Session) -> tuple[Person, Person]:
    """Make a month with a published tour of 226.00 and 中通's agreed statement of 9.00, computed.

    Gives: who had it computed, and a second person of the association.
    """
    first = make_person(db, Role.ASSOCIATION_ADMIN, name="会长")
    second = make_person(db, Role.ASSOCIATION_ADMIN, name="副会长")
    for name in ("中通", "圆通"):
        make_carrier(db, name)
    make_network(db)
    make_published(db)
    agree(db, make_statement(db, person_id=first.id, charged_fen=1_000, too_much_fen=100))
    compute_month(db, person_id=first.id)
    return first, second


def close_month(db: Session, *, person_id: UUID, period: str = PERIOD, now: datetime = MONTH_OVER) -> None:
    """Close a month as it stands now."""
    version = netting.get_period(db, period=period).version
    netting.close_period(db, period=period, version=version, person_id=person_id, actor=ROBOT, now=now)
