"""A grower's pages: what is claimed of one's goods, deciding, confirming what came back."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import allow, own
from shop.aftersales import forms, service, words
from shop.aftersales.pages.acting import act_or_show, approve_or_refuse
from shop.aftersales.types import Party

pages = Blueprint("grower_claims", __name__)


@pages.get("/sell/claims")
@allow(own(Role.FARMER))
def list_claims() -> str:
    """Show what buyers claim of one's goods, what must be decided first on top."""
    caller = web.caller()
    require_scope(caller, Scope.ANSWER_CLAIMS)
    query = forms.read_query(usual="running")
    with database.reading() as db:
        claims = service.list_claims(db, grower_id=caller.subject_id, which=query.which)
    return render_template("shop/aftersales/grower_list.html", claims=claims, query=query, words=words)


@pages.get("/sell/claims/<claim_no>")
@allow(own(Role.FARMER))
def show_claim(claim_no: str) -> str:
    """Show a claim with its pictures, and what each decision does."""
    require_scope(web.caller(), Scope.ANSWER_CLAIMS)
    return _page(claim_no)


@pages.post("/sell/claims/<claim_no>/<any(approve, refuse, receive, dispute):act>")
@allow(own(Role.FARMER))
def act(claim_no: str, act: str) -> ResponseReturnValue:
    """Accept or refuse a claim, confirm or dispute what came back."""
    caller = web.caller()
    require_scope(caller, Scope.ANSWER_CLAIMS)
    whose: dict[str, Any] = {
        "claim_no": claim_no,
        "version": forms.read_version(),
        "grower_id": caller.subject_id,
        "actor": web.actor(Role.FARMER),
    }

    def work(db: Session) -> str:
        now = clock.now()
        if act in ("approve", "refuse"):
            approve_or_refuse(db, act=act, by=Party.GROWER, whose=whose, now=now)
        elif act == "receive":
            service.receive(db, by=Party.GROWER, back_on_sale=forms.read_back_on_sale(), now=now, **whose)
        else:
            service.dispute(db, says=forms.read_words(), now=now, **whose)
        return url_for("grower_claims.show_claim", claim_no=claim_no)

    return act_or_show(work, page=partial(_page, claim_no), said=gettext("Done. The buyer is told."))


def _page(claim_no: str, errors: dict[str, str] | None = None) -> str:
    grower_id = web.caller().subject_id
    with database.reading() as db:
        found = service.get_file(db, claim_no=claim_no, grower_id=grower_id)
        effect = service.effect_of(db, claim=found.claim)
        lot_no = service.find_lot_no(db, claim=found.claim)
    return render_template(
        "shop/aftersales/grower_claim.html",
        found=found,
        picture_urls=[picture.url() for picture in found.pictures],
        claim=found.claim,
        effect=effect,
        lot_no=lot_no,
        errors=errors or {},
        words=words,
    )
