"""What a price must leave: refused where it is set up, with the ways out; freight that the price includes."""

from dataclasses import replace

import pytest

from county.audit import service as audit
from county.errors import NotFound, Refused, Stale
from shop.catalogue import rules
from shop.catalogue import service as catalogue
from shop.catalogue.types import CommissionOverCap, SplitNeverFits
from shop.checkout import service as checkout
from shop.checkout.types import Commission, FreightOverPrice
from shop.orders import service as orders
from shop.orders.types import Payee, SplitOverCap
from shop.sellers import rules as fits
from shop.sellers.types import MoneyMode
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.shop import make_card, make_grower, make_product, make_seller, place


@pytest.fixture
def farm(db):
    """Give a grower of a sub-merchant, to whom freight costs 9.00 near by."""
    make_card(db, first_fen=900)
    return make_grower(db, seller=make_seller(db, mode=MoneyMode.SUB_MERCHANT, name="陈家山农场"))


def refusal(call) -> Refused:
    with pytest.raises(Refused) as raised:
        call()
    return raised.value


def test_price_that_never_fits_is_refused_at_listing_with_the_ways_out(db, farm):
    said = refusal(lambda: make_product(db, grower=farm, title="蜜橘", price_fen=2000))

    assert isinstance(said, SplitNeverFits)
    assert (said.code, said.status) == ("split_never_fits", 422)
    # (1.00 + 9.00) of 29.00; from 26.00 on (1.30 + 9.00) of 35.00 fits.
    assert said.facts == {
        "title": "蜜橘",
        "price": "20.00",
        "off": "10.00",
        "most": "8.70",
        "takers": rules.TAKERS,
        "least": "26.00",
        "or_freight": "",
        "or_commission": "",
        "or_cooperative": rules.OR_COOPERATIVE,
    }
    assert catalogue.list_grower_products(db, grower_id=farm.id) == []


def test_least_price_that_is_named_is_accepted_and_a_yuan_less_is_not(db, farm):
    make_product(db, grower=farm, price_fen=2600)

    assert refusal(lambda: make_product(db, grower=farm, price_fen=2500)).code == "split_never_fits"


def test_price_changed_to_one_that_never_fits_is_refused_and_stays(db, farm):
    tea = make_product(db, grower=farm, price_fen=6850)

    said = refusal(
        lambda: catalogue.change_sku(
            db,
            product_id=tea.product_id,
            sku_id=tea.skus[0].sku_id,
            grower_id=farm.id,
            version=1,
            price_fen=2000,
            available=5,
            actor=ROBOT,
            now=NOW,
        )
    )

    assert said.code == "split_never_fits"
    assert catalogue.get_product(db, product_id=tea.product_id).skus == tea.skus


def test_included_freight_of_9_yuan_with_15_percent_commissions_is_45_percent_of_29_90(db, farm):
    assert (
        fits.split_off_bp(
            price_fen=2990, freight_fen=900, is_included=True, association_bp=500, commission_bp=1000
        )
        == 4512
    )

    listed = refusal(lambda: make_product(db, grower=farm, price_fen=2990, freight_included=True))

    assert (listed.code, listed.facts["off"], listed.facts["most"]) == ("split_never_fits", "10.50", "8.97")


def test_commission_that_makes_a_product_unfit_is_refused(db, farm):
    orange = make_product(db, grower=farm, price_fen=3990, freight_included=True)

    def asked(commission_bp):
        return catalogue.require_fit(
            db, product_ids=[orange.product_id], commission_bp=commission_bp, now=NOW
        )

    asked(200)
    said = refusal(lambda: asked(1000))
    assert isinstance(said, SplitNeverFits)
    assert (said.facts["takers"], said.facts["or_commission"]) == (rules.ALL_TAKERS, rules.OR_COMMISSION)
    too_much = refusal(lambda: asked(2500))
    assert isinstance(too_much, CommissionOverCap)
    assert (too_much.facts["percent"], too_much.facts["cap"]) == ("30", "30")


def test_cooperatives_price_must_only_bring_the_freight_that_it_includes(db):
    make_card(db, first_fen=900)
    grower = make_grower(db)

    assert refusal(lambda: make_product(db, grower=grower, price_fen=900, freight_included=True)).code == (
        "split_never_fits"
    )
    assert make_product(db, grower=grower, price_fen=1000, freight_included=True).freight_included


def test_farmer_of_the_cooperative_is_told_ways_out_that_exist_and_amounts(db):
    make_card(db, first_fen=800)

    said = refusal(
        lambda: make_product(db, grower=make_grower(db), title="绿茶", price_fen=1, freight_included=True)
    )

    assert str(said) == (
        "“绿茶” at ¥0.01: of one piece ¥8.00 would go to freight and association, at most ¥0.01 may. "
        "Ask at least ¥9.00, or pack more into one piece. Or let buyers pay the freight on top."
    )


def test_included_freight_is_a_split_of_the_goods_and_the_buyer_pays_none(db):
    make_card(db, first_fen=900)
    grower = make_grower(db)
    orange = make_product(db, grower=grower, price_fen=6850, freight_included=True)

    order = place(db, orange).orders[0]

    assert (order.goods_fen, order.freight_fen, order.total_fen) == (6850, 0, 6850)
    assert [(split.payee, split.grower_id, split.fen) for split in order.splits] == [
        (Payee.ASSOCIATION, grower.id, 343),
        (Payee.TRANSPORT, grower.id, 900),
        (Payee.GROWER, grower.id, 5607),
        (Payee.TRANSPORT, None, 0),
    ]


def change_freight(db, product, *, included, version=1):
    catalogue.change_freight(
        db,
        product_id=product.product_id,
        grower_id=product.grower_id,
        version=version,
        freight_included=included,
        actor=ROBOT,
        now=NOW,
    )


def test_freight_can_be_included_after_listing_and_placed_orders_keep_what_they_were_sold_with(db):
    make_card(db, first_fen=900)
    orange = make_product(db, grower=make_grower(db), price_fen=6850)
    sold = place(db, orange).orders[0]

    change_freight(db, orange, included=True)

    assert catalogue.get_product(db, product_id=orange.product_id).freight_included
    assert orders.get_order(db, order_no=sold.order_no) == sold
    assert (sold.freight_fen, place(db, orange).orders[0].freight_fen) == (900, 0)
    (record,) = [
        each
        for each in audit.list_records(db, object=("product", str(orange.product_id)))
        if each.action == "product.freight_changed"
    ]
    assert (record.before, record.after) == ({"freight_included": False}, {"freight_included": True})


def test_freight_on_top_again_leaves_orders_without_freight_as_they_are(db):
    make_card(db, first_fen=900)
    orange = make_product(db, grower=make_grower(db), price_fen=6850, freight_included=True)
    sold = place(db, orange).orders[0]

    change_freight(db, orange, included=False)

    assert orders.get_order(db, order_no=sold.order_no) == sold
    assert (sold.freight_fen, place(db, orange).orders[0].freight_fen) == (0, 900)


def test_freight_that_never_fits_into_the_price_is_refused_with_the_ways_out_and_nothing_changes(db, farm):
    orange = make_product(db, grower=farm, title="蜜橘", price_fen=2990)

    said = refusal(lambda: change_freight(db, orange, included=True))

    assert isinstance(said, SplitNeverFits)
    # (1.50 + 9.00) of 29.90; from 36.00 on (1.80 + 9.00) of 36.00 fits.
    assert said.facts == {
        "title": "蜜橘",
        "price": "29.90",
        "off": "10.50",
        "most": "8.97",
        "takers": rules.TAKERS,
        "least": "36.00",
        "or_freight": rules.OR_FREIGHT,
        "or_commission": "",
        "or_cooperative": rules.OR_COOPERATIVE,
    }
    assert catalogue.get_product(db, product_id=orange.product_id) == orange


def test_freight_that_is_so_already_changes_nothing_and_leaves_no_trace(db):
    make_card(db)
    tea = make_product(db)
    before = audit.list_records(db, object=("product", str(tea.product_id)))

    change_freight(db, tea, included=False)

    assert catalogue.get_product(db, product_id=tea.product_id) == tea
    assert audit.list_records(db, object=("product", str(tea.product_id))) == before


def test_freight_changed_by_two_editors_is_refused_to_the_later_one(db):
    make_card(db)
    tea = make_product(db)
    change_freight(db, tea, included=True)

    with pytest.raises(Stale):
        change_freight(db, tea, included=False, version=1)

    assert catalogue.get_product(db, product_id=tea.product_id).freight_included


def test_freight_of_somebody_elses_product_is_not_found(db):
    make_card(db)
    tea, other = make_product(db), make_grower(db)

    with pytest.raises(NotFound):
        change_freight(db, replace(tea, grower_id=other.id), included=True)

    assert catalogue.get_product(db, product_id=tea.product_id) == tea


def test_mixed_order_pays_freight_for_the_goods_without_it_alone(db):
    make_card(db, first_fen=800)
    grower = make_grower(db)
    tea = make_product(db, grower=grower, weight_g=1000)
    orange = make_product(db, grower=grower, title="蜜橘", weight_g=2000, freight_included=True)

    order = place(db, tea, orange).orders[0]

    # 3 kg cost 12.00; the tea alone 8.00, which the buyer pays; the oranges bear the 4.00 more.
    assert order.freight_fen == 800
    freights = [(split.grower_id, split.fen) for split in order.splits if split.payee is Payee.TRANSPORT]
    assert freights == [(grower.id, 400), (None, 800)]
    assert sum(split.fen for split in order.splits) == order.total_fen == 13700 + 800


def test_freight_that_eats_the_price_is_refused_and_takes_nothing(db):
    make_card(db, first_fen=5000)
    make_card(db, province="四川", first_fen=300)
    orange = make_product(db, grower=make_grower(db), price_fen=1000, freight_included=True)

    with pytest.raises(FreightOverPrice), db.begin_nested():
        place(db, orange)

    assert orders.list_orders(db) == []
    assert catalogue.get_product(db, product_id=orange.product_id).available == 10


def test_commission_over_the_cap_is_refused_at_checkout_too(db, farm, monkeypatch):
    streamer = make_person(db)
    tea = make_product(db, grower=farm, price_fen=3990)
    monkeypatch.setattr(
        checkout._Wired, "attribution", lambda *_a, **_b: {tea.product_id: Commission(streamer.id, 2000)}
    )

    with pytest.raises(SplitOverCap):
        place(db, tea, source_ref="live")
