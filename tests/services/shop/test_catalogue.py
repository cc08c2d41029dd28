"""Listing, searching, changing: growers reach their own goods only."""

import pytest

from county.errors import IllegalMove, NotFound, Stale
from shop.catalogue import service
from shop.catalogue.rules import require_listable
from shop.catalogue.types import Change, ListingRefused, NewSku
from tests.makers.people import NOW, ROBOT
from tests.makers.shop import make_grower, make_product


@pytest.mark.parametrize("query", ["魔芋", "芋", "魔芋粉", "石磨 魔芋", "５００ｇ", "500G", "四季"])
def test_search_finds_words_of_any_length(db, query):
    wanted = make_product(db, title="石磨魔芋粉500g")
    make_product(db, title="明前绿茶")

    found = service.list_products(db, query=query)

    assert wanted.product_id in [product.product_id for product in found]
    assert query == "四季" or len(found) == 1


@pytest.mark.parametrize("query", ["芋魔", "粉明", "咖啡", "%", "_", '"', "' OR 1=1 --", "*", "NEAR("])
def test_search_finds_nothing_that_is_not_there(db, query):
    make_product(db, title="魔芋粉")
    make_product(db, title="明前绿茶")

    assert service.list_products(db, query="？" + query + "咖") == []


def test_withdrawn_product_is_not_shown_to_buyers(db):
    grower = make_grower(db)
    tea = make_product(db, grower=grower)

    service.change_state(
        db, product_id=tea.product_id, grower_id=grower.id, change=Change.WITHDRAW, actor=ROBOT, now=NOW
    )

    assert service.list_products(db) == []
    with pytest.raises(NotFound):
        service.get_product(db, product_id=tea.product_id)
    with pytest.raises(IllegalMove):
        service.change_state(
            db, product_id=tea.product_id, grower_id=grower.id, change=Change.WITHDRAW, actor=ROBOT, now=NOW
        )


def change(db, product, *, grower_id, version, price_fen=7000, available=3):
    service.change_sku(
        db,
        product_id=product.product_id,
        sku_id=product.skus[0].sku_id,
        grower_id=grower_id,
        version=version,
        price_fen=price_fen,
        available=available,
        actor=ROBOT,
        now=NOW,
    )


def test_two_editors_never_overwrite_each_other(db):
    grower = make_grower(db)
    tea = make_product(db, grower=grower)
    change(db, tea, grower_id=grower.id, version=1, price_fen=7000)

    with pytest.raises(Stale):
        change(db, tea, grower_id=grower.id, version=1, price_fen=1)

    assert service.get_product(db, product_id=tea.product_id).skus[0].price_fen == 7000


def test_somebody_elses_product_cannot_be_changed(db):
    tea = make_product(db)

    with pytest.raises(NotFound):
        change(db, tea, grower_id=make_grower(db).id, version=1, price_fen=1)

    assert service.get_product(db, product_id=tea.product_id).skus[0].price_fen == 6850


@pytest.mark.parametrize(
    ("title", "words", "sku"),
    [
        ("茶", "", NewSku("袋", 100, 100, 1)),
        ("茶" * 61, "", NewSku("袋", 100, 100, 1)),
        ("绿茶", "", NewSku("袋", 0, 100, 1)),
        ("绿茶", "", NewSku("袋", 10**8, 100, 1)),
        ("绿茶", "", NewSku("袋", 100, 0, 1)),
        ("绿茶", "", NewSku("袋", 100, 100, -1)),
        ("国家级绿茶", "", NewSku("袋", 100, 100, 1)),
        ("绿茶", "常喝可抗癌", NewSku("袋", 100, 100, 1)),
    ],
)
def test_listing_that_breaks_a_rule_is_refused(title, words, sku):
    with pytest.raises(ListingRefused):
        require_listable(title=title, description=words, skus=[sku])
