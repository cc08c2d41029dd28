"""The judge is judged: whatever is falsified after a seed, it says so."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from county import database
from county.ledger import service as ledger
from county.ledger.types import Book, Cause, Posting
from shop.accounts.rules import BANK, FEE, money_account
from tests.flows.money_simulation.judge import judge
from tests.flows.money_simulation.running import Theatre
from tests.flows.money_simulation.story import Story

SEED = 84


def _ledger(story: Story, *postings: Posting, book: Book = Book.REAL) -> None:
    with database.transaction() as db:
        ledger.post(
            db, key="forged", cause=Cause("test", "forged"), postings=postings, book=book, now=story.world.now
        )


def _shop(statement: str) -> Callable[[Story], None]:
    def change(_story: Story) -> None:
        with database.transaction() as db:
            db.execute(text(statement))

    return change


def _alipay(statement: str) -> Callable[[Story], None]:
    def change(story: Story) -> None:
        with story.world.desk.database.transaction() as db:
            assert db.execute(statement).rowcount >= 1

    return change


def _pocket_a_fen(story: Story) -> None:
    cooperative = story.cast.sellers[0]
    _ledger(story, Posting(money_account(cooperative), -1), Posting(FEE, 1))


FORGERIES: dict[str, tuple[Callable[[Story], None], str]] = {
    "a fen booked as a fee": (_pocket_a_fen, "fees booked"),
    "a fen taken from the bank": (
        lambda story: _ledger(story, Posting(BANK, -1), Posting(FEE, 1)),
        "sent and not returned",
    ),
    "a piece put on the shelf": (
        _shop("UPDATE shop_sku SET available = available + 1 WHERE id = (SELECT min(id) FROM shop_sku)"),
        "at first",
    ),
    "a fen more for a farm at Alipay": (
        _alipay("UPDATE account SET balance_fen = balance_fen + 1 WHERE code LIKE 'sub:%:available'"),
        "the ledger says",
    ),
    "a streamer paid by nobody": (
        _alipay("INSERT INTO account VALUES ('user:2088000000000032:available', 5)"),
        "received 5",
    ),
    "a trade that nobody booked": (
        _alipay("UPDATE trade SET total_fen = total_fen + 1 WHERE paid_at_s IS NOT NULL"),
        "paid trades differ",
    ),
    "a job that nobody does": (
        _shop("UPDATE county_job SET state = 'dead' WHERE id = (SELECT min(id) FROM county_job)"),
        "is dead",
    ),
}


@pytest.fixture(scope="module")
def story(theatre: Theatre) -> Iterator[Story]:
    """Play a seed in which money was paid and moved, and keep its end."""
    played, faults = theatre.play(SEED)
    assert faults == []
    yield played


@pytest.mark.parametrize("forgery", FORGERIES)
def test_judge_says_what_was_falsified(theatre: Theatre, story: Story, forgery: str) -> None:
    forge, says = FORGERIES[forgery]
    theatre.stages.keep("end")

    forge(story)
    found = judge(story)

    theatre.stages.restore("end")
    assert any(says in fault for fault in found), found
    assert judge(story) == []


def test_a_seed_tells_the_same_story_again(theatre: Theatre) -> None:
    told = [theatre.play(SEED)[0].lines for _ in range(2)]

    assert told[0] == told[1]
