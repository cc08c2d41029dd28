"""Queries on slips and papers: what is in force, what is covered."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from county.errors import NotFound
from shop.papers.tables import PaperFileRow, PaperSlipRow, PurchasePaperRow, WeighSlipRow
from shop.papers.types import NewPaper, PaperId, PaperKind, PurchasePaper, SlipNo, WeighSlip

_Newer = aliased(WeighSlipRow)


def _in_force() -> ColumnElement[bool]:
    return ~exists().where(_Newer.corrects_id == WeighSlipRow.id)


def _is_covered() -> ColumnElement[bool]:
    by_invoice = exists().where(PaperSlipRow.slip_id == WeighSlipRow.id, PaperSlipRow.is_live)
    by_own_produce = exists().where(
        PurchasePaperRow.kind == PaperKind.OWN_PRODUCE,
        PurchasePaperRow.grower_id == WeighSlipRow.grower_id,
        PurchasePaperRow.voided_at.is_(None),
        PurchasePaperRow.from_on <= WeighSlipRow.on,
        PurchasePaperRow.to_on > WeighSlipRow.on,
    )
    return or_(by_invoice, by_own_produce)


def list_slip_rows(
    db: Session,
    *,
    grower_id: UUID | None = None,
    order_nos: Collection[str] | None = None,
    is_covered: bool | None = None,
) -> list[WeighSlipRow]:
    """List the slips in force, oldest first."""
    query = select(WeighSlipRow).where(_in_force()).order_by(WeighSlipRow.on, WeighSlipRow.number)
    if grower_id is not None:
        query = query.where(WeighSlipRow.grower_id == grower_id)
    if order_nos is not None:
        query = query.where(WeighSlipRow.order_no.in_(order_nos))
    if is_covered is not None:
        query = query.where(_is_covered() if is_covered else ~_is_covered())
    return list(db.scalars(query))


def find_slip_row(db: Session, *, slip_no: str, lock: bool = False) -> WeighSlipRow | None:
    """Find a slip by its number."""
    query = select(WeighSlipRow).where(WeighSlipRow.number == slip_no)
    return db.scalar(query.with_for_update() if lock else query)


def has_slips(db: Session, *, order_no: str, grower_id: UUID) -> bool:
    """Tell whether a grower's part of an order has slips."""
    query = select(WeighSlipRow.id).where(
        WeighSlipRow.order_no == order_no, WeighSlipRow.grower_id == grower_id
    )
    return db.scalar(query.limit(1)) is not None


def find_paper_row(db: Session, *, kind: PaperKind, code: str, number: str) -> PurchasePaperRow | None:
    """Find a paper in force by its number."""
    return db.scalar(
        select(PurchasePaperRow).where(
            PurchasePaperRow.kind == kind,
            PurchasePaperRow.code == code,
            PurchasePaperRow.number == number,
            PurchasePaperRow.voided_at.is_(None),
        )
    )


def list_paper_rows(db: Session, *, grower_id: UUID | None, limit: int) -> list[PurchasePaperRow]:
    """List papers, newest first."""
    query = select(PurchasePaperRow).order_by(PurchasePaperRow.added_at.desc(), PurchasePaperRow.id)
    if grower_id is not None:
        query = query.where(PurchasePaperRow.grower_id == grower_id)
    return list(db.scalars(query.limit(limit)))


def count_slips(db: Session, rows: Collection[PurchasePaperRow]) -> Mapping[UUID, int]:
    """Count the slips in force that each paper covers."""
    linked = (
        select(PaperSlipRow.paper_id, func.count())
        .where(PaperSlipRow.paper_id.in_([row.id for row in rows]), PaperSlipRow.is_live)
        .group_by(PaperSlipRow.paper_id)
    )
    dated = (
        select(PurchasePaperRow.id, func.count())
        .join(
            WeighSlipRow,
            and_(
                WeighSlipRow.grower_id == PurchasePaperRow.grower_id,
                PurchasePaperRow.from_on <= WeighSlipRow.on,
                PurchasePaperRow.to_on > WeighSlipRow.on,
            ),
        )
        .where(
            PurchasePaperRow.id.in_([row.id for row in rows]),
            PurchasePaperRow.kind == PaperKind.OWN_PRODUCE,
            PurchasePaperRow.voided_at.is_(None),
            _in_force(),
        )
        .group_by(PurchasePaperRow.id)
    )
    return {paper_id: count for query in (linked, dated) for paper_id, count in db.execute(query)}


def release_slips(db: Session, *, paper_id: UUID) -> None:
    """Let the slips of a voided invoice lack a paper again."""
    db.execute(update(PaperSlipRow).where(PaperSlipRow.paper_id == paper_id).values(is_live=False))


def find_file_row(db: Session, *, sha256: str) -> PaperFileRow | None:
    """Find an uploaded table by its content."""
    return db.scalar(select(PaperFileRow).where(PaperFileRow.sha256 == sha256))


def get_file_row(db: Session, *, file_id: UUID, lock: bool = False) -> PaperFileRow:
    """Give an uploaded table by id; with `lock` nobody else takes it in meanwhile."""
    row = db.get(PaperFileRow, file_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(what="file")
    return row


def list_file_rows(db: Session, *, limit: int) -> list[PaperFileRow]:
    """List uploaded tables, newest first."""
    return list(db.scalars(select(PaperFileRow).order_by(PaperFileRow.uploaded_at.desc()).limit(limit)))


def to_slip(row: WeighSlipRow, *, corrects: SlipNo | None = None) -> WeighSlip:
    """Give a slip."""
    return WeighSlip(
        slip_no=SlipNo(row.number),
        grower_id=row.grower_id,
        order_no=row.order_no,
        line=row.line,
        what=row.what,
        gross_g=row.gross_g,
        net_g=row.net_g,
        fen=row.fen,
        on=row.on,
        weighed_by=row.weighed_by,
        corrects=corrects,
    )


def to_paper(row: PurchasePaperRow, *, grower: str, slips: int) -> PurchasePaper:
    """Give a paper."""
    return PurchasePaper(
        id=PaperId(row.id),
        kind=row.kind,
        grower_id=row.grower_id,
        grower=grower,
        code=row.code,
        number=row.number,
        issued_on=row.issued_on,
        from_on=row.from_on,
        to_on=row.to_on,
        fen=row.fen,
        slips=slips,
        added_at=row.added_at,
        voided_at=row.voided_at,
    )


def paper_values(paper: NewPaper) -> dict[str, object]:
    """Give a new paper's columns."""
    return dict(vars(paper))
