"""The association's pages: all claims, overdue first; appeals, liability, refunds that failed."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.people.types import Role
from county.web import allow
from logistics.tracking import views as tracking
from shop.aftersales import forms, service, words
from shop.aftersales.pages.acting import act_or_show, approve_or_refuse
from shop.aftersales.types import Party

pages = Blueprint("claims_desk", __name__)


@pages.get("/aftersales")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def list_claims() -> str:
    """Show claims by what they wait for, those whose time ends first on top."""
    query = forms.read_query(usual="waiting")
    with database.reading() as db:
        claims = service.list_claims(db, which=query.which, kind=query.kind, text=query.text)
        names = service.names_of(db, claims=claims)
    rows = [
        {
            "claim": claim,
            "claim_no": claim.claim_no,
            "title": claim.title,
            "grower": names[claim.grower_id],
            "fen": claim.fen,
            "due_at": claim.due_at,
            "opened_at": claim.opened_at,
        }
        for claim in claims
    ]
    return render_template("shop/aftersales/desk_list.html", rows=rows, query=query, words=words)


@pages.get("/aftersales/<claim_no>")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def show_claim(claim_no: str) -> str:
    """Show a claim with both sides' words, what tracking knows, and what can be decided."""
    return _page(claim_no)


@pages.post("/aftersales/<claim_no>/<any(approve, refuse, receive, retry, liability):act>")
@allow(Role.ASSOCIATION_ADMIN)
def act(claim_no: str, act: str) -> ResponseReturnValue:
    """Decide a claim or an appeal, confirm a return, pay again, say who is liable."""
    whose: dict[str, Any] = {
        "claim_no": claim_no,
        "version": forms.read_version(),
        "actor": web.actor(Role.ASSOCIATION_ADMIN),
    }

    def work(db: Session) -> str:
        now = clock.now()
        if act in ("approve", "refuse"):
            approve_or_refuse(db, act=act, by=Party.ASSOCIATION, whose=whose, now=now)
        elif act == "receive":
            service.receive(db, by=Party.ASSOCIATION, back_on_sale=False, now=now, **whose)
        elif act == "retry":
            service.retry(db, now=now, **whose)
        else:
            party = forms.read_party()
            service.decide_liability(db, party=party, says=forms.read_words(), now=now, **whose)
        return url_for("claims_desk.show_claim", claim_no=claim_no)

    return act_or_show(work, page=partial(_page, claim_no), said=gettext("Done and recorded."))


def _page(claim_no: str, errors: dict[str, str] | None = None) -> str:
    with database.reading() as db:
        found = service.get_file(db, claim_no=claim_no)
        effect = service.effect_of(db, claim=found.claim)
        lot_no = service.find_lot_no(db, claim=found.claim)
        names = service.names_of(db, claims=[found.claim])
        parcel_no = service.find_parcel_no(db, claim=found.claim)
        way = tracking.list_steps(db, parcel_no=parcel_no, is_staff=True) if parcel_no else []
        said_late = service.list_couriers_words(db, claim=found.claim)
    return render_template(
        "shop/aftersales/desk_claim.html",
        found=found,
        picture_urls=[picture.url() for picture in found.pictures],
        claim=found.claim,
        effect=effect,
        lot_no=lot_no,
        parcel_no=parcel_no,
        way=way,
        couriers_words=[
            {"at": each.at, "what": tracking.say_event(each), "recorded_at": each.recorded_at}
            for each in said_late
        ],
        grower=names[found.claim.grower_id],
        is_admin=Role.ASSOCIATION_ADMIN in web.caller().roles,
        errors=errors or {},
        words=words,
    )
