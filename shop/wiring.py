"""What the shop offers to the front door."""

from county.config import Settings
from county.errors import N_
from county.room import Bell, Handler, Invariant, Room

NOTICES = {
    "order_paid": N_("Your order {order} is paid. The grower packs it now."),
    "please_pack": N_("Sold and paid: {goods}. Please pack it for the van."),
    "money_released": N_("¥{yuan} of order {order} is yours now."),
    "account_changed": N_(
        "The account for your money was changed: it now ends in {tail} and is used from tomorrow. "
        "If that was not you, call the association today."
    ),
    "late_payment_returned": N_(
        "Your payment of ¥{yuan} for order {order} came too late, the goods were gone. "
        "The money goes back to you."
    ),
}


def connect(settings: Settings) -> None:
    """Wire the shop into the floors below: payments' receiver, messages, navigation."""
    # Here and not above, so that commands without pages start without the web's modules.
    from county.notices.types import declare_sentences
    from county.payments import service as payments
    from county.web import places
    from shop.checkout.desk import Desk

    payments.wire_receiver(Desk())
    declare_sentences(NOTICES)
    shop = N_("Shop")
    places.offer(
        places.Place(
            "catalogue.show_window",
            N_("Home"),
            "home",
            ("visitor", "buyer", "village_agent"),
            in_bar=1,
            room=shop,
        ),
        places.Place("cart.show_cart", N_("Cart"), "cart", ("buyer",), in_bar=3, room=shop),
        places.Place("orders.list_orders", N_("My orders"), "orders", ("buyer",), room=shop),
        places.Place("catalogue.show_listings", N_("Sell"), "leaf", ("farmer",), in_bar=1, room=shop),
        places.Place("packing.list_to_pack", N_("To pack"), "box", ("farmer",), in_bar=2, room=shop),
        places.Place("payouts.show_money", N_("My money"), "money", ("farmer",), in_bar=3, room=shop),
    )


ROOM = Room(
    name="shop",
    blueprints=(
        "shop.catalogue.pages:pages",
        "shop.cart.pages:pages",
        "shop.checkout.pages:pages",
        "shop.orders.pages:pages",
        "shop.packing.pages:pages",
        "shop.payouts.pages:pages",
    ),
    api=(
        "shop.catalogue.api:api",
        "shop.checkout.api:api",
        "shop.orders.api:api",
    ),
    handlers=(
        Handler(event="logistics.parcels.types:ParcelMoved", does="shop.packing.handlers:on_parcel_moved"),
    ),
    bells=(
        Bell("unpaid-orders", every_s=20, does="shop.checkout.jobs:expire_unpaid"),
        Bell("release-orders", every_s=20, does="shop.payouts.jobs:release_due"),
    ),
    tables=(
        "shop.sellers.tables",
        "shop.payees.tables",
        "shop.catalogue.tables",
        "shop.search.tables",
        "shop.cart.tables",
        "shop.orders.tables",
    ),
    invariants=(
        Invariant(
            "paid orders have one payment of their total",
            "SELECT o.number FROM shop_order o LEFT JOIN shop_order_payment p ON p.order_id = o.id "
            "WHERE o.state NOT IN ('awaiting_payment', 'cancelled') AND o.reason <> 'late_payment' "
            "AND (p.order_id IS NULL OR p.fen <> o.goods_fen + o.freight_fen)",
        ),
        Invariant(
            "unpaid orders have no payment",
            "SELECT o.number FROM shop_order o JOIN shop_order_payment p ON p.order_id = o.id "
            "WHERE o.state IN ('awaiting_payment', 'cancelled')",
        ),
        Invariant(
            "splits add up to the order",
            "SELECT o.number FROM shop_order o JOIN shop_order_split s ON s.order_id = o.id "
            "GROUP BY o.number, o.goods_fen, o.freight_fen HAVING SUM(s.fen) <> o.goods_fen + o.freight_fen",
        ),
        Invariant(
            "lines add up to the goods",
            "SELECT o.number FROM shop_order o JOIN shop_order_line l ON l.order_id = o.id "
            "GROUP BY o.number, o.goods_fen HAVING SUM(l.quantity * l.price_fen) <> o.goods_fen",
        ),
        Invariant(
            "completed orders owe nothing any more",
            "SELECT o.number FROM shop_order o "
            "JOIN county_account a ON a.code = 'liability:order:' || lower(o.number) "
            "JOIN county_posting p ON p.account_id = a.id "
            "WHERE o.state = 'completed' GROUP BY o.number HAVING SUM(p.fen) <> 0",
        ),
        Invariant("stock is not negative", "SELECT id FROM shop_sku WHERE available < 0"),
    ),
    checks=("shop.sellers.checks:check_money_modes",),
    seeds="shop.seeds:seed",
    connect=connect,
)
