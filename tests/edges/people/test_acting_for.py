"""An agent at the pages: within the scope, with both names on record, out with the next request."""

import pytest

from county import clock, database
from county.audit import service as audit
from county.people import service as people
from county.people.types import Role, Scope
from shop.catalogue import service as catalogue
from tests.makers.people import ROBOT, make_person
from tests.makers.shop import make_grower, make_product
from tests.makers.web import make_browser

ROUTES = {
    Scope.LIST_PRODUCTS: [
        ("GET", "/sell"),
        ("GET", "/sell/{product}"),
        ("POST", "/sell/new"),
        ("POST", "/sell/{product}/price"),
        ("POST", "/sell/{product}/withdraw"),
        ("POST", "/sell/{product}/relist"),
    ],
    Scope.PACK_ORDERS: [
        ("GET", "/packing"),
        ("GET", "/packing/X"),
        ("POST", "/packing/X"),
        ("POST", "/sell/lots"),
    ],
    Scope.SEE_MONEY: [("GET", "/money")],
    Scope.ANSWER_CLAIMS: [
        ("GET", "/sell/claims"),
        ("GET", "/sell/claims/X"),
        ("POST", "/sell/claims/X/approve"),
        ("POST", "/sell/claims/X/refuse"),
        ("GET", "/sell/lots"),
        ("GET", "/sell/lots/X"),
    ],
    Scope.REQUEST_SESSIONS: [("GET", "/sell/live"), ("GET", "/sell/live/new"), ("POST", "/sell/live/new")],
}


@pytest.fixture
def village(web_app):
    """Make a grower with a product, and an agent."""
    with database.transaction() as db:
        grower = make_grower(db)
        return grower, make_person(db, Role.VILLAGE_AGENT, name="村代办"), make_product(db, grower=grower)


def give(grower, agent, *scopes):
    with database.transaction() as db:
        now = clock.now()
        return people.give_consent(
            db,
            farmer_id=grower.id,
            agent_id=agent.id,
            scopes=scopes,
            paper_ref="委托-1",
            starts_at=now,
            ends_at=now.replace(year=now.year + 1, day=1),
            actor=ROBOT,
            now=now,
        )


@pytest.mark.parametrize("scope", list(Scope))
def test_agent_reaches_only_what_the_farmer_consented_to(web_app, village, scope):
    grower, agent, product = village
    give(grower, agent, scope)
    browser = make_browser(web_app, agent, acting_for=grower.id)

    for each, routes in ROUTES.items():
        for method, path in routes:
            answer = browser.open(path.format(product=product.product_id), method=method)
            if each is scope:
                assert answer.status_code not in (401, 403, 500), (method, path)
            else:
                assert (answer.status_code, "consent" in answer.text) == (403, True), (method, path)


def test_agent_without_consent_cannot_act(web_app, village):
    grower, agent, _product = village
    browser = make_browser(web_app, agent)

    assert browser.post("/act-for", data={"farmer_id": str(grower.id)}).status_code == 403
    assert browser.post("/act-for", data={"farmer_id": "x"}).status_code == 404
    assert browser.get("/sell").status_code == 403


def test_withdrawing_puts_the_agent_out_with_the_next_request(web_app, village):
    grower, agent, product = village
    consent_id = give(grower, agent, *Scope)
    browser = make_browser(web_app, agent, acting_for=grower.id)
    assert browser.get("/sell").status_code == 200
    withdraw = f"/consents/{consent_id}/withdraw"
    assert browser.post(withdraw).status_code == 404

    assert make_browser(web_app, grower).post(withdraw).status_code == 303

    assert browser.get("/sell").status_code == 403
    assert browser.post(f"/sell/{product.product_id}/withdraw").status_code == 403
    with database.reading() as db:
        assert catalogue.get_product(db, product_id=product.product_id).state == "listed"


def test_what_an_agent_does_is_recorded_with_both(web_app, village):
    grower, agent, product = village
    give(grower, agent, Scope.LIST_PRODUCTS)
    browser = make_browser(web_app, agent, acting_for=grower.id)

    assert browser.post(f"/sell/{product.product_id}/withdraw").status_code == 303

    with database.reading() as db:
        (entry,) = [
            each
            for each in audit.list_records(db, object=("product", str(product.product_id)))
            if each.action == "product.withdraw"
        ]
    assert (entry.person_id, entry.on_behalf_of) == (agent.id, grower.id)
    assert entry.role == "village_agent"
