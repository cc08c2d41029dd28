"""Holds never exceed what is there, end by the clock, and are captured or released once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from county import database
from county.errors import NotFound
from county.ledger import service
from county.ledger.types import (
    Book,
    Cause,
    Entry,
    Hold,
    HoldGone,
    HoldState,
    LedgerConflict,
    NotEnough,
    Posting,
)
from tests.services.ledger.books import NOW, balance, count, execute, post
from tests.services.ledger.test_ledger_posting import together

pytestmark = pytest.mark.database

FARMER = "payable:farmer:f1"
PAYOUT = Cause(kind="payout", ref="P1")
DAY = timedelta(days=1)


def hold(key: str = "h1", fen: int = 5000, **more: Any) -> Hold:
    asked = {"account": FARMER, "cause": PAYOUT, "expires_at": NOW + DAY, "now": NOW, **more}
    with database.transaction() as db:
        return service.hold(db, key=key, fen=fen, **asked)


def capture(key: str = "h1", fen: int = 5000, *, entry_key: str = "out:1", now: Any = NOW) -> Entry:
    postings = (Posting(FARMER, fen), Posting("cash:bank", -fen))
    with database.transaction() as db:
        return service.capture_hold(
            db, key=key, entry_key=entry_key, postings=postings, cause=PAYOUT, now=now
        )


def available(now: Any = NOW) -> int:
    with database.reading() as db:
        return service.available(db, account=FARMER, now=now)


def state(key: str = "h1") -> HoldState:
    return hold(key).state


def test_a_hold_makes_less_available_until_it_expires(database_url: str) -> None:
    post()

    held = hold()

    assert (held.fen, held.state, held.book, held.account) == (5000, HoldState.HELD, Book.REAL, FARMER)
    assert available() == 822
    assert available(NOW + DAY - timedelta(microseconds=1)) == 822
    assert available(NOW + DAY) == 5822
    assert balance(FARMER) == -5822


def test_more_than_available_is_refused_and_holds_nothing(database_url: str) -> None:
    post()
    hold()

    with pytest.raises(NotEnough) as refusal:
        hold("h2", 823)

    assert refusal.value.facts == {"account": FARMER, "available_fen": 822, "fen": 823}
    assert count("county_hold") == 1
    hold("h2", 822)
    assert available() == 0


def test_an_expired_hold_makes_room_for_the_next(database_url: str) -> None:
    post()
    hold()

    hold("h2", 5822, now=NOW + DAY, expires_at=NOW + 2 * DAY)

    assert available(NOW + DAY) == 0


def test_the_same_hold_again_is_the_first_one(database_url: str) -> None:
    post()
    first = hold()

    assert hold(now=NOW + timedelta(hours=1)) == first
    with pytest.raises(LedgerConflict):
        hold(fen=4999)
    assert available() == 822


def test_capture_books_the_entry_and_closes_the_hold_once(database_url: str) -> None:
    post()
    hold()

    entry = capture()

    assert capture() == entry
    assert (balance(FARMER), available(), state()) == (-822, 822, HoldState.CAPTURED)
    with pytest.raises(HoldGone):
        capture(entry_key="out:2")
    with pytest.raises(HoldGone), database.transaction() as db:
        service.release_hold(db, key="h1")
    assert (balance(FARMER), count("county_entry")) == (-822, 2)


def test_capture_of_a_part_frees_the_rest(database_url: str) -> None:
    post()
    hold()

    capture(fen=3000)

    assert available() == 2822


def test_capture_of_more_than_held_is_our_mistake(database_url: str) -> None:
    post()
    hold()

    with pytest.raises(ValueError, match="takes more"):
        capture(fen=5001)

    assert (balance(FARMER), state()) == (-5822, HoldState.HELD)


def test_an_expired_hold_is_not_captured(database_url: str) -> None:
    post()
    hold()

    with pytest.raises(HoldGone):
        capture(now=NOW + DAY)

    assert (balance(FARMER), count("county_entry")) == (-5822, 1)


def test_release_frees_the_money_and_twice_is_once(database_url: str) -> None:
    post()
    hold()

    with database.transaction() as db:
        service.release_hold(db, key="h1")
        released = service.release_hold(db, key="h1")

    assert (released.state, available()) == (HoldState.RELEASED, 5822)
    with pytest.raises(HoldGone):
        capture()
    assert balance(FARMER) == -5822


def test_an_unknown_hold_is_not_found(database_url: str) -> None:
    with pytest.raises(NotFound), database.transaction() as db:
        service.release_hold(db, key="nope")
    with pytest.raises(NotFound):
        capture("nope")


@pytest.mark.parametrize("fen", [0, -1, 1.0, True])
def test_only_whole_positive_fen_are_held(database_url: str, fen: Any) -> None:
    post()

    with pytest.raises(ValueError, match="positive whole"):
        hold(fen=fen)

    assert count("county_hold") == 0


def test_many_threads_never_hold_more_than_there_is(database_url: str) -> None:
    post()

    raised = together(10, lambda n: hold(f"h{n}", 1000))

    assert [type(error) for error in raised] == [NotEnough] * 5
    assert (count("county_hold"), available()) == (5, 822)


def test_many_threads_making_one_hold_make_one(database_url: str) -> None:
    post()

    raised = together(6, lambda _: hold("same", 5822))

    assert raised == []
    assert (count("county_hold"), available()) == (1, 0)


def test_many_threads_capturing_one_hold_book_once(database_url: str) -> None:
    post()
    hold()

    raised = together(6, lambda n: capture(entry_key=f"out:{n}"))

    assert [type(error) for error in raised] == [HoldGone] * 5
    assert balance(FARMER) == -822


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE county_hold SET fen = 1",
        "UPDATE county_hold SET expires_at = '2030-01-01 00:00:00', state = 'released'",
        "UPDATE county_hold SET state = 'captured'",
        "DELETE FROM county_hold",
    ],
)
def test_database_refuses_to_change_a_hold(database_url: str, statement: str) -> None:
    post()
    hold()

    with pytest.raises(DBAPIError):
        execute(statement)

    assert available() == 822


def test_database_refuses_to_open_a_closed_hold_again(database_url: str) -> None:
    post()
    hold()
    with database.transaction() as db:
        service.release_hold(db, key="h1")

    with pytest.raises(DBAPIError):
        execute("UPDATE county_hold SET state = 'held'")

    assert available() == 5822
