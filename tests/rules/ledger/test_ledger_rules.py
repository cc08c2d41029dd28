"""What makes a good entry, decided without a database."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.ledger import rules
from county.ledger.types import AccountKind, Book, Cause, Draft, Posting

CAUSE = Cause(kind="order", ref="20261005")
PAIR = (Posting("cash:alipay", 7650), Posting("income:goods", -7650))


def draft(**more: Any) -> Draft:
    return Draft(**{"key": "pay:1", "cause": CAUSE, "postings": PAIR, **more})


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("cash", AccountKind.CASH),
        ("payable:streamer:0b5d3a52-6a8e-4f4f-9b0f-1d6f4f6a7c11", AccountKind.PAYABLE),
        ("suspense:second_trade:2026", AccountKind.SUSPENSE),
    ],
)
def test_first_word_of_an_account_is_its_kind(code: str, kind: AccountKind) -> None:
    assert rules.kind_of(code) is kind


@pytest.mark.parametrize(
    "code",
    [
        "",
        "bank",
        "cash:",
        "cash:Alipay",
        "cash:a b",
        "cash::a",
        "cash:a--b",
        "cash:_a",
        "cash:银行",
        "cash:a\n",
    ],
)
def test_other_account_codes_are_refused(code: str) -> None:
    with pytest.raises(ValueError, match="is not an account"):
        rules.kind_of(code)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"key": ""}, "business key"),
        ({"key": "a b"}, "business key"),
        ({"key": "x" * 201}, "business key"),
        ({"cause": Cause(kind="", ref="1")}, "what it is for"),
        ({"cause": Cause(kind="order", ref="")}, "what it is for"),
        ({"postings": ()}, "has 0 postings"),
        ({"postings": (Posting("cash", 0), Posting("income", 0))}, "has 0 postings"),
        ({"postings": (*PAIR, Posting("cash", 1))}, "3 postings with sum 1"),
        ({"postings": (Posting("cash", True), Posting("income", -1))}, "whole number"),
        ({"postings": (Posting("cash", 1.0), Posting("income", -1.0))}, "whole number"),
        ({"postings": (Posting("cash", 10**12 + 1), Posting("income", -(10**12) - 1))}, "in range"),
    ],
)
def test_a_bad_draft_is_our_own_mistake(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rules.checked(draft(**changes))


def test_postings_of_nothing_are_left_out() -> None:
    assert rules.checked(draft(postings=(*PAIR, Posting("income:freight", 0)))).postings == PAIR


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "pay:2"},
        {"cause": Cause(kind="order", ref="2")},
        {"memo": "x"},
        {"book": Book.MEMO},
        {"reverses": "pay:0"},
        {"postings": (Posting("cash:alipay", 7651), Posting("income:goods", -7651))},
        {"postings": (Posting("cash:bank", 7650), Posting("income:goods", -7650))},
    ],
)
def test_content_hash_changes_with_the_content(changes: dict[str, Any]) -> None:
    assert rules.content_hash(draft(**changes)) != rules.content_hash(draft())


def test_content_hash_ignores_the_order_of_postings_and_the_day() -> None:
    same = draft(postings=PAIR[::-1], effective_on=date(2026, 10, 1))

    assert rules.content_hash(same) == rules.content_hash(draft())


def test_cash_receivables_and_expenses_usually_have_debit_balances() -> None:
    debit = {kind for kind in AccountKind if kind.normal_sign == 1}

    assert debit == {AccountKind.CASH, AccountKind.RECEIVABLE, AccountKind.EXPENSE}


def test_what_postings_take_from_the_usual_side() -> None:
    postings = (Posting("payable:farmer:a", 500), Posting("payable:farmer:a", 20), Posting("cash:bank", -520))

    assert rules.taken_fen(postings, account="payable:farmer:a") == 520
    assert rules.taken_fen(postings, account="cash:bank") == 520
    assert rules.taken_fen(postings, account="cash:alipay") == 0


@pytest.mark.parametrize(
    ("day", "closed_until", "expected"),
    [
        (date(2026, 9, 30), None, (date(2026, 9, 30), None)),
        (date(2026, 10, 1), date(2026, 10, 1), (date(2026, 10, 1), None)),
        (date(2026, 9, 30), date(2026, 10, 1), (date(2026, 10, 1), date(2026, 9, 30))),
    ],
)
def test_late_items_go_to_the_first_open_day_with_a_reference(
    day: date, closed_until: date | None, expected: tuple[date, date | None]
) -> None:
    assert rules.late_shift(day, closed_until_on=closed_until) == expected


@given(
    st.lists(st.tuples(st.sampled_from(["cash", "income", "payable:x"]), st.integers(-99, 99)), min_size=1)
)
def test_negated_postings_take_back_and_nothing_else_does(lines: list[tuple[str, int]]) -> None:
    postings = [Posting(account, fen) for account, fen in lines]

    assert rules.takes_back(rules.negated(postings)[::-1], postings)
    assert not rules.takes_back([*rules.negated(postings), Posting("cash", 1)], postings)
    assert sum(each.fen for each in [*postings, *rules.negated(postings)]) == 0


def test_seal_depends_on_everything_before_and_on_the_days() -> None:
    facts: dict[str, Any] = {
        "entry_id": UUID(int=1),
        "at": datetime(2026, 10, 5, tzinfo=UTC),
        "effective_on": date(2026, 10, 5),
        "late_for_on": None,
        "content": "c",
    }
    others = [
        ("b", {}),
        ("a", {"entry_id": UUID(int=2)}),
        ("a", {"at": datetime(2026, 10, 5, 0, 0, 0, 1, tzinfo=UTC)}),
        ("a", {"effective_on": date(2026, 10, 6)}),
        ("a", {"late_for_on": date(2026, 10, 4)}),
        ("a", {"content": "d"}),
    ]

    hashes = {rules.seal_hash(previous, **{**facts, **more}) for previous, more in [("a", {}), *others]}

    assert len(hashes) == 7


def canonical(value: object) -> str:
    """Hash canonical JSON the slow way."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(WORDS, WORDS, WORDS, st.one_of(st.none(), WORDS), st.lists(st.integers(-9, 9), max_size=4))
def test_hashes_are_those_of_canonical_json(
    key: str, ref: str, memo: str, reverses: str | None, amounts: list[int]
) -> None:
    postings = tuple(Posting(f"cash:{abs(fen)}", fen) for fen in amounts)
    entry = draft(key=key, cause=Cause("order", ref), memo=memo, reverses=reverses, postings=postings)
    at, day = datetime(2026, 10, 5, 8, 0, 0, 123, tzinfo=UTC), date(2026, 10, 5)
    some_id = UUID(int=7)

    assert rules.content_hash(entry) == canonical(
        {
            "key": key,
            "book": "real",
            "cause": ["order", ref],
            "memo": memo,
            "reverses": reverses,
            "postings": sorted([each.account, each.fen] for each in postings),
        }
    )
    for late in (None, date(2026, 9, 30)):
        assert rules.seal_hash("a" * 64, some_id, at, day, late, "b") == canonical(
            {
                "previous": "a" * 64,
                "id": str(some_id),
                "at": "2026-10-05T08:00:00.000123+00:00",
                "effective_on": "2026-10-05",
                "late_for_on": late.isoformat() if late else None,
                "content": "b",
            }
        )
