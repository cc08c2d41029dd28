"""Passwords, one-time codes and tokens: how long they count, how often, for whom."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from county.people import rules, service
from county.people.tables import SignInCodeRow
from county.people.types import PhoneTaken, Role, TokenKind, TooManyTries
from tests.makers.people import NOW, make_person

KEY = "k" * 40
SECOND = timedelta(seconds=1)


def sign_in(db, person, *, fits=True, address="127.0.0.1", now=NOW):
    return service.sign_in(
        db,
        phone=person if isinstance(person, str) else person.phone,
        fits=fits,
        kind=TokenKind.API,
        address=address,
        request_id="r-12345678",
        now=now,
    )


def caller(db, token, now=NOW):
    return service.find_caller(db, token=token, address="", request_id="r-12345678", now=now)


def code(db, person, now=NOW):
    return service.make_code(db, phone=person.phone, secret_key=KEY, now=now)


def fits(db, person, typed, now=NOW, key=KEY):
    return service.code_fits(db, phone=person.phone, code=typed, secret_key=key, now=now)


def wrong(typed):
    return f"{(int(typed) + 1) % 1_000_000:06d}"


def test_password_fits_only_its_own_hash():
    kept = service.hash_password("shanhuo-demo")

    assert service.password_fits(kept, "shanhuo-demo")
    assert not service.password_fits(kept, "shanhuo-demO")
    assert not service.password_fits(None, "shanhuo-demo")
    assert not service.password_fits("no hash", "shanhuo-demo")
    assert service.hash_password("shanhuo-demo") != kept


def test_code_is_used_once(db):
    person = make_person(db)
    sent = code(db, person)

    assert [fits(db, person, sent), fits(db, person, sent)] == [True, False]


def test_code_lives_five_minutes(db):
    person = make_person(db)
    sent = code(db, person)

    assert not fits(db, person, sent, now=NOW + timedelta(minutes=5))
    assert fits(db, person, sent, now=NOW + timedelta(minutes=5) - SECOND)


def test_fifth_wrong_try_closes_a_code(db):
    person = make_person(db)
    sent = code(db, person)
    for _ in range(4):
        assert not fits(db, person, wrong(sent))
    other = make_person(db)
    again = code(db, other)
    for _ in range(5):
        assert not fits(db, other, wrong(again))

    assert fits(db, person, sent)
    assert not fits(db, other, again)


def test_phone_has_one_open_code_of_its_own(db):
    person, other = make_person(db), make_person(db)
    first = code(db, person)
    second = code(db, person)
    while second == first:
        second = code(db, person)

    assert not fits(db, person, first)
    assert not fits(db, other, second)
    assert not fits(db, person, second, key="another installation")
    query = select(func.count()).where(SignInCodeRow.phone == person.phone, SignInCodeRow.used_at.is_(None))
    assert db.scalar(query) == 1
    assert fits(db, person, second)


def test_token_lives_thirty_days_and_ends_with_signing_out(db):
    person = make_person(db, Role.BUYER)
    token = sign_in(db, person).token

    assert caller(db, token).person_id == person.id
    assert caller(db, token, NOW + rules.TOKEN_LIFE - SECOND) is not None
    assert caller(db, token, NOW + rules.TOKEN_LIFE) is None
    assert caller(db, token + "x") is None
    service.sign_out(db, token=token, now=NOW)
    assert caller(db, token) is None


def test_five_failures_close_the_account_for_five_minutes(db):
    person, other = make_person(db), make_person(db)
    for number in range(5):
        assert sign_in(db, person, fits=False, address=f"10.0.0.{number}") is None

    with pytest.raises(TooManyTries):
        sign_in(db, person, address="10.0.0.9")
    assert sign_in(db, other, address="10.0.0.9") is not None
    assert sign_in(db, person, address="10.0.0.9", now=NOW + timedelta(minutes=5)) is not None


def test_five_failures_close_the_address_for_all_accounts(db):
    people = [make_person(db) for _ in range(6)]
    for person in people[:5]:
        assert sign_in(db, person, fits=False, address="10.0.0.1") is None

    with pytest.raises(TooManyTries):
        sign_in(db, people[5], address="10.0.0.1")
    assert sign_in(db, people[5], address="10.0.0.2") is not None


def test_right_sign_in_forgets_the_accounts_failures_but_not_the_addresses(db):
    person = make_person(db)
    for _ in range(4):
        sign_in(db, person, fits=False, address="10.0.0.1")
    sign_in(db, person, address="10.0.0.1")

    assert sign_in(db, person, fits=False, address="10.0.0.1") is None
    with pytest.raises(TooManyTries):
        sign_in(db, person, address="10.0.0.1")


def test_failures_of_unknown_numbers_count_too(db):
    for _ in range(5):
        assert sign_in(db, "13700000000", fits=False) is None

    with pytest.raises(TooManyTries):
        sign_in(db, "13700000000")


def test_phone_number_has_one_account(db):
    person = make_person(db)

    with pytest.raises(PhoneTaken):
        make_person(db, phone=person.phone)
