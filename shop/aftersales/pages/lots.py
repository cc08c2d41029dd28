"""Pages of lots: what was packed from each, its claims, its buyers counted; stopping one."""

from functools import partial

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import allow, own
from shop.aftersales import forms, service, words
from shop.aftersales.pages.acting import act_or_show
from shop.lots.words import LOT_STATES

pages = Blueprint("lot_pages", __name__)


@pages.get("/sell/lots")
@allow(own(Role.FARMER))
def list_own() -> str:
    """Show a grower's lots with how much of each is claimed."""
    caller = web.caller()
    require_scope(caller, Scope.ANSWER_CLAIMS)
    with database.reading() as db:
        rates = service.list_lot_rates(db, grower_id=caller.subject_id)
    return render_template("shop/lots/list.html", rates=rates, states=LOT_STATES, is_own=True)


@pages.get("/sell/lots/<lot_no>")
@allow(own(Role.FARMER))
def show_own(lot_no: str) -> str:
    """Show one of a grower's lots."""
    caller = web.caller()
    require_scope(caller, Scope.ANSWER_CLAIMS)
    with database.reading() as db:
        rate = service.get_lot_rate(db, lot_no=lot_no, grower_id=caller.subject_id)
        claims = service.list_lot_claims(db, lot_no=lot_no)
    return render_template(
        "shop/lots/lot.html",
        rate=rate,
        claims=claims,
        states=LOT_STATES,
        words=words,
        is_own=True,
        is_admin=False,
        errors={},
    )


@pages.get("/lots")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def list_all() -> str:
    """Show all lots, newest first, with how much of each is claimed."""
    with database.reading() as db:
        rates = service.list_lot_rates(db)
    return render_template("shop/lots/list.html", rates=rates, states=LOT_STATES, is_own=False)


@pages.get("/lots/<lot_no>")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def show_lot(lot_no: str) -> str:
    """Show a lot to the association: its claims, its buyers counted, not named."""
    return _page(lot_no)


@pages.post("/lots/<lot_no>/stop")
@allow(Role.ASSOCIATION_ADMIN)
def stop(lot_no: str) -> ResponseReturnValue:
    """Stop a lot: no more sale, and everybody who bought of it is told."""

    def work(db: Session) -> str:
        service.stop_lot(
            db,
            lot_no=lot_no,
            version=forms.read_version(),
            reason=forms.read_words(),
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("lot_pages.show_lot", lot_no=lot_no)

    said = gettext("Stopped. The product is off sale and its buyers are being told.")
    return act_or_show(work, page=partial(_page, lot_no), said=said)


def _page(lot_no: str, errors: dict[str, str] | None = None) -> str:
    with database.reading() as db:
        rate = service.get_lot_rate(db, lot_no=lot_no)
        claims = service.list_lot_claims(db, lot_no=lot_no)
    return render_template(
        "shop/lots/lot.html",
        rate=rate,
        claims=claims,
        states=LOT_STATES,
        words=words,
        is_own=False,
        is_admin=Role.ASSOCIATION_ADMIN in web.caller().roles,
        errors=errors or {},
    )
