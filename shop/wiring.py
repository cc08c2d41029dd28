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
    "order_called_off": N_("The buyer called off order {order}. Please do not pack it."),
    "refund_done": N_("¥{yuan} of order {order} went back to you. Alipay shows it on your account."),
    "claim_opened": N_("A buyer claims ¥{yuan} for {title}. Please decide until {until}."),
    "claim_approved": N_("Your claim for {title} is accepted: ¥{yuan} go back to you."),
    "claim_refused": N_(
        "Your claim for {title} was refused: {why} You can ask the association until {until}."
    ),
    "claim_closed": N_("The association looked at your claim for {title} and refused it: {why}"),
    "claim_lapsed": N_("The time for your claim for {title} is over. Nothing goes back."),
    "claim_send_back": N_("Your return of {title} is accepted. Please send it back until {until}."),
    "claim_disputed": N_(
        "The grower says that what came back of {title} is not right: {why} The association decides."
    ),
    "claim_appealed": N_("The buyer asked the association about the claim for {title}."),
    "claim_withdrawn": N_("The buyer took the claim for {title} back."),
    "claim_sent_back": N_("{title} is on its way back to you. Please confirm until {until} that it came."),
    "claim_compensated": N_("You do not bear the claim for {title}: ¥{yuan} are added to your money."),
    "lot_warning": N_(
        "Somebody found spoiled pieces in the lot that your {title} came from. Please look at yours."
    ),
    "lot_recall": N_("Please do not use {title} of order {order} any more: {why} The association calls you."),
    "parcel_damaged": N_(
        "A parcel of order {order} was found damaged on its way. "
        "When it is there: take a picture, then claim what is spoiled in the order."
    ),
    "parcel_lost": N_("A parcel of order {order} cannot be found. You can claim your money in the order."),
    "parcel_damaged_grower": N_(
        "Your parcel of order {order} was found damaged on its way. If the buyer claims, who had it pays."
    ),
    "parcel_lost_grower": N_(
        "Your parcel of order {order} cannot be found. If the buyer claims, who had it pays."
    ),
    **dict.fromkeys(
        ("parcel_damaged_mistake", "parcel_damaged_grower_mistake"),
        N_("We told you that a parcel of order {order} is damaged. That was a mistake: it is not."),
    ),
    **dict.fromkeys(
        ("parcel_lost_mistake", "parcel_lost_grower_mistake"),
        N_(
            "We told you that a parcel of order {order} cannot be found. That was a mistake: it goes its way."
        ),
    ),
    "return_address_missing": N_(
        "A buyer wants to send goods back to {seller}, but no address for returns is on record. "
        "Please write it down."
    ),
    "payout_paid": N_("¥{yuan} arrived at your bank account."),
    "payout_returned": N_(
        "The bank sent ¥{yuan} back: it is still yours. "
        "Please look at your account together with the association."
    ),
    "firm_account_changed": N_(
        "The bank account on which {carrier} is paid was changed: it now ends in {tail} and is used from "
        "tomorrow. If your firm did not ask for that, call the association today."
    ),
    "firm_payout_paid": N_("¥{yuan} arrived at the bank account of {carrier}."),
    "firm_payout_returned": N_(
        "The bank sent ¥{yuan} for {carrier} back: it is still owed to your firm. "
        "Please look at the account together with the association."
    ),
    "late_payment_returned": N_(
        "Your payment of ¥{yuan} for order {order} came too late, the goods were gone. "
        "The money goes back to you."
    ),
}


def connect(settings: Settings) -> None:
    """Wire the shop into the floors below: payments' receiver, messages, navigation."""
    # Here and not above, so that commands without pages start without the web's modules.
    from county.files import service as files
    from county.notices.types import declare_sentences
    from county.payments import service as payments
    from county.tasks import service as tasks
    from logistics.mishaps import service as mishaps
    from shop.aftersales import service as aftersales
    from shop.catalogue import service as catalogue
    from shop.checkout.desk import Desk
    from shop.orders import service as orders
    from shop.payees import service as payees
    from shop.payouts import service as payouts
    from shop.payruns import service as payruns
    from shop.refunds import service as refunds

    payments.wire_receiver(Desk())
    tasks.offer(payouts.MoneyTasks())
    payouts.wire_payees(payees.find_alipay_account)
    payouts.wire_paid_out(payruns.grower_paid_out)
    payouts.wire_claims(aftersales.has_open_claim)
    tasks.offer(aftersales.ClaimTasks())
    tasks.offer(payruns.PaymentTasks())
    refunds.wire_settlements(payouts.whereabouts)
    orders.wire_returns(refunds.list_returned)
    mishaps.wire_goods(orders.list_goods)
    files.offer("catalogue", catalogue.find_sight)
    files.offer("aftersales", aftersales.find_sight)
    declare_sentences(NOTICES)
    _offer_places()


def _offer_places() -> None:
    """Offer the shop's places to the navigation."""
    from county.web import places

    association = ("association_admin", "auditor")
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
        places.Place("grower_claims.list_claims", N_("What is claimed"), "refund", ("farmer",), room=shop),
        places.Place("claims_desk.list_claims", N_("Claims"), "refund", association, room=shop),
        places.Place("sellers.list_addresses", N_("Addresses for returns"), "pin", association, room=shop),
        places.Place("payouts.show_money", N_("My money"), "money", ("farmer",), in_bar=3, room=shop),
        places.Place("payees.show_own", N_("Where my money goes"), "lock", ("farmer", "streamer"), room=shop),
        places.Place(
            "account_statements.show_own", N_("My statements"), "ledger", ("farmer", "streamer"), room=shop
        ),
        places.Place(
            "account_statements.list_people",
            N_("Statements of people"),
            "ledger",
            association,
            room=shop,
        ),
        places.Place(
            "payruns.show_own", N_("My payments"), "money", ("streamer", "farmer", "courier_clerk"), room=shop
        ),
        places.Place("payruns.list_runs", N_("To pay"), "money", association, room=shop),
        places.Place("bank.show_account", N_("Bank account"), "money", association, room=shop),
        places.Place("papers.list_papers", N_("Purchase papers"), "note", association, room=shop),
        places.Place(
            "payees.list_accounts",
            N_("Where money goes"),
            "lock",
            association,
            room=shop,
        ),
    )


ROOM = Room(
    name="shop",
    blueprints=(
        "shop.catalogue.pages:pages",
        "shop.cart.pages:pages",
        "shop.checkout.pages:pages",
        "shop.orders.pages:pages",
        "shop.packing.pages:pages",
        "shop.lots.pages:pages",
        "shop.sellers.pages:pages",
        "shop.aftersales.pages.buyer:pages",
        "shop.aftersales.pages.grower:pages",
        "shop.aftersales.pages.desk:pages",
        "shop.aftersales.pages.lots:pages",
        "shop.payouts.pages:pages",
        "shop.payees.pages:pages",
        "shop.papers.pages:pages",
        "shop.payruns.pages:pages",
        "shop.bank.pages:pages",
        "shop.statements.pages:pages",
    ),
    api=(
        "shop.catalogue.api:api",
        "shop.checkout.api:api",
        "shop.orders.api:api",
        "shop.aftersales.api:api",
    ),
    handlers=(
        Handler(event="county.payments.types:FeeCharged", does="shop.payouts.handlers:on_fee_charged"),
        Handler(event="shop.refunds.types:RefundDone", does="shop.aftersales.handlers:on_refund_done"),
        Handler(event="shop.refunds.types:RefundRefused", does="shop.aftersales.handlers:on_refund_refused"),
        Handler(
            event="shop.aftersales.types:ClaimApproved", does="shop.aftersales.handlers:on_claim_approved"
        ),
        Handler(event="shop.lots.types:LotStopped", does="shop.aftersales.handlers:on_lot_stopped"),
        Handler(event="logistics.tracking.types:MishapTold", does="shop.aftersales.handlers:on_mishap_told"),
        Handler(
            event="logistics.tracking.types:MishapTakenBack",
            does="shop.aftersales.handlers:on_mishap_taken_back",
        ),
        Handler(event="logistics.parcels.types:ParcelMoved", does="shop.packing.handlers:on_parcel_moved"),
    ),
    bells=(
        Bell("unpaid-orders", every_s=20, does="shop.checkout.jobs:expire_unpaid"),
        Bell("claims-due", every_s=20, does="shop.aftersales.jobs:run_due"),
        Bell("release-orders", every_s=20, does="shop.payouts.jobs:release_due"),
        Bell("settle-orders", every_s=60, does="shop.payouts.jobs:settle_due"),
    ),
    tables=(
        "shop.sellers.tables",
        "shop.payees.tables",
        "shop.catalogue.tables",
        "shop.search.tables",
        "shop.cart.tables",
        "shop.orders.tables",
        "shop.refunds.tables",
        "shop.payouts.tables",
        "shop.lots.tables",
        "shop.aftersales.tables",
        "shop.papers.tables",
        "shop.payruns.tables",
        "shop.bank.tables",
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
            # A paid order that is called off is cancelled until its money is back.
            "SELECT o.number FROM shop_order o JOIN shop_order_payment p ON p.order_id = o.id "
            "WHERE o.state = 'awaiting_payment' OR (o.state = 'cancelled' "
            "AND NOT EXISTS (SELECT 1 FROM shop_refund r WHERE r.order_no = o.number))",
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
        Invariant(
            "refunds of a line are counted and stay below its price",
            "SELECT c.order_no, c.position FROM shop_refund_count c WHERE c.refunded_fen <> ("
            "SELECT COALESCE(SUM(CASE WHEN c.position = -1 THEN r.freight_fen ELSE l.fen END), 0) "
            "FROM shop_refund r LEFT JOIN shop_refund_line l ON l.refund_id = r.id "
            "AND l.position = c.position WHERE r.order_no = c.order_no AND r.state <> 'refused') "
            "OR c.paid_fen <> COALESCE((SELECT l.quantity * l.price_fen FROM shop_order_line l "
            "JOIN shop_order o ON o.id = l.order_id "
            "WHERE o.number = c.order_no AND l.position = c.position), "
            "(SELECT o.freight_fen FROM shop_order o WHERE o.number = c.order_no))",
        ),
        Invariant(
            "what returns of the splits adds up to the refund",
            "SELECT r.number FROM shop_refund r JOIN shop_refund_part p ON p.refund_id = r.id "
            "GROUP BY r.number, r.fen HAVING SUM(p.fen) <> r.fen",
        ),
        Invariant("stock is not negative", "SELECT id FROM shop_sku WHERE available < 0"),
        Invariant(
            "payments that were sent are booked, and taken back when they came back",
            "SELECT i.number FROM shop_pay_item i "
            "LEFT JOIN county_entry e ON e.key = 'payout:' || i.number "
            "LEFT JOIN county_entry b ON b.key = 'payout-return:' || i.number "
            "WHERE (i.state IN ('sent', 'paid', 'returned')) <> (e.id IS NOT NULL) "
            "OR (i.state = 'returned') <> (b.id IS NOT NULL)",
        ),
        Invariant(
            "entries are paid by payments in force only, to the fen",
            "SELECT i.number FROM shop_pay_item i JOIN shop_pay_item_entry e ON e.item_id = i.id "
            "GROUP BY i.number, i.state, i.gross_fen HAVING SUM(e.fen) <> i.gross_fen "
            "OR (i.state IN ('cancelled', 'returned') AND SUM(CASE WHEN e.is_live THEN 1 ELSE 0 END) > 0)",
        ),
        Invariant(
            "lines of the bank's statement are booked to the fen, and taken back when they were a mistake",
            "SELECT l.entry_key FROM shop_bank_line l LEFT JOIN county_entry e ON e.key = l.entry_key "
            "LEFT JOIN county_entry b ON b.reverses_id = e.id "
            "WHERE e.id IS NULL OR (l.reversed_at IS NOT NULL) <> (b.id IS NOT NULL) "
            "OR NOT EXISTS (SELECT 1 FROM county_posting p JOIN county_account a ON a.id = p.account_id "
            "WHERE p.entry_id = e.id AND a.code = 'cash:bank' "
            "AND p.fen = CASE WHEN l.kind IN ('alipay', 'own_in', 'courier_in') THEN l.fen ELSE -l.fen END)",
        ),
    ),
    checks=("shop.sellers.checks:check_money_modes",),
    seeds="shop.seeds:seed",
    connect=connect,
)
