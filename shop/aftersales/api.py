"""Claims as JSON, through their buyer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from county import clock, database, web
from county.files import service as files
from county.people.types import Role
from county.web import allow, body_limit, documented, own
from county.web.frame import settings
from county.web.limits import limited
from shop.aftersales import forms, service
from shop.aftersales.types import ClaimEvent, ClaimFile, ClaimKind, ClaimReason, ClaimState, Party
from shop.sellers.types import ReturnAddress

api = Blueprint("claims_api", __name__)


@dataclass(frozen=True)
class StepView:
    """Something that happened to a claim; `event` is null for the claim itself."""

    at: datetime
    event: ClaimEvent | None
    party: Party
    says: str


@dataclass(frozen=True)
class ClaimView:
    """A claim as its buyer sees it; `due_at` is until when somebody must act in the present state.

    `return_address` is there while an accepted return waits for the buyer to send the goods.
    """

    claim_no: str
    order_no: str
    line: int
    kind: ClaimKind
    reason: ClaimReason
    spoiled: int
    pieces: int
    goods_fen: int
    freight_fen: int
    total_fen: int
    says: str
    state: ClaimState
    due_at: datetime | None
    waybill: str
    return_address: ReturnAddress | None
    pictures: tuple[str, ...]
    steps: tuple[StepView, ...]
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class PictureView:
    """An uploaded picture, to be named in a claim."""

    picture_id: UUID
    url: str


@api.post("/claims/pictures")
@allow(own(Role.BUYER))
@body_limit(9)
@limited("60 per hour")
@documented(gives=PictureView, status=201, refuses=(422,))
def upload_picture() -> Response:
    """Upload one picture for a claim: the body is the JPEG, PNG or WebP itself, at most 8 MB."""
    kept = files.keep_picture(settings().instance / "files", content=forms.read_picture())
    buyer_id = web.caller().actor_id

    def work(db: Session) -> tuple[int, Any]:
        picture = files.record_picture(db, kept=kept, owner_id=buyer_id, now=clock.now())
        return 201, web.to_json(PictureView(picture.id, picture.url()))

    return web.once(work)


@api.post("/orders/<order_no>/claims")
@allow(own(Role.BUYER))
@limited("30 per hour")
@documented(takes=forms.ClaimBody, gives=ClaimView, status=201, refuses=(400, 404, 409, 422))
def open_claim(order_no: str) -> Response:
    """Claim a line of one's order; needs an Idempotency-Key. Upload the pictures before."""
    buyer_id = web.caller().actor_id
    web.require_key()
    asked = forms.parse_claim(web.json_body())

    def work(db: Session) -> tuple[int, Any]:
        claim = service.open_claim(
            db,
            order_no=order_no,
            buyer_id=buyer_id,
            asked=asked.asked(),
            actor=web.actor(Role.BUYER),
            now=clock.now(),
        )
        found = service.get_file(db, claim_no=claim.claim_no, buyer_id=buyer_id)
        return 201, web.to_json(_view(db, found))

    return web.once(work, required=True)


@api.get("/claims/<claim_no>")
@allow(own(Role.BUYER))
@documented(gives=ClaimView, refuses=(404,))
def show_claim(claim_no: str) -> Response:
    """Show one's claim with its state, deadline and steps."""
    with database.reading() as db:
        found = service.get_file(db, claim_no=claim_no, buyer_id=web.caller().actor_id)
        view = _view(db, found)
    return jsonify(web.to_json(view))


def _view(db: Session, found: ClaimFile) -> ClaimView:
    address = service.find_return_address(db, claim=found.claim)
    claim = found.claim
    return ClaimView(
        claim_no=claim.claim_no,
        order_no=claim.order_no,
        line=claim.position,
        kind=claim.kind,
        reason=claim.reason,
        spoiled=claim.spoiled,
        pieces=claim.pieces,
        goods_fen=claim.goods_fen,
        freight_fen=claim.freight_fen,
        total_fen=claim.fen,
        says=claim.says,
        state=claim.state,
        due_at=claim.due_at,
        waybill=claim.waybill,
        return_address=address,
        pictures=tuple(picture.url() for picture in found.pictures),
        steps=tuple(StepView(step.at, step.event, step.party, step.says) for step in found.steps),
        opened_at=claim.opened_at,
        closed_at=claim.closed_at,
    )
