"""The ground floor's demo data: places and people with their roles and consents."""

from datetime import datetime, timedelta

from county import config, database
from county.audit.types import Actor
from county.people import service as people
from county.people.types import Role, Scope
from county.places import service as places

PASSWORD = "shanhuo-demo"  # published in CONTRACTS §2; these accounts exist in the demo only
ROBOT = Actor.system("seed")
PEOPLE: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("13900000001", "李明", (Role.BUYER,)),
    ("13900000002", "陈晓燕", (Role.BUYER,)),
    ("13900000011", "王秀英", (Role.FARMER,)),
    ("13900000012", "张守田", (Role.FARMER,)),
    ("13900000021", "刘桂兰", (Role.VILLAGE_AGENT,)),
    ("13900000031", "赵小溪", (Role.STREAMER,)),
    ("13900000032", "孙山月", (Role.STREAMER,)),
    ("13900000041", "周敏", (Role.COURIER_CLERK,)),
    ("13900000042", "吴建国", (Role.HUB_CLERK,)),
    ("13900000051", "郑大勇", (Role.DRIVER,)),
    ("13900000061", "何翠花", (Role.STATION_KEEPER,)),
    ("13900000091", "马丽", (Role.ASSOCIATION_ADMIN,)),
    ("13900000092", "罗斌", (Role.ASSOCIATION_ADMIN,)),
    ("13900000099", "审计员", (Role.AUDITOR,)),
)


def seed(settings: config.Settings, *, now: datetime) -> None:
    """Load Langao's places and the demo accounts; farmers consent to the village agent's help."""
    password_hash = people.hash_password(PASSWORD)
    with database.transaction() as db:
        places.load_places(db, places=places.read_places(places.LANGAO))
        ids = {}
        for phone, name, roles in PEOPLE:
            person = people.register_person(
                db, name=name, phone=phone, roles=roles, password_hash=password_hash, actor=ROBOT, now=now
            )
            ids[phone] = person.id
        for number, farmer in enumerate(("13900000011", "13900000012"), 1):
            people.give_consent(
                db,
                farmer_id=ids[farmer],
                agent_id=ids["13900000021"],
                scopes=tuple(Scope),
                paper_ref=f"帮办委托 2026-{number:03d}",
                starts_at=now - timedelta(days=30),
                ends_at=now + timedelta(days=335),
                actor=ROBOT,
                now=now,
            )
