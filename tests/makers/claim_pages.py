"""Makers for claims through pages: a village with a delivered box of fruit, and a claim typed and sent."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from county import database
from county.people.types import Person
from shop.aftersales import service
from shop.aftersales.types import Claim
from shop.catalogue.types import Product
from shop.orders.types import Order

Typed = dict[str, Any]


@dataclass(frozen=True)
class Village:
    """A delivered box of fruit, its buyer, its grower, others, and the association."""

    app: Flask
    order: Order
    fruit: Product
    buyer: Person
    grower: Person
    other: Person
    admin: Person

    def path(self, kind: str = "spoiled") -> str:
        """Give the address of the claim form."""
        return f"/orders/{self.order.order_no}/claim/0/{kind}"


def picture(side: int = 40, kind: str = "JPEG") -> BytesIO:
    """Make a picture as it is uploaded."""
    out = BytesIO()
    Image.new("RGB", (side, side), "orange").save(out, kind)
    return BytesIO(out.getvalue())


def spoiled(**changes: Any) -> dict[str, Any]:
    """Type a claim: three of ten are spoiled."""
    given = {"spoiled": "3", "pieces": "10", "says": "三个发霉", "form_token": uuid4().hex, **changes}
    return {"picture": (picture(), "a.jpg"), **given} if "picture" not in changes else given


def claims(village: Village) -> list[Claim]:
    """Give the claims of the village's order."""
    with database.reading() as db:
        return service.list_claims(db, order_no=village.order.order_no)


def sent(village: Village, browser: FlaskClient, **changes: Any) -> tuple[Claim, TestResponse, Typed]:
    """Go through form, check and send; give the claim."""
    checked = browser.post(village.path(), data=spoiled(**changes))
    assert checked.status_code == 200
    picture_id = checked.text.split('name="picture_id" value="')[1].split('"')[0]
    data = {"picture_id": picture_id, "spoiled": "3", "pieces": "10", "says": "三个发霉", "form_token": "t1"}
    answer = browser.post(village.path() + "/send", data=data)
    assert answer.status_code == 303
    return claims(village)[0], answer, data
