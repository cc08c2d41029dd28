"""What tests of payees, papers, runs and statements begin with."""

import pytest
from sqlalchemy.orm import Session

from county.people.types import Person
from shop.sellers.types import Seller
from tests.makers.payees import make_admin
from tests.makers.payruns import make_market


@pytest.fixture
def coop(db: Session) -> Seller:
    """Make freight prices and the cooperative."""
    return make_market(db)


@pytest.fixture
def admins(db: Session) -> tuple[Person, Person]:
    """Make two people of the association."""
    return make_admin(db), make_admin(db, name="罗斌")
