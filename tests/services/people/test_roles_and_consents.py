"""Roles take two people; agents act within a consent that holds now."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.audit.types import Actor
from county.errors import NotFound
from county.people import service
from county.people.types import NoConsent, Role, SamePerson, Scope, TokenKind
from tests.makers.people import NOW, ROBOT, make_consent, make_farmer, make_person

DAY = timedelta(days=1)


def acting(person):
    return Actor(person.id, Role.ASSOCIATION_ADMIN, None, "r-12345678")


@pytest.fixture
def admins(db):
    """Make two people of the association."""
    return [make_person(db, Role.ASSOCIATION_ADMIN, name=name) for name in ("甲", "乙")]


def roles_of(db, person):
    return service.get_person(db, person_id=person.id).roles


def test_role_is_given_and_taken_by_two(db, admins):
    person, (one, two) = make_person(db, Role.BUYER), admins
    for grants, after in ((True, {Role.BUYER, Role.DRIVER}), (False, {Role.BUYER})):
        before = roles_of(db, person)
        change_id = service.propose_role(
            db, person_id=person.id, role=Role.DRIVER, grants=grants, actor=acting(one), now=NOW
        )
        with pytest.raises(SamePerson):
            service.confirm_role(db, change_id=change_id, actor=acting(one), now=NOW)
        assert roles_of(db, person) == before

        service.confirm_role(db, change_id=change_id, actor=acting(two), now=NOW)
        assert roles_of(db, person) == after
        with pytest.raises(NotFound):
            service.confirm_role(db, change_id=change_id, actor=acting(two), now=NOW)


def test_database_refuses_a_role_confirmed_by_its_proposer(db, admins):
    service.propose_role(
        db, person_id=admins[1].id, role=Role.DRIVER, grants=True, actor=acting(admins[0]), now=NOW
    )

    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(
            text("UPDATE county_role_change SET confirmed_by = proposed_by, confirmed_at = proposed_at")
        )


@pytest.fixture
def pair(db):
    """Make a farmer and an agent who is signed in."""
    farmer, agent = make_farmer(db), make_person(db, Role.VILLAGE_AGENT, name="村代办")
    signed = service.sign_in(
        db,
        phone=agent.phone,
        fits=True,
        kind=TokenKind.BROWSER,
        address="",
        request_id="r-12345678",
        now=NOW,
    )
    return farmer, agent, signed.token


def act(db, token, farmer, now=NOW):
    service.act_for(db, token=token, farmer_id=farmer.id if farmer else None, actor=ROBOT, now=now)


def caller(db, token, now=NOW):
    return service.find_caller(db, token=token, address="", request_id="r-12345678", now=now)


def test_agent_acts_only_with_a_consent_that_holds(db, pair):
    farmer, agent, token = pair
    with pytest.raises(NoConsent):
        act(db, token, farmer)
    make_consent(db, farmer_id=farmer.id, agent_id=agent.id)
    other = make_farmer(db, name="别人")
    for who, now in ((other, NOW), (farmer, NOW - 2 * DAY), (farmer, NOW + 365 * DAY)):
        with pytest.raises((NoConsent, NotFound)):
            act(db, token, who, now)
    assert caller(db, token).acting_for is None

    act(db, token, farmer)

    found = caller(db, token)
    assert (found.subject_id, found.actor_id) == (farmer.id, agent.id)
    assert (found.acting_for_name, found.name) == (farmer.name, "村代办")
    act(db, token, None)
    assert caller(db, token).subject_id == agent.id


def test_withdrawn_consent_ends_with_the_next_request(db, pair):
    farmer, agent, token = pair
    consent_id = make_consent(db, farmer_id=farmer.id, agent_id=agent.id)
    act(db, token, farmer)
    for stranger in (agent, make_farmer(db)):
        with pytest.raises(NotFound):
            service.withdraw_consent(db, consent_id=consent_id, farmer_id=stranger.id, actor=ROBOT, now=NOW)
    assert caller(db, token).acting_for == farmer.id

    service.withdraw_consent(db, consent_id=consent_id, farmer_id=farmer.id, actor=ROBOT, now=NOW)

    assert caller(db, token).acting_for is None
    with pytest.raises(NoConsent):
        act(db, token, farmer)
    with pytest.raises(NotFound):
        service.withdraw_consent(db, consent_id=consent_id, farmer_id=farmer.id, actor=ROBOT, now=NOW)


def test_consent_ends_by_itself(db, pair):
    farmer, agent, token = pair
    make_consent(db, farmer_id=farmer.id, agent_id=agent.id)
    act(db, token, farmer)

    def scopes(now):
        return service.scopes_of(db, farmer_id=farmer.id, agent_id=agent.id, now=now)

    assert scopes(NOW - DAY) == frozenset(Scope)
    assert scopes(NOW - DAY - timedelta(seconds=1)) == frozenset()
    assert scopes(NOW + 365 * DAY) == frozenset()


def test_scope_is_what_was_consented_to(db, pair):
    farmer, agent, token = pair
    make_consent(db, farmer_id=farmer.id, agent_id=agent.id, scopes=(Scope.PACK_ORDERS,))
    act(db, token, farmer)
    found = caller(db, token)

    service.require_scope(found, Scope.PACK_ORDERS)
    for scope in (Scope.LIST_PRODUCTS, Scope.SEE_MONEY, Scope.REQUEST_SESSIONS):
        with pytest.raises(NoConsent):
            service.require_scope(found, scope)
