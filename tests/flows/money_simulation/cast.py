"""The people and goods of the simulated county: three modes, five growers, three streamers, two buyers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from county import database
from county.files.service import KeptPicture, record_picture
from county.payments import service as payments
from county.payments.gateway import Done
from county.payments.jobs import read_bills
from county.people.types import Person, Role
from shop.catalogue import service as catalogue
from shop.catalogue.types import Category, NewSku
from shop.checkout.types import Commission
from shop.payees.types import AccountKind
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, Seller
from tests.flows.money_simulation.world import World
from tests.makers.logistics import make_pool
from tests.makers.payees import make_account, make_admin
from tests.makers.payruns import make_own_paper
from tests.makers.people import NOW, ROBOT, make_buyer, make_person
from tests.makers.shop import RETURN_ADDRESS, make_card, make_grower

SOURCE = "live-room-of-the-simulation"
BOUND, UNBOUND = "2088000000000031", "2088000000000032"


@dataclass(frozen=True)
class Goods:
    """A size that can be ordered: whose it is, whether a streamer shows it."""

    sku_id: UUID
    product_id: UUID
    seller: Seller
    pieces: int
    commission: Commission | None


@dataclass(frozen=True)
class Cast:
    """Everybody and everything that a seed begins with."""

    sellers: tuple[Seller, ...]
    growers: Mapping[UUID, Seller]
    streamers: tuple[Person, ...]
    accounts: Mapping[UUID, str]
    admins: tuple[Person, Person]
    buyers: tuple[Person, ...]
    pictures: Mapping[UUID, UUID]
    goods: tuple[Goods, ...]

    def attribution(
        self, db: Session, *, source_ref: str, product_ids: Sequence[UUID], buyer_id: UUID, now: datetime
    ) -> Mapping[UUID, Commission]:
        """Answer checkout's question as the live room would."""
        return {
            each.product_id: each.commission
            for each in self.goods
            if each.product_id in product_ids and each.commission is not None and source_ref == SOURCE
        }


# A product: title, kind, price, grams, pieces, commission and which streamer's.
Offer = tuple[str, Category, int, int, int, int, int]
POSTAGE_FREE = frozenset({"高山蜜橘", "魔芋粉"})
# Who sells: mode, and what each of their growers offers.
OFFERS: tuple[tuple[str, MoneyMode, tuple[tuple[Offer, ...], ...]], ...] = (
    (
        "合作社",
        MoneyMode.PRINCIPAL,
        (
            (
                ("明前绿茶", Category.TEA, 6850, 500, 4, 1000, 0),
                ("魔芋粉", Category.KONJAC, 3333, 600, 9, 777, 1),
            ),
            (("土蜂蜜", Category.HONEY, 8801, 900, 6, 0, 0),),
        ),
    ),
    (
        "柑橘农场",
        MoneyMode.SUB_MERCHANT,
        (
            (
                ("高山蜜橘", Category.FRUIT, 9980, 2600, 5, 1000, 0),
                ("拐枣", Category.NUTS, 7107, 900, 3, 613, 1),
            ),
        ),
    ),
    (
        "药茶场",
        MoneyMode.SUB_MERCHANT,
        (
            (
                ("绞股蓝茶", Category.TEA, 12345, 320, 7, 800, 2),
                ("黑木耳", Category.MUSHROOM, 6850, 300, 2, 1000, 0),
            ),
        ),
    ),
    ("蜂场", MoneyMode.DIRECT, ((("百花蜜", Category.HONEY, 5999, 900, 5, 1500, 0),),)),
)


def enter(world: World) -> Cast:
    """Let the cast enter: everybody is registered, agreed and on sale; nothing was ordered yet."""
    provider = payments.provider()
    merchants = {
        MoneyMode.PRINCIPAL: world.settings.alipay_seller_id,
        MoneyMode.DIRECT: "2088300000000001",
    }
    made: dict[str, str] = {}
    for name, mode, _ in OFFERS:
        if mode is MoneyMode.SUB_MERCHANT:
            provider.create_sub_merchant(external_id=f"farm{len(made)}", name=name)
            found = provider.find_sub_merchant(external_id=f"farm{len(made)}")
            assert isinstance(found, Done)
            made[name] = found.reference
    provider.bind_receivers(request_no="bindatfirst", receivers={BOUND: "赵小溪"})
    with database.transaction() as db:
        make_card(db)
        make_pool(db)
        streamers = tuple(make_person(db, Role.STREAMER, name=name) for name in ("赵小溪", "孙山月", "周敏"))
        numbers: dict[UUID, str] = {streamers[0].id: BOUND, streamers[1].id: UNBOUND}
        for person in streamers:
            make_account(db, person)
            if person.id in numbers:
                make_account(db, person, kind=AccountKind.ALIPAY, number=numbers[person.id])
        buyers = (make_buyer(db), make_buyer(db, name="李秀英"))
        admins = (make_admin(db), make_admin(db, name="罗斌"))
        pictures: dict[UUID, UUID] = {
            buyer.id: record_picture(db, kept=KeptPicture("0" * 64, 8, 6), owner_id=buyer.id, now=NOW).id
            for buyer in buyers
        }
        all_sellers: list[Seller] = []
        growers: dict[UUID, Seller] = {}
        goods: list[Goods] = []
        for name, mode, stalls in OFFERS:
            seller = sellers.add_seller(
                db,
                name=name,
                mode=mode,
                merchant_id=made.get(name) or merchants[mode],
                association_bp=500,
                actor=ROBOT,
                now=NOW,
            )
            sellers.set_return_address(
                db, seller_id=seller.id, version=0, address=RETURN_ADDRESS, actor=ROBOT, now=NOW
            )
            all_sellers.append(seller)
            for stall in stalls:
                grower = make_grower(db, seller=seller)
                growers[grower.id] = seller
                if mode is MoneyMode.PRINCIPAL:
                    make_own_paper(db, grower)
                make_account(db, grower)
                goods += [_put_on_sale(db, grower.id, seller, streamers, offer) for offer in stall]
    # The week before is read, and empty.
    read_bills(NOW)
    return Cast(tuple(all_sellers), growers, streamers, numbers, admins, buyers, pictures, tuple(goods))


def _put_on_sale(
    db: Session,
    grower_id: UUID,
    seller: Seller,
    streamers: Sequence[Person],
    offer: Offer,
) -> Goods:
    title, category, price_fen, weight_g, pieces, part_bp, streamer = offer
    product_id = catalogue.list_product(
        db,
        grower_id=grower_id,
        title=title,
        description="",
        category=category,
        skus=[NewSku("一份", price_fen, weight_g, pieces)],
        freight_included=title in POSTAGE_FREE,
        picture_id=None,
        actor=ROBOT,
        now=NOW - timedelta(days=1),
    )
    sku_id = catalogue.get_product(db, product_id=product_id).skus[0].sku_id
    commission = Commission(streamers[streamer].id, part_bp) if part_bp else None
    return Goods(sku_id, product_id, seller, pieces, commission)
