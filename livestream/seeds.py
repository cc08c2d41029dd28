"""The livestream room's demo data: two streamers, three studios, their hours and sessions of these days."""

from datetime import date, datetime, timedelta

from county import clock, config, database
from county.audit.types import Actor
from county.people import service as people
from livestream.roster import service as roster
from livestream.roster.types import Level
from livestream.sessions import service as sessions
from livestream.studios import service as studios
from shop.catalogue import service as catalogue

ROBOT = Actor.system("seed")
STREAMERS = (
    ("13900000031", Level.CERTIFIED, date(1996, 3, 8)),
    ("13900000032", Level.SENIOR, date(1990, 9, 21)),
)
STUDIOS = (("一号直播间", False), ("二号直播间", False), ("冷鲜直播间", True))
# Days from now, hour it begins, hours it lasts, streamer, studio, farmer; None: only asked for.
SESSIONS: tuple[tuple[str, int, int, int, int | None, int | None, str], ...] = (
    ("春茶专场", 1, 19, 2, 0, 0, "13900000011"),
    ("腊肉和大米", 2, 20, 2, 1, 1, "13900000012"),
    ("山货一小时", 3, 12, 1, None, None, "13900000011"),
)


def seed(settings: config.Settings, *, now: datetime) -> None:
    """Load streamers, studios, offered times and sessions."""
    today = clock.day_start(clock.county_day(now))
    with database.transaction() as db:
        streamer_ids = []
        for phone, level, born_on in STREAMERS:
            person = people.find_person_by_phone(db, phone=phone)
            assert person is not None
            roster.add_streamer(
                db,
                person_id=person.id,
                level=level,
                born_on=born_on,
                certified_until=clock.county_day(now) + timedelta(days=365),
                actor=ROBOT,
                now=now,
            )
            streamer_ids.append(person.id)
            for day in range(15):
                start_at = today + timedelta(days=day, hours=8)
                roster.offer_time(
                    db,
                    streamer_id=person.id,
                    start_at=start_at,
                    end_at=start_at + timedelta(hours=15),
                    actor=ROBOT,
                    now=now,
                )
        rooms = [
            studios.add_studio(db, name=name, is_cold=cold, actor=ROBOT, now=now) for name, cold in STUDIOS
        ]
        for title, days, hour, hours, streamer, studio, phone in SESSIONS:
            farmer = people.find_person_by_phone(db, phone=phone)
            assert farmer is not None
            products = catalogue.list_grower_products(db, grower_id=farmer.id)
            start_at = today + timedelta(days=days, hours=hour)
            end_at = start_at + timedelta(hours=hours)
            session = sessions.request_session(
                db,
                farmer_id=farmer.id,
                title=title,
                product_ids=[product.product_id for product in products],
                start_at=start_at,
                end_at=end_at,
                actor=ROBOT,
                now=now,
            )
            if streamer is not None and studio is not None:
                sessions.confirm_session(
                    db,
                    session_id=session.id,
                    streamer_id=streamer_ids[streamer],
                    studio_id=rooms[studio].id,
                    start_at=start_at,
                    end_at=end_at,
                    commission_bp=1000,
                    actor=ROBOT,
                    now=now,
                )
