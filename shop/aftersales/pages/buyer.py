"""A buyer's pages: what can be claimed, the form with the money before it is sent, the claim."""

from functools import partial
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import NotFound, Refused
from county.files import service as files
from county.people.types import Role
from county.web import allow, body_limit, own
from county.web.frame import sentence, settings
from county.web.limits import limited
from shop.aftersales import forms, rules, service, words
from shop.aftersales.pages.acting import act_or_show
from shop.aftersales.types import ClaimKind, Expected
from shop.orders import service as orders
from shop.orders.types import Order, OrderLine

pages = Blueprint("claims", __name__)
KIND = "any(spoiled, refund_only, return)"


@pages.get("/orders/<order_no>/claim/<int:position>")
@allow(own(Role.BUYER))
def choose_kind(order_no: str, position: int) -> str:
    """Show what can be claimed for a line of one's order, until when, and why not."""
    now = clock.now()
    with database.reading() as db:
        order, line = _line(db, order_no=order_no, position=position)
        choices = service.list_choices(db, order=order, position=position, now=now)
        claims = service.list_claims(db, buyer_id=web.caller().actor_id, order_no=order_no)
    # Why something cannot be claimed is said where it would be claimed.
    ways = [
        {
            "kind": choice.kind,
            "name": words.KINDS[choice.kind],
            "note": words.KIND_NOTES[choice.kind],
            "until_at": choice.until_at,
            "why": sentence(choice.refusal) if choice.refusal else "",
        }
        for choice in choices
    ]
    return render_template(
        "shop/aftersales/choose.html",
        order=order,
        line=line,
        position=position,
        ways=ways,
        claims=[claim for claim in claims if claim.position == position],
        states=words.STATES,
    )


@pages.get(f"/orders/<order_no>/claim/<int:position>/<{KIND}:kind>")
@allow(own(Role.BUYER))
def show_form(order_no: str, position: int, kind: str) -> str:
    """Show the form of a claim, the picture first."""
    form = forms.ClaimForm(position=position, kind=ClaimKind(kind))
    with database.reading() as db:
        order, line = _line(db, order_no=order_no, position=position)
        form.pieces = service.usual_pieces(db, order=order, position=position)
    return _form_page(order, line, form)


@pages.post(f"/orders/<order_no>/claim/<int:position>/<{KIND}:kind>")
@allow(own(Role.BUYER))
@body_limit(50)
@limited("30 per hour")
def check_claim(order_no: str, position: int, kind: str) -> ResponseReturnValue:
    """Keep the pictures and show what the claim would bring, before it is sent."""
    form = forms.read_claim(position, ClaimKind(kind))
    buyer_id = web.caller().actor_id
    kept = _keep(form)
    with database.transaction() as db:
        now = clock.now()
        order, line = _line(db, order_no=order_no, position=position)
        recorded = [files.record_picture(db, kept=each, owner_id=buyer_id, now=now) for each in kept]
        form.picture_ids += [picture.id for picture in recorded]
        expected: Expected | None = None
        if not form.errors:
            try:
                expected = service.expect_claim(
                    db, order_no=order_no, buyer_id=buyer_id, asked=form.asked(), now=now
                )
            except NotFound:
                raise
            except Refused as refusal:
                form.errors[str(refusal.facts.get("field", "main"))] = sentence(refusal)
    if expected is None:
        return _form_page(order, line, form), 422
    return render_template(
        "shop/aftersales/check.html",
        order=order,
        line=line,
        form=form,
        expected=expected,
        reason=words.REASON_NAMES[form.asked().reason],
        pictures=_urls(form.picture_ids),
        rest_fen=order.total_fen - expected.fen,
    )


@pages.post(f"/orders/<order_no>/claim/<int:position>/<{KIND}:kind>/send")
@allow(own(Role.BUYER))
def send_claim(order_no: str, position: int, kind: str) -> ResponseReturnValue:
    """Send a claim that was looked over."""
    form = forms.read_claim(position, ClaimKind(kind))
    buyer_id = web.caller().actor_id
    if form.errors:
        with database.reading() as db:
            order, line = _line(db, order_no=order_no, position=position)
        return _form_page(order, line, form), 422

    def work(db: Session) -> str:
        claim = service.open_claim(
            db,
            order_no=order_no,
            buyer_id=buyer_id,
            asked=form.asked(),
            actor=web.actor(Role.BUYER),
            now=clock.now(),
        )
        return url_for("claims.show_claim", claim_no=claim.claim_no)

    answer = web.once_page(work)
    web.flash_said(gettext("Sent. The grower has 24 hours to decide."))
    return answer


@pages.get("/claims/<claim_no>")
@allow(own(Role.BUYER))
def show_claim(claim_no: str) -> str:
    """Show one's claim: where it is, until when, what was said."""
    return _claim_page(claim_no)


@pages.post("/claims/<claim_no>/<any(withdraw, appeal, send_back):act>")
@allow(own(Role.BUYER))
def act(claim_no: str, act: str) -> ResponseReturnValue:
    """Take a claim back, ask the association, or say that the goods were sent back."""
    buyer_id, version = web.caller().actor_id, forms.read_version()
    actor = web.actor(Role.BUYER)

    def work(db: Session) -> str:
        now = clock.now()
        if act == "withdraw":
            service.withdraw(db, claim_no=claim_no, version=version, buyer_id=buyer_id, actor=actor, now=now)
        elif act == "appeal":
            service.appeal(
                db,
                claim_no=claim_no,
                version=version,
                buyer_id=buyer_id,
                says=forms.read_words(),
                actor=actor,
                now=now,
            )
        else:
            carrier, waybill = forms.read_waybill()
            service.send_back(
                db,
                claim_no=claim_no,
                version=version,
                buyer_id=buyer_id,
                carrier=carrier,
                waybill=waybill,
                actor=actor,
                now=now,
            )
        return url_for("claims.show_claim", claim_no=claim_no)

    return act_or_show(work, page=partial(_claim_page, claim_no))


def _line(db: Session, *, order_no: str, position: int) -> tuple[Order, OrderLine]:
    """Give one's order and its line at a place."""
    order = orders.get_order(db, order_no=order_no, buyer_id=web.caller().actor_id)
    line = rules.line_of(order, position)
    if line is None:
        raise NotFound(what="line of this order")
    return order, line


def _keep(form: forms.ClaimForm) -> list[files.KeptPicture]:
    """Check and re-encode new pictures, outside any transaction; a bad one is said at the field."""
    kept = []
    for content in form.uploads:
        try:
            folder = settings().instance / "files"
            kept.append(files.keep_picture(folder, content=forms.require_small(content)))
        except Refused as refusal:
            form.errors["picture"] = sentence(refusal)
    return kept


def _form_page(order: Order, line: OrderLine, form: forms.ClaimForm) -> str:
    return render_template(
        "shop/aftersales/form.html",
        order=order,
        line=line,
        form=form,
        kind_name=words.KINDS[form.kind],
        picture_note=words.PICTURE_NOTES[form.kind],
        reasons=[(each.value, gettext(words.REASON_NAMES[each])) for each in rules.REASONS[form.kind]],
        pictures=_urls(form.picture_ids),
    )


def _claim_page(claim_no: str, errors: dict[str, str] | None = None) -> str:
    with database.reading() as db:
        found = service.get_file(db, claim_no=claim_no, buyer_id=web.caller().actor_id)
        claim = found.claim
        address = service.find_return_address(db, claim=claim)
    return render_template(
        "shop/aftersales/claim.html",
        found=found,
        picture_urls=[picture.url() for picture in found.pictures],
        claim=claim,
        address=address,
        errors=errors or {},
        words=words,
    )


def _urls(picture_ids: list[UUID]) -> list[str]:
    return [url_for("county_files.show_picture", picture_id=each, width=480) for each in picture_ids]
