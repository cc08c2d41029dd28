"""What makes an entry a good one, and the hashes of its content and of the chain."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from uuid import UUID

from county.ledger.types import MOST_FEN, AccountKind, Draft, Entry, Posting

FIRST_HASH = "0" * 64
_WORD = r"[a-z0-9]+(?:[_-][a-z0-9]+)*"
_ACCOUNT = re.compile(rf"({'|'.join(AccountKind)})(?::{_WORD})*")
_KEY = re.compile(r"[^\s\x00-\x1f]{1,200}")


@lru_cache(maxsize=16_384)
def kind_of(account: str) -> AccountKind:
    """Read the kind of an account from its code.

    Refuses: `ValueError` when the code is not a known kind followed by `:words` of a-z, 0-9, `-` and `_`.
    """
    match = _ACCOUNT.fullmatch(account)
    if match is None or len(account) > 200:
        raise ValueError(
            f"{account!r} is not an account; expected one of {', '.join(AccountKind)} "
            "followed by :words of a-z, 0-9, single - and _"
        )
    return AccountKind(match[1])


def checked(draft: Draft) -> Draft:
    """Check a draft and leave out its postings of 0 fen.

    Refuses: `ValueError` unless two or more postings remain that sum to 0, on accounts with good codes,
    under a key without spaces and with a cause.
    """
    if not _KEY.fullmatch(draft.key):
        raise ValueError(f"{draft.key!r} is not a business key; expected 1 to 200 characters without spaces")
    if not draft.cause.kind or not draft.cause.ref:
        raise ValueError(f"entry {draft.key} does not say what it is for")
    postings = draft.postings
    amounts = [posting.fen for posting in postings]
    if 0 in amounts:
        postings = tuple(posting for posting in postings if posting.fen != 0)
        draft, amounts = replace(draft, postings=postings), [posting.fen for posting in postings]
    for posting in postings:
        kind_of(posting.account)
    for fen in amounts:
        if type(fen) is not int or not -MOST_FEN <= fen <= MOST_FEN:
            raise ValueError(f"entry {draft.key}: {fen!r} is not a whole number of fen in range")
    total_fen = sum(amounts)
    if total_fen != 0 or len(postings) < 2:
        raise ValueError(
            f"entry {draft.key} has {len(postings)} postings with sum {total_fen}; expected 2 or more and 0"
        )
    return draft


def negated(postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """Give the postings that take others back."""
    return tuple(Posting(account=each.account, fen=-each.fen) for each in postings)


def takes_back(postings: Sequence[Posting], first: Sequence[Posting]) -> bool:
    """Tell whether postings are exactly the negation of the first ones, in any order."""
    wanted = sorted((each.account, -each.fen) for each in first)
    return sorted((each.account, each.fen) for each in postings) == wanted


def taken_fen(postings: Sequence[Posting], *, account: str) -> int:
    """Sum what postings take away from the usual side of an account."""
    sign = kind_of(account).normal_sign
    return -sign * sum(each.fen for each in postings if each.account == account)


def late_shift(effective_on: date, *, closed_until_on: date | None) -> tuple[date, date | None]:
    """Move a day inside a closed period to the first open one, and name the day it was meant for."""
    if closed_until_on is None or effective_on >= closed_until_on:
        return effective_on, None
    return closed_until_on, effective_on


def content_hash(draft: Draft | Entry) -> str:
    """Hash what an entry says, without when it was said; the order of the postings does not matter.

    What is hashed is canonical JSON: names sorted, no spaces, text as it is. It is put together by hand,
    which takes a quarter of the time of `json.dumps`; a test compares the two.
    """
    lines = sorted([(each.account, each.fen) for each in draft.postings])
    postings = ",".join([f"[{quoted(account)},{fen}]" for account, fen in lines])
    reverses = "null" if draft.reverses is None else quoted(draft.reverses)
    return _hash(
        f'{{"book":"{draft.book.value}","cause":[{quoted(draft.cause.kind)},{quoted(draft.cause.ref)}],'
        f'"key":{quoted(draft.key)},"memo":{quoted(draft.memo)},"postings":[{postings}],"reverses":{reverses}}}'
    )


def seal_hash(
    previous: str, entry_id: UUID, at: datetime, effective_on: date, late_for_on: date | None, content: str
) -> str:
    """Compute the hash that chains an entry to all entries before it; canonical JSON as above."""
    late = "null" if late_for_on is None else f'"{late_for_on.isoformat()}"'
    return _hash(
        f'{{"at":"{_instant(at)}","content":{quoted(content)},'
        f'"effective_on":"{effective_on.isoformat()}","id":"{entry_id}","late_for_on":{late},'
        f'"previous":{quoted(previous)}}}'
    )


@lru_cache(maxsize=64)
def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
