"""The desk's pages: plan a tour, follow the planning, look at the plan, publish it."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.audit.types import Actor
from county.errors import Refused
from county.jobs import service as jobs
from county.jobs.types import JobState
from county.money import say_money
from county.people import service as people
from county.people.types import Role
from county.web import allow
from county.web.frame import sentence
from logistics.tours import board, forms, service, words
from logistics.tours.types import Tour, TourState, TourWish, TripState

pages = Blueprint("tours", __name__)
PLANS = (Role.HUB_CLERK, Role.ASSOCIATION_ADMIN)
LOOKS = (*PLANS, Role.AUDITOR)


@pages.get("/tours")
@allow(*LOOKS)
def list_tours() -> ResponseReturnValue:
    """Show the tours of late and the way to a new one."""
    with database.reading() as db:
        tours = service.list_tours(db, limit=60)
    return render_template(
        "logistics/tours/list.html", tours=tours, states=words.TOUR_STATES, can_plan=_plans()
    )


@pages.get("/tours/new")
@allow(*PLANS)
def show_form() -> ResponseReturnValue:
    """Show the form that asks for a plan."""
    return _form_page(forms.PlanForm(on=clock.county_day(clock.now()).isoformat()))


@pages.post("/tours/new")
@allow(*PLANS)
def request_plan() -> ResponseReturnValue:
    """Ask for a plan; the planning goes on without this page."""
    form = forms.read_plan(today_on=clock.county_day(clock.now()))
    if form.wish is None:
        return _form_page(form, status=422)
    wish: TourWish = form.wish

    def work(db: Session) -> str:
        tour = service.request_plan(db, wish=wish, actor=_actor(), now=clock.now())
        return url_for("tours.show_tour", tour_no=tour.tour_no)

    try:
        return web.once_page(work)
    except Refused as refusal:
        form.errors["on"] = sentence(refusal)
        return _form_page(form, status=refusal.status)


@pages.get("/tours/<tour_no>")
@allow(*LOOKS)
def show_tour(tour_no: str) -> ResponseReturnValue:
    """Show a tour: the planning as it goes, or the plan with its map, bound and comparisons."""
    with database.reading() as db:
        book = service.get_book(db, tour_no=tour_no)
        drivers = people.list_people_with_role(db, role=Role.DRIVER)
        names = people.names_of(db, ids=[v.driver_id for v in book.vehicles if v.driver_id])
        progress = _progress(db, book.tour)
    return render_template(
        "logistics/tours/tour.html",
        book=book,
        tour=book.tour,
        progress=progress,
        map=board.draw_map(book) if book.plan else None,
        trips=board.trip_lines(book),
        compared=board.compare(book.plan) if book.plan else [],
        drivers=[(each.id, each.name) for each in drivers],
        names=names,
        words=words,
        can_plan=_plans(),
        is_withdrawable=book.tour.state in service.WITHDRAWABLE
        and all(trip.state is TripState.WAITING for trip in book.trips),
    )


@pages.get("/tours/<tour_no>/progress")
@allow(*LOOKS)
def show_progress(tour_no: str) -> ResponseReturnValue:
    """Say in JSON how far the planning is, for the page that follows it."""
    with database.reading() as db:
        tour = service.get_tour(db, tour_no=tour_no)
        progress = _progress(db, tour)
    return {**progress, "done_url": url_for("tours.show_tour", tour_no=tour_no)}


@pages.post("/tours/<tour_no>/publish")
@allow(*PLANS)
def publish(tour_no: str) -> ResponseReturnValue:
    """Publish a draft to its drivers."""

    def work(db: Session) -> str:
        service.publish_tour(db, tour_no=tour_no, actor=_actor(), now=clock.now())
        return url_for("tours.show_tour", tour_no=tour_no)

    answer = web.once_page(work)
    web.flash_said(gettext("Published. The drivers see their stops now."))
    return answer


@pages.post("/tours/<tour_no>/withdraw")
@allow(*PLANS)
def withdraw(tour_no: str) -> ResponseReturnValue:
    """Take a tour back as long as no van has left."""

    def work(db: Session) -> str:
        service.withdraw_tour(db, tour_no=tour_no, actor=_actor(), now=clock.now())
        return url_for("tours.show_tour", tour_no=tour_no)

    answer = web.once_page(work)
    web.flash_said(gettext("Taken back. Its parcels are free for another plan."))
    return answer


@pages.post("/tours/<tour_no>/driver")
@allow(*PLANS)
def name_driver(tour_no: str) -> ResponseReturnValue:
    """Name who drives a van."""
    vehicle_id, driver_id = forms.read_driver()

    def work(db: Session) -> str:
        service.name_driver(
            db, tour_no=tour_no, vehicle_id=vehicle_id, driver_id=driver_id, actor=_actor(), now=clock.now()
        )
        return url_for("tours.show_tour", tour_no=tour_no, _anchor="vans")

    answer = web.once_page(work)
    web.flash_said(gettext("Noted who drives this van."))
    return answer


def _plans() -> bool:
    return bool(web.caller().roles & set(PLANS))


def _actor() -> Actor:
    roles = web.caller().roles
    return web.actor(Role.HUB_CLERK if Role.HUB_CLERK in roles else Role.ASSOCIATION_ADMIN)


def _form_page(form: forms.PlanForm, *, status: int = 200) -> ResponseReturnValue:
    with database.reading() as db:
        draft = next(
            iter(service.list_tours(db, states=(TourState.DRAFT, TourState.PLANNING), limit=1)), None
        )
    page = render_template("logistics/tours/new.html", form=form, draft=draft, baselines=words.BASELINES)
    return page, status


def _progress(db: Session, tour: Tour) -> dict[str, object]:
    """Tell how far the planning is: by the clock, for nobody knows how many better plans there are."""
    told = tour.progress
    whole_s = tour.time_limit_s * (1 + len(tour.baselines))
    gone_s = (clock.now() - tour.planned_at).total_seconds()
    job = jobs.find_job(db, kind=service.PLAN_JOB, key=tour.tour_no)
    state = "running" if tour.state is TourState.PLANNING else "done"
    if tour.state is TourState.FAILED or (job is not None and job.state is JobState.DEAD):
        state = "failed"
    if told.cost_fen == 0:
        doing = gettext("Collecting parcels and proving what no plan can beat.")
    elif gone_s > tour.time_limit_s:
        doing = gettext("The plan stands. Now the other ways of working, to compare.")
    else:
        doing = gettext("Looking for better tours.")
    numbers = [[gettext("Parcels"), str(tour.parcels)]]
    if told.cost_fen:
        numbers += [
            [gettext("Best plan so far"), say_money(told.cost_fen)],
            [gettext("No plan can cost less than"), say_money(told.bound_fen)],
            [gettext("So at most above the best"), f"{told.gap_bp / 100:.1f} %"],
        ]
    done_bp = min(9_900, round(gone_s * 10_000 / whole_s)) if state == "running" else 10_000
    return {"state": state, "done_bp": done_bp, "doing": doing, "numbers": numbers}
