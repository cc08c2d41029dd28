"""Makers of sellers, products, orders and payments."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county import database, ids
from county.payments import service as payments
from county.payments.types import TradeFacts, TradeStatus
from county.people.types import Person
from county.places.tables import PlaceRow
from county.places.types import PlaceKind
from logistics.rates import service as rates
from logistics.rates.types import RateCard
from shop.catalogue import service as catalogue
from shop.catalogue.types import Category, NewSku, Product
from shop.checkout import service as checkout
from shop.checkout.types import Checkout, Item
from shop.orders.types import Address
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode, ReturnAddress, Seller
from tests.makers.people import NOW, ROBOT, make_buyer, make_farmer

ADDRESS = Address("李明", "13900000001", "陕西", "西安市", "雁塔区", "小寨路1号")
RETURN_ADDRESS = ReturnAddress("收货处", "13900000075", "陕西省安康市岚皋县城关镇新春路1号")
PLACE = "610925110"


def make_place(db: Session, *, code: str = PLACE, name: str = "四季镇") -> str:
    """Make a town once."""
    values = {"code": code, "name": name, "kind": PlaceKind.TOWN, "parent": None}
    database.insert_once(db, PlaceRow, values)
    return code


def make_card(db: Session, *, province: str = "陕西", first_fen: int = 800) -> None:
    """Make a rate card of 中通 for one province: 1 kg, then 2.00 for each further kg."""
    card = RateCard(
        courier="中通",
        zone="近区",
        provinces=frozenset([province]),
        is_for_others=False,
        first_g=1000,
        first_fen=first_fen,
        step_g=1000,
        step_fen=200,
        volumetric_divisor=0,
        round_g=100,
        valid_from=date(2026, 1, 1),
        valid_to=date(2027, 12, 31),
    )
    rates.add_card(db, card=card, is_for_shop=True)


def make_seller(
    db: Session,
    *,
    mode: MoneyMode = MoneyMode.PRINCIPAL,
    name: str | None = None,
    association_bp: int = 500,
    has_address: bool = True,
) -> Seller:
    """Make a seller of record, to whom goods can be sent back."""
    number = ids.new_number("")
    seller = sellers.add_seller(
        db,
        name=name or f"合作社{number}",
        mode=mode,
        merchant_id=f"2088{number}",
        association_bp=association_bp,
        actor=ROBOT,
        now=NOW,
    )
    if has_address:
        sellers.set_return_address(
            db, seller_id=seller.id, version=0, address=RETURN_ADDRESS, actor=ROBOT, now=NOW
        )
    return seller


def make_grower(db: Session, *, seller: Seller | None = None) -> Person:
    """Make a farmer who sells through a seller of record."""
    farmer = make_farmer(db)
    seller = seller or make_seller(db)
    sellers.attach_grower(
        db,
        person_id=farmer.id,
        seller_id=seller.id,
        place_code=make_place(db),
        station="S1",
        actor=ROBOT,
        now=NOW,
    )
    return farmer


def make_product(
    db: Session,
    *,
    grower: Person | None = None,
    title: str = "明前绿茶",
    price_fen: int = 6850,
    weight_g: int = 500,
    available: int = 10,
    now: datetime = NOW,
    freight_included: bool = False,
) -> Product:
    """Put a product of one size on sale."""
    grower = grower or make_grower(db)
    product_id = catalogue.list_product(
        db,
        grower_id=grower.id,
        title=title,
        description="",
        category=Category.TEA,
        skus=[NewSku("250 g", price_fen, weight_g, available)],
        picture_id=None,
        actor=ROBOT,
        now=now,
        freight_included=freight_included,
    )
    return catalogue.get_product(db, product_id=product_id)


def place(
    db: Session,
    *products: Product,
    buyer_id: UUID | None = None,
    quantity: int = 1,
    source_ref: str = "",
    now: datetime = NOW,
) -> Checkout:
    """Order some pieces of each product."""
    return checkout.place_order(
        db,
        buyer_id=buyer_id or make_buyer(db).id,
        items=[Item(product.skus[0].sku_id, quantity) for product in products],
        address=ADDRESS,
        source_ref=source_ref,
        actor=ROBOT,
        now=now,
    )


def pay(db: Session, order_no: str, *, fen: int, now: datetime = NOW, trade_no: str | None = None) -> str:
    """Let Alipay say that an order was paid; give its trade number."""
    trade_no = trade_no or ids.new_number("2026")
    facts = TradeFacts(
        trade_no=trade_no, out_trade_no=order_no, status=TradeStatus.SUCCESS, total_fen=fen, paid_at=now
    )
    payments.record_query(db, out_trade_no=order_no, answer=facts, now=now)
    return trade_no
