"""The order that claims are about."""

import pytest

from tests.makers.aftersales import make_delivered, make_fruit
from tests.makers.shop import make_card


@pytest.fixture
def order(db):
    """Make a delivered order of one box of fruit, 68.50 and 8.00 freight."""
    make_card(db)
    return make_delivered(db, make_fruit(db))
