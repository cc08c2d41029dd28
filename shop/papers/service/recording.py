"""Purchase papers: adding one, voiding one, what is on record."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import ids, money
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.people import service as people
from shop.papers import rules, store
from shop.papers.tables import PaperSlipRow, PurchasePaperRow, WeighSlipRow
from shop.papers.types import (
    NewPaper,
    NoSlips,
    PaperAmountDiffers,
    PaperId,
    PaperKind,
    PaperKnown,
    PurchasePaper,
)


def add_paper(db: Session, *, paper: NewPaper, added_by: UUID, actor: Actor, now: datetime) -> PaperId:
    """Record a purchase paper; an invoice takes up the grower's uncovered slips of its days.

    Refuses: `NotFound` for a grower that is none, `BadPaper`, `PaperKnown`; for an invoice `NoSlips` and
    `PaperAmountDiffers`.
    """
    good = rules.checked(paper)
    people.get_person(db, person_id=paper.grower_id)
    slips = _slips_for(db, good) if good.kind is PaperKind.INVOICE else []
    row = PurchasePaperRow(id=ids.new_id(), added_by=added_by, added_at=now, **store.paper_values(good))
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
            db.add_all(PaperSlipRow(paper_id=row.id, slip_id=slip.id, is_live=True) for slip in slips)
    except IntegrityError:
        # Either this number, or a slip of it under another number, came in at the same moment.
        raise PaperKnown(number=good.number) from None
    audit.record(
        db,
        actor=actor,
        action="purchase_paper.added",
        object=("purchase_paper", str(row.id)),
        after={"kind": good.kind.value, "number": good.number, "fen": good.fen, "slips": len(slips)},
        now=now,
    )
    return PaperId(row.id)


def void_paper(db: Session, *, paper_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Void a paper that is wrong: it stays on record and covers nothing any more.

    Refuses: `NotFound` for one that is not there or void already.
    """
    row = db.get(PurchasePaperRow, paper_id, with_for_update=True)
    if row is None or row.voided_at is not None:
        raise NotFound(what="paper")
    row.voided_at, row.void_reason = now, reason[:200]
    store.release_slips(db, paper_id=paper_id)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="purchase_paper.voided",
        object=("purchase_paper", str(row.id)),
        after={"reason": reason[:200]},
        now=now,
    )


def list_papers(db: Session, *, grower_id: UUID | None = None, limit: int = 200) -> list[PurchasePaper]:
    """List papers, newest first."""
    rows = store.list_paper_rows(db, grower_id=grower_id, limit=limit)
    names = people.names_of(db, ids={row.grower_id for row in rows})
    counts = store.count_slips(db, rows)
    return [store.to_paper(row, grower=names[row.grower_id], slips=counts.get(row.id, 0)) for row in rows]


def find_fitting(db: Session, *, paper: NewPaper) -> list[WeighSlipRow]:
    """Find the slips that an invoice would take up.

    Refuses: `NoSlips`, `PaperAmountDiffers`.
    """
    return _slips_for(db, paper)


def is_known(db: Session, *, paper: NewPaper) -> bool:
    """Tell whether a paper with this number is on record."""
    return store.find_paper_row(db, kind=paper.kind, code=paper.code, number=paper.number) is not None


def _slips_for(db: Session, paper: NewPaper) -> list[WeighSlipRow]:
    if is_known(db, paper=paper):
        raise PaperKnown(number=paper.number)
    rows = store.list_slip_rows(db, grower_id=paper.grower_id, is_covered=False)
    fitting = [row for row in rows if rules.in_span(store.to_slip(row), paper)]
    if not fitting:
        raise NoSlips()
    slips_fen = rules.total_fen(store.to_slip(row) for row in fitting)
    if slips_fen != paper.fen:
        raise PaperAmountDiffers(
            invoice=money.format_yuan(paper.fen or 0), slips=money.format_yuan(slips_fen)
        )
    return fitting
