"""The pages on which couriers are paid: the firm's account, the run, what its clerk sees, what is open."""

import pytest

from county import clock, database
from county.people.types import Role
from shop.payees import service as payees
from shop.payees.types import AccountState
from shop.payruns import service
from shop.payruns.types import RunKind, RunState
from tests.makers.logistics import (
    MONTH_OVER,
    agree,
    close_month,
    compute_month,
    make_carrier,
    make_clerk,
    make_statement,
)
from tests.makers.payees import make_admin, make_carrier_account
from tests.makers.people import make_person
from tests.makers.web import make_browser


class Pool:
    """The pool after October: 中通 is owed 9.00; two of the association, a clerk of each courier."""

    def __init__(self, web_app):
        with database.transaction() as db:
            self.zto, self.yto = make_carrier(db), make_carrier(db, "圆通")
            admins = make_admin(db), make_admin(db, name="罗斌")
            agree(db, make_statement(db, person_id=admins[0].id, too_much_fen=100))
            compute_month(db, person_id=admins[0].id)
            close_month(db, person_id=admins[1].id)
            people = [*admins, make_clerk(db), make_clerk(db, carrier="圆通"), make_person(db, Role.AUDITOR)]
        browsers = [make_browser(web_app, each) for each in people]
        self.one, self.two, self.zto_clerk, self.yto_clerk, self.auditor = browsers


@pytest.fixture
def pool(web_app, monkeypatch):
    """Let October be over."""
    monkeypatch.setattr(clock, "now", lambda: MONTH_OVER)
    return Pool(web_app)


def propose(client, carrier, **other):
    given = {
        "carrier": str(carrier),
        "kind": "bank",
        "holder": "中通快递岚皋网点",
        "number": "6222 0000 0000 0001",
        "bank": "农业银行",
        "branch": "岚皋县支行",
        "consent_paper": "公函 12",
    }
    return client.post("/accounts", data=given | other)


def accounts():
    with database.reading() as db:
        return payees.list_accounts(db)


def test_account_of_a_courier_is_typed_by_one_and_confirmed_by_another(pool):
    assert "中通" in pool.one.get("/accounts").text

    assert propose(pool.one, pool.zto.id).status_code == 303

    (account,) = accounts()
    assert (account.payee, account.masked, account.state) == ("中通", "**** 0001", AccountState.PROPOSED)
    assert "A second person confirms this." in pool.one.get("/accounts").text
    assert pool.one.post(f"/accounts/{account.id}/confirm").status_code == 403
    assert pool.two.post(f"/accounts/{account.id}/confirm").status_code == 303
    assert accounts()[0].state is AccountState.CONFIRMED
    assert "it now ends in 0001" in pool.zto_clerk.get("/me").text


@pytest.mark.parametrize(
    ("carrier", "other", "says"),
    [
        ("zto", {"kind": "alipay", "number": "2088123412341234"}, "a courier is paid on a bank account only"),
        ("7d9f9f0e-0000-4000-8000-000000000000", {}, "There is no such carrier."),
        ("中通", {}, "There is no such carrier."),
        ("", {"phone": "13800009999"}, "There is no such person."),
        ("zto", {"number": "12"}, "expected 8 to 30 digits and nothing else"),
    ],
)
def test_what_cannot_be_an_account_is_said_at_its_field(pool, carrier, other, says):
    answer = propose(pool.one, pool.zto.id if carrier == "zto" else carrier, **other)

    assert (says in answer.text, answer.status_code) == (True, answer.status_code)
    assert 400 <= answer.status_code < 500
    assert accounts() == []


def test_run_of_couriers_is_made_and_seen_by_the_firm_alone(pool):
    assert "There is no confirmed bank account" in pool.one.get("/pay-runs?kind=couriers").text
    with database.transaction() as db:
        make_carrier_account(db, pool.zto)
    assert "Make a run: 1 courier · ¥9.00" in pool.one.get("/pay-runs?kind=couriers").text
    address = pool.one.post("/pay-runs", data={"kind": "couriers"}).headers["Location"]
    for version, step in enumerate(("confirm", "export", "send"), 1):
        assert pool.two.post(f"{address}/{step}", data={"version": version}).status_code == 303

    with database.reading() as db:
        (run,) = service.list_runs(db, kind=RunKind.COURIERS)
    assert (run.state, run.net_fen) == (RunState.SENT, 900)
    assert "中通" in pool.auditor.get(address).text
    mine, other = (each.get("/my-payments") for each in (pool.zto_clerk, pool.yto_clerk))
    assert ("¥9.00" in mine.text, run.items[0].item_no in mine.text, "中通" in mine.text) == (
        True,
        True,
        True,
    )
    assert ("9.00" in other.text, "中通" in other.text, "圆通" in other.text) == (False, False, True)
    assert pool.zto_clerk.get(address).status_code == 403


def test_settlement_shows_what_is_open_and_a_clerk_sees_the_own_line(pool):
    open_with = "Still open with couriers"

    assert open_with in pool.one.get("/settlement").text
    assert open_with in pool.zto_clerk.get("/settlement").text
    assert open_with not in pool.yto_clerk.get("/settlement").text


def test_clerk_of_no_courier_is_told_so(web_app):
    with database.transaction() as db:
        stray = make_person(db, Role.COURIER_CLERK)

    assert make_browser(web_app, stray).get("/my-payments").status_code == 404
