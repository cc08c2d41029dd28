"""The shop's demo data: the cooperative, two licensed farms, a dozen products with pictures drawn here."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from county import config, database
from county.audit.types import Actor
from county.files import service as files
from county.people import service as people
from county.people.types import Role
from shop.catalogue import service as catalogue
from shop.catalogue.types import Category, NewSku
from shop.payees import service as payees
from shop.payees.types import AccountKind, NewAccount, Payee, PayeeKind
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, ReturnAddress

ROBOT = Actor.system("seed")
COOPERATIVE = "岚皋县山货合作社"


@dataclass(frozen=True)
class Offer:
    """A product of the demo county: title, kind, size, price in fen, grams, pieces, two colours, words."""

    title: str
    category: Category
    size: str
    price_fen: int
    weight_g: int
    available: int
    colours: tuple[str, str]
    words: str
    freight_included: bool = False


# Prices and words are invented; the worked example of docs/money.md costs 68.50. The farms' goods leave room
# for freight under the cap on splits.
OFFERS: tuple[tuple[str, tuple[Offer, ...]], ...] = (
    (
        "13900000011",
        (
            Offer(
                "明前绿茶",
                Category.TEA,
                "250 g 罐",
                6850,
                500,
                120,
                ("#e6f0ea", "#2f6b4f"),
                "清明前手采，当天炒制。",
            ),
            Offer(
                "魔芋粉",
                Category.KONJAC,
                "500 g 袋",
                3200,
                600,
                80,
                ("#f7f5ef", "#8a7a6a"),
                "石磨细粉，自家地里的魔芋。",
            ),
            Offer(
                "土蜂蜜",
                Category.HONEY,
                "500 g 瓶",
                8800,
                900,
                40,
                ("#fbece2", "#a86a18"),
                "一年只取一次的蜜。",
            ),
            Offer(
                "干香菇",
                Category.MUSHROOM,
                "250 g 袋",
                4600,
                350,
                60,
                ("#efe6da", "#6b4a2f"),
                "椴木香菇，晒干分拣。",
                freight_included=True,
            ),
        ),
    ),
    (
        "13900000012",
        (
            Offer(
                "柴火腊肉",
                Category.CURED_PORK,
                "1 kg 块",
                7800,
                1200,
                50,
                ("#fbece2", "#a3341f"),
                "柏枝慢熏四十天。",
            ),
            Offer(
                "富硒大米",
                Category.RICE,
                "5 kg 袋",
                5900,
                5300,
                100,
                ("#f7f5ef", "#b8ae94"),
                "梯田一季稻，随到随碾。",
            ),
            Offer(
                "板栗", Category.NUTS, "1 kg 袋", 2600, 1100, 90, ("#efe6da", "#7a3f1f"), "本地小板栗，粉糯。"
            ),
        ),
    ),
    (
        "陈家山柑橘农场",
        (
            Offer(
                "高山蜜橘",
                Category.FRUIT,
                "2.5 kg 箱",
                3980,
                2900,
                200,
                ("#fdf0dc", "#d9761e"),
                "现摘现发，破损包赔。",
            ),
            Offer(
                "红心猕猴桃",
                Category.FRUIT,
                "2.5 kg 箱",
                5680,
                3000,
                120,
                ("#e6f0ea", "#5f8a3f"),
                "软了就甜，附催熟说明。",
            ),
            Offer("拐枣", Category.FRUIT, "2 kg 袋", 3600, 2250, 60, ("#efe6da", "#8a5a2f"), "霜后采收。"),
        ),
    ),
    (
        "云雾药茶场",
        (
            Offer(
                "绞股蓝茶",
                Category.TEA,
                "150 g 罐",
                4200,
                320,
                75,
                ("#e6f0ea", "#3f7a5f"),
                "龙须绞股蓝，清口回甘。",
            ),
            Offer(
                "黑木耳",
                Category.MUSHROOM,
                "200 g 袋",
                3800,
                300,
                85,
                ("#e8e6e2", "#2a2a2a"),
                "秋耳，肉厚耐泡。",
            ),
        ),
    ),
)
# The demo's cooperative takes goods back at the hub; number and house are invented.
HUB_ADDRESS = "陕西省安康市岚皋县城关镇新春路1号县分拨中心"

PLACES = {
    "13900000011": ("四季镇", "木竹村"),
    "13900000012": ("蔺河镇", "立新村"),
    "陈家山柑橘农场": ("佐龙镇", "杜坝村"),
    "云雾药茶场": ("南宫山镇", "红日村"),
}

# Where the demo's people are paid; the numbers are invented.
ACCOUNTS: tuple[tuple[str, NewAccount], ...] = (
    ("13900000011", NewAccount(AccountKind.BANK, "6228480000000000011", "王秀英", "农业银行", "岚皋县支行")),
    ("13900000012", NewAccount(AccountKind.BANK, "6228480000000000029", "张守田", "农业银行", "岚皋县支行")),
    ("13900000031", NewAccount(AccountKind.BANK, "6217000000000000314", "赵小溪", "建设银行", "岚皋支行")),
    ("13900000032", NewAccount(AccountKind.BANK, "6217000000000000322", "孙山月", "建设银行", "岚皋支行")),
    ("13900000031", NewAccount(AccountKind.ALIPAY, "2088000000000314", "赵小溪")),
    ("13900000032", NewAccount(AccountKind.ALIPAY, "2088000000000322", "孙山月")),
)


def seed(settings: config.Settings, *, now: datetime) -> None:
    """Load sellers of record, growers and products."""
    folder = settings.instance / "files"
    pictures = {
        offer.title: files.keep_picture(folder, content=draw(offer))
        for _who, offers in OFFERS
        for offer in offers
    }
    with database.transaction() as db:
        cooperative = sellers.add_seller(
            db,
            name=COOPERATIVE,
            mode=MoneyMode.PRINCIPAL,
            merchant_id=settings.alipay_seller_id,
            association_bp=500,
            actor=ROBOT,
            now=now,
        )
        _address(db, cooperative.id, "合作社收货处", "13900000075", HUB_ADDRESS, now)
        for number, (who, offers) in enumerate(OFFERS):
            if who.isdigit():
                grower = people.find_person_by_phone(db, phone=who)
                assert grower is not None
                grower_id, seller_id = grower.id, cooperative.id
            else:
                grower = people.register_person(
                    db, name=who, phone=f"1390000007{number}", roles=[Role.FARMER], actor=ROBOT, now=now
                )
                farm = sellers.add_seller(
                    db,
                    name=who,
                    mode=MoneyMode.SUB_MERCHANT,
                    merchant_id=f"20880000000020{number:02d}",
                    association_bp=500,
                    actor=ROBOT,
                    now=now,
                )
                grower_id, seller_id = grower.id, farm.id
                _address(
                    db, farm.id, who, f"1390000007{number}", f"陕西省安康市岚皋县{PLACES[who][0]}1号", now
                )
            place_code, station = _place(db, *PLACES[who])
            sellers.attach_grower(
                db,
                person_id=grower_id,
                seller_id=seller_id,
                place_code=place_code,
                station=station,
                actor=ROBOT,
                now=now,
            )
            _list_products(db, number, grower_id, offers, pictures, now)
        _accounts(db, now=now - timedelta(days=30))


def _address(db: Session, seller_id: UUID, name: str, phone: str, address: str, now: datetime) -> None:
    """Say where goods of a seller go back to."""
    given = ReturnAddress(name, phone, address)
    sellers.set_return_address(db, seller_id=seller_id, version=0, address=given, actor=ROBOT, now=now)


def _list_products(
    db: Session,
    number: int,
    grower_id: UUID,
    offers: tuple[Offer, ...],
    pictures: dict[str, files.KeptPicture],
    now: datetime,
) -> None:
    """Put a grower's products on sale, the first of each a little newer than the next."""
    for position, offer in enumerate(offers):
        picture = files.record_picture(db, kept=pictures[offer.title], owner_id=grower_id, now=now)
        catalogue.list_product(
            db,
            grower_id=grower_id,
            title=offer.title,
            description=offer.words,
            category=offer.category,
            skus=[NewSku(offer.size, offer.price_fen, offer.weight_g, offer.available)],
            picture_id=picture.id,
            freight_included=offer.freight_included,
            actor=ROBOT,
            now=now - timedelta(minutes=10 * number + position),
        )


def _accounts(db: Session, *, now: datetime) -> None:
    """Give growers and streamers their accounts, proposed by themselves, confirmed by the association."""
    checker = people.list_people_with_role(db, role=Role.ASSOCIATION_ADMIN)[0]
    for phone, account in ACCOUNTS:
        owner = people.find_person_by_phone(db, phone=phone)
        assert owner is not None
        account_id = payees.propose_account(
            db,
            payee=Payee(PayeeKind.PERSON, owner.id),
            account=account,
            consent_paper="本人勾选同意",
            actor=Actor(owner.id, sorted(owner.roles)[0], None, "seed"),
            now=now,
        )
        by = Actor(checker.id, Role.ASSOCIATION_ADMIN, None, "seed")
        payees.confirm_account(db, account_id=account_id, actor=by, now=now)


def _place(db: Session, town: str, village: str) -> tuple[str, str]:
    """Find a village's code and the station that serves it: the station carries the village's code."""
    from county.places import service as places

    town_code = next(place.code for place in places.list_places(db) if place.name == town)
    villages = places.list_places(db, parent=town_code)
    found = next((place for place in villages if place.name.startswith(village[:2])), villages[0])
    return found.code, found.code


def draw(offer: Offer) -> bytes:
    """Draw a simple 4:3 picture of a product: hills, a round form in its colour. Made for this project."""
    light, strong = offer.colours
    picture = Image.new("RGB", (800, 600), light)
    pen = ImageDraw.Draw(picture)
    seed_number = sum(map(ord, offer.title))
    for layer in range(3):
        height = 370 + layer * 60
        points = [(0, 600)]
        for step in range(13):
            points.append((step * 67, height - (seed_number * (step + 3) * (layer + 2)) % 80))
        pen.polygon([*points, (800, 600)], fill=_mixed(light, strong, 20 + layer * 18))
    pen.ellipse((265, 150, 535, 420), fill=strong)
    pen.ellipse((312, 192, 406, 266), fill=_mixed(strong, "#ffffff", 30))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _mixed(first: str, second: str, percent: int) -> tuple[int, int, int]:
    pairs = zip(_rgb(first), _rgb(second), strict=True)
    red, green, blue = (a + (b - a) * percent // 100 for a, b in pairs)
    return red, green, blue


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
