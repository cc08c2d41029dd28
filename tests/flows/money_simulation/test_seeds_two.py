"""Seeds of the money simulation, part two: after each, our books are the simulator's."""

import pytest

from tests.flows.money_simulation.running import Theatre, failures

BLOCK = 25


@pytest.mark.parametrize("first", range(501, 976, BLOCK))
def test_after_every_seed_our_books_are_those_of_alipay(theatre: Theatre, first: int) -> None:
    failed = failures(theatre, range(first, first + BLOCK))

    assert not failed, failed
