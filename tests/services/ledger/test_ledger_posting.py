"""Entries are booked once, balance, are taken back by reversals, and stay in order of periods."""

import random
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from county import database
from county.errors import NotFound
from county.ledger import service
from county.ledger.types import (
    AlreadyReversed,
    Book,
    Cause,
    Draft,
    LedgerConflict,
    PeriodNotOver,
    Posting,
)
from tests.services.ledger.books import NOW, ORDER, SALE, balance, count, faults, post

pytestmark = pytest.mark.database


def test_the_worked_example_is_booked_to_the_fen(database_url: str) -> None:
    entry = post(memo="富硒茶 🍵 <&=>")

    with database.reading() as db:
        assert service.get_entry(db, key="pay:1") == entry
        assert service.balances(db) == {
            "cash:alipay": 7650,
            "income:association": -343,
            "income:freight": -800,
            "payable:farmer:f1": -5822,
            "payable:streamer:s1": -685,
        }
    assert (entry.postings, entry.cause, entry.at, entry.effective_on) == (
        SALE,
        ORDER,
        NOW,
        date(2026, 10, 5),
    )


def test_the_same_key_with_the_same_content_gives_the_first_entry_again(database_url: str) -> None:
    first = post()
    again = post(postings=SALE[::-1], now=NOW + timedelta(days=3))

    assert again == first
    assert (count("county_entry"), count("county_posting")) == (1, 5)


def test_the_same_key_with_other_content_is_refused_and_changes_nothing(database_url: str) -> None:
    post()

    with pytest.raises(LedgerConflict):
        post(postings=(Posting("cash:alipay", 1), Posting("income:goods", -1)))

    assert (count("county_entry"), count("county_posting"), count("county_account")) == (1, 5, 5)
    assert faults() == []


def test_effective_day_is_the_county_day(database_url: str) -> None:
    assert post(now=NOW.replace(hour=16)).effective_on == date(2026, 10, 6)


def test_books_do_not_mix(database_url: str) -> None:
    post("real:1")
    post("memo:1", book=Book.MEMO, postings=(Posting("cash:alipay", 5), Posting("payable:farmer:f1", -5)))

    assert balance("cash:alipay") == 7650
    assert balance("cash:alipay", book=Book.MEMO) == 5


def test_prefix_means_whole_words(database_url: str) -> None:
    post("a", (Posting("cash", 3), Posting("payable:s_1", -1), Posting("payable:s_1:x", -2)))
    post("b", (Posting("cash", 4), Posting("payable:s_12", -4)))

    with database.reading() as db:
        assert service.balances(db, prefix="payable:s_1") == {"payable:s_1": -1, "payable:s_1:x": -2}
        assert service.balances(db, prefix="payable:s") == {}


def test_account_that_was_never_used_has_nothing(db: Session) -> None:
    assert service.balance(db, account="cash:nowhere") == 0
    with pytest.raises(ValueError, match="is not an account"):
        service.balance(db, account="csh")


def test_balances_before_a_day(database_url: str) -> None:
    post("a", effective_on=date(2026, 10, 1))
    post("b", effective_on=date(2026, 10, 2))

    with database.reading() as db:
        before = service.balances(db, prefix="cash", before_on=date(2026, 10, 2))

    assert before == {"cash:alipay": 7650}


def test_postings_of_an_account_tell_their_causes(database_url: str) -> None:
    post("a")
    post("b", now=NOW + timedelta(seconds=1), cause=Cause("order", "2"), memo="second")
    post("c", now=NOW + timedelta(seconds=2))

    with database.reading() as db:
        lines = service.list_postings(db, account="cash:alipay", limit=2)
        for_order = service.list_entries(db, cause=ORDER)

    assert [(line.entry_key, line.cause.ref, line.memo, line.fen) for line in lines] == [
        ("b", "2", "second", 7650),
        ("c", "20261005", "", 7650),
    ]
    assert [entry.key for entry in for_order] == ["a", "c"]


def test_an_account_is_read_by_the_days_it_was_moved_on(database_url: str) -> None:
    days = (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 5))
    for key, day in zip("abc", days, strict=True):
        with database.transaction() as db:
            service.post(db, key=key, cause=ORDER, postings=SALE, now=NOW, effective_on=day)

    with database.reading() as db:
        lines = service.list_postings(
            db, account="cash:alipay", from_on=date(2026, 10, 1), before_on=date(2026, 10, 5)
        )
        first, none = (service.first_day_of(db, account=code) for code in ("cash:alipay", "cash:bank"))

    assert [line.entry_key for line in lines] == ["b"]
    assert (first, none) == (date(2026, 9, 30), None)


def test_reversal_names_the_first_and_brings_every_balance_back(database_url: str) -> None:
    post()
    with database.transaction() as db:
        reversal = service.reverse(db, key="pay:1", new_key="undo:1", cause=Cause("person", "p"), now=NOW)
        again = service.reverse(db, key="pay:1", new_key="undo:1", cause=Cause("person", "p"), now=NOW)

    assert reversal.reverses == "pay:1"
    assert again == reversal
    with database.reading() as db:
        assert set(service.balances(db).values()) == {0}
    assert faults() == []


def test_an_entry_is_reversed_only_once(database_url: str) -> None:
    post()
    with database.transaction() as db:
        service.reverse(db, key="pay:1", new_key="undo:1", cause=ORDER, now=NOW)

    with pytest.raises(AlreadyReversed), database.transaction() as db:
        service.reverse(db, key="pay:1", new_key="undo:2", cause=ORDER, now=NOW)

    assert count("county_entry") == 2


def test_a_reversal_of_nothing_or_of_something_else_is_refused(database_url: str) -> None:
    post()

    with pytest.raises(NotFound):
        post("undo:1", reverses="pay:2")
    with pytest.raises(ValueError, match="exact opposite"):
        post("undo:1", reverses="pay:1")

    assert count("county_entry") == 1


def drafts(number: int, *, first: int = 0) -> list[Draft]:
    return [Draft(key=f"k{n}", cause=ORDER, postings=SALE) for n in range(first, first + number)]


def test_a_batch_is_booked_in_order_and_only_once(database_url: str) -> None:
    post("k3")
    with database.transaction() as db:
        made = service.post_many(db, drafts=[*drafts(5), drafts(1)[0]], now=NOW)
        again = service.post_many(db, drafts=drafts(5), now=NOW)

    assert [entry.key for entry in made] == ["k0", "k1", "k2", "k3", "k4", "k0"]
    assert again == made[:5]
    assert balance("cash:alipay") == 5 * 7650
    assert faults() == []


def test_a_batch_is_all_or_nothing(database_url: str) -> None:
    post("k3", (Posting("cash", 1), Posting("income", -1)))

    with pytest.raises(LedgerConflict), database.transaction() as db:
        service.post_many(db, drafts=drafts(5), now=NOW)
    with pytest.raises(LedgerConflict), database.transaction() as db:
        other = Draft(key="k9", cause=Cause("other", "1"), postings=SALE)
        service.post_many(db, drafts=[*drafts(1, first=9), other], now=NOW)

    assert count("county_entry") == 1
    with database.transaction() as db:
        assert service.post_many(db, drafts=[], now=NOW) == []


def test_closed_period_takes_no_postings_and_late_items_go_to_the_next_with_a_reference(
    database_url: str,
) -> None:
    post("a", effective_on=date(2026, 9, 20))
    with database.transaction() as db:
        period = service.close_period(db, ends_on=date(2026, 10, 1), now=NOW)
        assert service.close_period(db, ends_on=date(2026, 10, 1), now=NOW) == period

    late = post("b", effective_on=date(2026, 9, 30))
    timely = post("c", effective_on=date(2026, 10, 1))
    other_book = post("d", effective_on=date(2026, 9, 30), book=Book.MEMO)

    assert (period.starts_on, period.ends_on) == (date(2026, 9, 20), date(2026, 10, 1))
    assert (late.effective_on, late.late_for_on) == (date(2026, 10, 1), date(2026, 9, 30))
    assert (timely.effective_on, timely.late_for_on) == (date(2026, 10, 1), None)
    assert (other_book.effective_on, other_book.late_for_on) == (date(2026, 9, 30), None)
    assert faults() == []


def test_periods_follow_each_other_and_are_not_closed_early(database_url: str) -> None:
    with database.transaction() as db:
        service.close_period(db, ends_on=date(2026, 9, 1), now=NOW)
        service.close_period(db, ends_on=date(2026, 10, 1), now=NOW)

    with pytest.raises(PeriodNotOver), database.transaction() as db:
        service.close_period(db, ends_on=date(2026, 10, 6), now=NOW)
    with pytest.raises(ValueError, match="closed already"), database.transaction() as db:
        service.close_period(db, ends_on=date(2026, 9, 15), now=NOW)

    with database.reading() as db:
        spans = [(each.starts_on, each.ends_on) for each in service.list_periods(db)]
    assert spans == [(date(2026, 8, 31), date(2026, 9, 1)), (date(2026, 9, 1), date(2026, 10, 1))]


def test_a_savepoint_that_was_taken_back_leaves_no_seal(database_url: str) -> None:
    with database.transaction() as db:
        with pytest.raises(ZeroDivisionError), db.begin_nested():
            service.post(db, key="gone", cause=ORDER, postings=SALE, now=NOW)
            raise ZeroDivisionError
        service.post(db, key="kept", cause=ORDER, postings=SALE, now=NOW)

    with database.reading() as db:
        assert service.find_entry(db, key="gone") is None
    assert count("county_ledger_seal") == 1
    assert faults() == []


AMOUNTS = st.lists(
    st.tuples(
        st.sampled_from(["cash:bank", "income:goods", "payable:farmer:a", "payable:farmer:b", "suspense:x"]),
        st.integers(-1_000_000, 1_000_000),
    ),
    min_size=1,
    max_size=6,
)


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(AMOUNTS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_random_entries_and_reversals_always_sum_to_zero(
    database_url: str, amounts: list[list[tuple[str, int]]], chance: random.Random
) -> None:
    salt = count("county_entry")
    expected: dict[str, int] = {}
    with database.reading() as db:
        expected = service.balances(db)
    for number, lines in enumerate(amounts):
        postings = [Posting(code, fen) for code, fen in lines if fen != 0]
        postings.append(Posting("equity:opening", -sum(fen for _, fen in lines)))
        postings = [each for each in postings if each.fen != 0]
        if len(postings) < 2:
            continue
        key = f"k{salt}:{number}"
        post(key, postings)
        if chance.random() < 0.5:
            with database.transaction() as db:
                service.reverse(db, key=key, new_key=f"undo:{key}", cause=ORDER, now=NOW)
        else:
            for each in postings:
                expected[each.account] = expected.get(each.account, 0) + each.fen

    with database.reading() as db:
        found = service.balances(db)
    assert sum(found.values()) == 0
    assert {code: fen for code, fen in found.items() if fen} == {c: f for c, f in expected.items() if f}
    assert faults() == []


def together(number: int, work: object) -> list[BaseException]:
    """Run `work(n)` in that many threads, started at once; give what they raised."""
    raised: list[BaseException] = []
    start = Barrier(number)

    def run(n: int) -> None:
        start.wait()
        try:
            work(n)  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - the test looks at what was raised
            raised.append(error)

    threads = [Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_many_threads_with_the_same_key_make_one_entry(database_url: str) -> None:
    entries = []

    raised = together(8, lambda _: entries.append(post("pay:same")))

    assert raised == []
    assert len(entries) == 8 and len({entry.id for entry in entries}) == 1
    assert (count("county_entry"), balance("cash:alipay")) == (1, 7650)
    assert faults() == []


def test_many_threads_with_other_content_under_one_key_make_one_entry(database_url: str) -> None:
    raised = together(6, lambda n: post("pay:same", cause=Cause("order", str(n))))

    assert [type(error) for error in raised] == [LedgerConflict] * 5
    assert count("county_entry") == 1
    assert faults() == []


def test_many_threads_reversing_one_entry_reverse_it_once(database_url: str) -> None:
    post()

    def undo(n: int) -> None:
        with database.transaction() as db:
            service.reverse(db, key="pay:1", new_key=f"undo:{n}", cause=ORDER, now=NOW)

    raised = together(6, undo)

    assert [type(error) for error in raised] == [AlreadyReversed] * 5
    assert (count("county_entry"), balance("cash:alipay")) == (2, 0)


def test_overlapping_batches_at_once_book_every_key_once(database_url: str) -> None:
    def book(n: int) -> None:
        batch = drafts(20, first=5 * n)
        random.Random(n).shuffle(batch)
        database.in_transaction(lambda db: service.post_many(db, drafts=batch, now=NOW))

    raised = together(4, book)

    assert raised == []
    assert (count("county_entry"), balance("cash:alipay")) == (35, 35 * 7650)
    assert faults() == []
