"""Makers of streamers, studios and sessions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from county import ids
from county.people.types import Person, Role
from livestream.roster import service as roster
from livestream.roster.types import Level
from livestream.sessions import service as sessions
from livestream.sessions.types import LiveSession
from livestream.studios import service as studios
from livestream.studios.service import Studio
from shop.catalogue.types import Product
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.shop import make_grower, make_product

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Stage:
    """A farmer with a product, a streamer free for two days, a studio."""

    farmer: Person
    product: Product
    streamer: Person
    studio: Studio
    start_at: datetime


def make_streamer(db: Session, *, name: str = "周敏", start_at: datetime = NOW, days: int = 2) -> Person:
    """Make a certified streamer who can go on air in the next days."""
    person = make_person(db, Role.STREAMER, name=name)
    roster.add_streamer(
        db,
        person_id=person.id,
        level=Level.CERTIFIED,
        born_on=date(1996, 3, 8),
        certified_until=date(2099, 12, 31),
        actor=ROBOT,
        now=NOW,
    )
    for day in range(days):
        begin = start_at + timedelta(days=day)
        roster.offer_time(
            db, streamer_id=person.id, start_at=begin, end_at=begin + 24 * HOUR, actor=ROBOT, now=NOW
        )
    return person


def make_studio(db: Session) -> Studio:
    """Make a studio."""
    return studios.add_studio(db, name=ids.new_number("室"), is_cold=False, actor=ROBOT, now=NOW)


def make_stage(db: Session, *, start_at: datetime = NOW + 4 * HOUR) -> Stage:
    """Make what a session needs; `start_at` is when the tests' sessions begin."""
    farmer = make_grower(db)
    product = make_product(db, grower=farmer, available=100)
    streamer = make_streamer(db, start_at=start_at - 4 * HOUR)
    return Stage(farmer, product, streamer, make_studio(db), start_at)


def request(db: Session, stage: Stage, *, start_at: datetime | None = None, hours: int = 1) -> LiveSession:
    """Ask for a session of the stage's farmer."""
    begin = start_at or stage.start_at
    return sessions.request_session(
        db,
        farmer_id=stage.farmer.id,
        title="春茶专场",
        product_ids=[stage.product.product_id],
        start_at=begin,
        end_at=begin + hours * HOUR,
        actor=ROBOT,
        now=begin - 2 * HOUR,
    )


def confirm(db: Session, stage: Stage, asked: LiveSession, *, commission_bp: int = 1000) -> LiveSession:
    """Book a requested session with the stage's streamer and studio."""
    return sessions.confirm_session(
        db,
        session_id=asked.id,
        streamer_id=stage.streamer.id,
        studio_id=stage.studio.id,
        start_at=asked.start_at,
        end_at=asked.end_at,
        commission_bp=commission_bp,
        actor=ROBOT,
        now=asked.start_at - 2 * HOUR,
    )


def make_session(db: Session, stage: Stage, *, commission_bp: int = 1000) -> LiveSession:
    """Make a booked session."""
    return confirm(db, stage, request(db, stage), commission_bp=commission_bp)
