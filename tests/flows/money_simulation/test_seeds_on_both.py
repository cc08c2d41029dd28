"""Seeds of the money simulation on the database of this run, PostgreSQL when there is one."""

import pytest

from tests.flows.money_simulation.running import Theatre, failures


@pytest.mark.parametrize("first", range(10_001, 10_051, 25))
def test_after_every_seed_our_books_are_those_of_alipay_on_both_databases(
    theatre_here: Theatre, first: int
) -> None:
    failed = failures(theatre_here, range(first, first + 25))

    assert not failed, failed
