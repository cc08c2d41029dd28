"""Pages of netting: the months, one month as sums that add up, closing it."""

from flask import Blueprint, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import Refused
from county.people.types import Role
from county.web import allow, own
from county.web.frame import sentence
from logistics.carriers import desk
from logistics.netting import service
from logistics.netting.types import PeriodState
from logistics.netting.words import PERIOD_STATES
from logistics.settlements import forms

pages = Blueprint("netting", __name__)
READERS = (own(Role.COURIER_CLERK), Role.ASSOCIATION_ADMIN, Role.AUDITOR)


@pages.get("/settlement")
@allow(*READERS)
def list_periods() -> ResponseReturnValue:
    """Show the months."""
    return _list_page()


@pages.post("/settlement")
@allow(Role.ASSOCIATION_ADMIN)
def compute() -> ResponseReturnValue:
    """Have a month computed."""
    period = forms.read_period()

    def work(db: Session) -> str:
        service.ask_for_netting(
            db,
            period=period,
            person_id=web.caller().actor_id,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("netting.show_period", period=period)

    try:
        return web.once_page(work)
    except Refused as refusal:
        return _list_page(errors={"period": sentence(refusal)}, status=refusal.status)


@pages.get("/settlement/<period>")
@allow(*READERS)
def show_period(period: str) -> str:
    """Show a month: the joint cost, every courier's line, and who pays whom."""
    with database.reading() as db:
        mine = desk.seen_carrier(db)
        found = service.get_period(db, period=period)
        claims = service.list_courier_claims(db, period=period)
    is_admin = Role.ASSOCIATION_ADMIN in web.caller().roles
    # A courier sees itself and anonymous totals (DESIGN.md §6): the pool is for transport, not for prices.
    lines = [line for line in found.lines if mine in (None, line.carrier)]
    rows = [
        {
            "carrier": line.carrier,
            "parcels": line.parcels,
            "alone_fen": line.alone_fen,
            "share_fen": line.share_fen,
            "saving_fen": line.alone_fen - line.share_fen,
            "claims_fen": line.claims_fen,
            "agreed_fen": line.agreed_fen,
            "net_fen": line.net_fen,
        }
        for line in lines
    ]
    return render_template(
        "logistics/netting/period.html",
        period=found,
        rows=rows,
        claims=[claim for claim in claims if mine in (None, claim.carrier)],
        is_all=mine is None,
        states=PERIOD_STATES,
        is_admin=is_admin,
        may_close=found.state is PeriodState.RECONCILED
        and is_admin
        and found.proposed_by != web.caller().person_id,
    )


@pages.get("/settlement/<period>/progress")
@allow(*READERS)
def show_progress(period: str) -> ResponseReturnValue:
    """Say how far the computing of a month has come."""
    with database.reading() as db:
        found = service.get_period(db, period=period)
    return jsonify(
        {
            "state": "running" if found.state is PeriodState.OPEN else "done",
            "done_bp": None,
            "doing": gettext("Sharing every day's cost exactly"),
            "numbers": [],
            "done_url": url_for("netting.show_period", period=period),
        }
    )


@pages.post("/settlement/<period>/close")
@allow(Role.ASSOCIATION_ADMIN)
def close(period: str) -> ResponseReturnValue:
    """Close a month as the second person."""
    version = forms.read_version()

    def work(db: Session) -> str:
        service.close_period(
            db,
            period=period,
            version=version,
            person_id=web.caller().actor_id,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("netting.show_period", period=period)

    return web.once_page(work)


def _list_page(*, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    with database.reading() as db:
        periods = service.list_periods(db)
        mine = desk.seen_carrier(db)
        positions = [each for each in service.list_open(db) if mine in (None, each.carrier)]
    page = render_template(
        "logistics/netting/list.html",
        periods=periods,
        positions=positions,
        errors=errors or {},
        period=clock.county_day(clock.now()).isoformat()[:7],
        states=PERIOD_STATES,
    )
    return page, status
