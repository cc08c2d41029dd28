"""Finding claims: through whose they are, with pictures and steps, by lot."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from county.errors import NotFound
from county.files import service as files
from county.files.types import Sight
from county.people import service as people
from county.people.types import Caller, Role, Scope
from shop.aftersales import rules, store
from shop.aftersales.types import Claim, ClaimFile, ClaimKind, ClaimState, LotRate
from shop.catalogue import service as catalogue
from shop.lots import service as lots
from shop.lots.types import Lot
from shop.orders import service as orders

# What the lists ask for, by the word in their address.
FILTERS: Mapping[str, tuple[ClaimState, ...]] = {
    "waiting": (ClaimState.OPEN, ClaimState.APPEALED, ClaimState.STUCK),
    "appeals": (ClaimState.APPEALED,),
    "running": rules.UNSETTLED,
    "over": (ClaimState.DONE, ClaimState.CLOSED, ClaimState.WITHDRAWN),
    "all": (),
}
_ASSOCIATION = {Role.ASSOCIATION_ADMIN, Role.AUDITOR}
# Claims of spoiled pieces that count against a lot: all but those taken back or refused for good.
_COUNTED = tuple(state for state in ClaimState if state not in (ClaimState.WITHDRAWN, ClaimState.CLOSED))


def get_file(
    db: Session, *, claim_no: str, buyer_id: UUID | None = None, grower_id: UUID | None = None
) -> ClaimFile:
    """Give a claim with its pictures and steps, through its buyer or grower; others' are `NotFound`."""
    seen = store.Seen(buyer_id=buyer_id, grower_id=grower_id)
    row = store.find_row(db, number=claim_no, seen=seen)
    if row is None:
        raise NotFound(what="claim")
    ids = store.list_picture_ids(db, claim_id=row.id)
    known = files.pictures_of(db, ids=ids)
    return ClaimFile(
        claim=store.to_claim(row),
        pictures=tuple(known[picture_id] for picture_id in ids if picture_id in known),
        steps=tuple(store.list_steps(db, claim_id=row.id)),
    )


def find_sight(db: Session, *, picture_id: UUID, caller: Caller) -> Sight | None:
    """Say that a claim's buyer and grower and the association may see its pictures, and nobody else."""
    claimants = store.list_claimants(db, picture_id=picture_id)
    if not claimants or caller.person_id is None:
        return None
    answers = caller.acting_for is None or Scope.ANSWER_CLAIMS in caller.scopes
    concerned = {buyer_id for buyer_id, _grower_id in claimants if buyer_id == caller.person_id}
    concerned |= {
        grower_id for _buyer_id, grower_id in claimants if answers and grower_id == caller.subject_id
    }
    return Sight.ASKER if concerned or caller.roles & _ASSOCIATION else None


def list_claims(
    db: Session,
    *,
    buyer_id: UUID | None = None,
    grower_id: UUID | None = None,
    order_no: str | None = None,
    lot_id: UUID | None = None,
    which: str = "all",
    kind: ClaimKind | None = None,
    text: str = "",
) -> list[Claim]:
    """List claims; those that wait come with the one whose time ends first on top."""
    rows = store.list_rows(
        db,
        seen=store.Seen(buyer_id=buyer_id, grower_id=grower_id),
        order_no=order_no,
        lot_id=lot_id,
        states=FILTERS.get(which, ()),
        kind=kind,
        text=text,
        overdue_first=which in ("waiting", "appeals", "running"),
    )
    return [store.to_claim(row) for row in rows]


def has_open_claim(db: Session, *, order_no: str) -> bool:
    """Tell whether an order has a claim that is not settled; its money waits for that."""
    return store.has_unsettled(db, order_no=order_no)


def list_lot_rates(db: Session, *, grower_id: UUID | None = None) -> list[LotRate]:
    """List lots, newest first, with how much of each is claimed as spoiled."""
    return _rates(db, lots.list_lots(db, grower_id=grower_id))


def get_lot_rate(db: Session, *, lot_no: str, grower_id: UUID | None = None) -> LotRate:
    """Give a lot with its buyers and claims counted, through its grower when one is given."""
    return _rates(db, [lots.get_lot(db, lot_no=lot_no, grower_id=grower_id)])[0]


def list_lot_claims(db: Session, *, lot_no: str) -> list[Claim]:
    """List the claims of a lot, newest first."""
    return list_claims(db, lot_id=lots.get_lot(db, lot_no=lot_no).id)


def names_of(db: Session, *, claims: Collection[Claim]) -> dict[UUID, str]:
    """Give the names of these claims' growers, by person."""
    return people.names_of(db, ids={claim.grower_id for claim in claims})


def find_parcel_no(db: Session, *, claim: Claim) -> str:
    """Give the number of the parcel that a claim's goods travel in; empty when they were not packed."""
    order = orders.get_order(db, order_no=claim.order_no)
    parts = {part.grower_id: part.parcel_no for part in order.consignments}
    return parts.get(claim.grower_id) or ""


def find_lot_no(db: Session, *, claim: Claim) -> str:
    """Give the number of the lot that a claim's goods came from; empty when they were not packed yet."""
    if claim.lot_id is None:
        return ""
    return lots.list_lots(db, lot_ids=[claim.lot_id])[0].lot_no


def _rates(db: Session, found: Collection[Lot]) -> list[LotRate]:
    ids = [lot.id for lot in found]
    uses = lots.count_uses(db, lot_ids=ids)
    claims = store.count_spoiled(db, lot_ids=ids, states=_COUNTED)
    titles = catalogue.titles_of(db, product_ids={lot.product_id for lot in found})
    rates = []
    for lot in found:
        lines, pieces, buyers = uses.get(lot.id, (0, 0, 0))
        count, claimed = claims.get(lot.id, (0, 0))
        rates.append(
            LotRate(
                lot_no=lot.lot_no,
                product_id=lot.product_id,
                title=titles.get(lot.product_id, ""),
                grower_id=lot.grower_id,
                made_on=lot.made_on,
                note=lot.note,
                state=lot.state.value,
                stop_reason=lot.stop_reason,
                version=lot.version,
                lines=lines,
                pieces=pieces,
                buyers=buyers,
                claims=count,
                claimed_lines=claimed,
            )
        )
    return rates
