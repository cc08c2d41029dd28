"""What tests of payees, papers, runs and statements begin with."""

import pytest
from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.people.types import Person
from shop.sellers.types import Seller
from tests.makers.bank import make_open
from tests.makers.payees import acting, make_admin
from tests.makers.payruns import make_market
from tests.makers.shop import make_card, make_seller


@pytest.fixture
def coop(db: Session) -> Seller:
    """Make freight prices and the cooperative."""
    return make_market(db)


@pytest.fixture
def open_coop(db: Session) -> Seller:
    """Make the cooperative, of which 200.00 are open on every account opposite the bank, and a courier."""
    make_card(db)
    seller = make_seller(db)
    make_open(db, seller)
    return seller


@pytest.fixture
def clerk(db: Session) -> Actor:
    """Give somebody of the association."""
    return acting(make_admin(db))


@pytest.fixture
def admins(db: Session) -> tuple[Person, Person]:
    """Make two people of the association."""
    return make_admin(db), make_admin(db, name="罗斌")
