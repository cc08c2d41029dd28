"""A small shop with real transactions: one tea, two buyers, one grower."""

from dataclasses import dataclass

import pytest
from flask import Flask

from county import database
from county.people.types import Person
from shop.catalogue import service as catalogue
from shop.catalogue.types import Product
from tests.makers.people import make_buyer
from tests.makers.shop import make_card, make_grower, make_product


@dataclass(frozen=True)
class Shop:
    """What the tests of the shop's edges begin with."""

    app: Flask
    grower: Person
    buyer: Person
    other: Person
    tea: Product

    @property
    def sku_id(self) -> str:
        """Give the tea's one size."""
        return str(self.tea.skus[0].sku_id)

    def available(self) -> int:
        """Give how many of the tea are left."""
        with database.reading() as db:
            return catalogue.get_product(db, product_id=self.tea.product_id).available

    def body(self, *, quantity: int = 1, **changes: object) -> dict[str, object]:
        """Give the JSON body of an order of the tea."""
        address = {
            "name": "李明",
            "phone": "13900000001",
            "province": "陕西省",
            "city": "西安市",
            "county": "雁塔区",
            "detail": "小寨路1号",
        }
        items = [{"sku_id": self.sku_id, "quantity": quantity}]
        return {"items": items, "address": address, **changes}


@pytest.fixture
def shop(web_app: Flask) -> Shop:
    """Make the small shop."""
    with database.transaction() as db:
        make_card(db)
        grower = make_grower(db)
        tea = make_product(db, grower=grower, price_fen=6850, weight_g=500, available=10)
        return Shop(web_app, grower, make_buyer(db), make_buyer(db, name="赵丽"), tea)
