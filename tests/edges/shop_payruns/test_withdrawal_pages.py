"""The page of the cooperative's money: what it shows, who may book, two clerks at once, warnings of runs."""

import pytest

from county import database
from county.errors import Refused
from county.ledger import service as ledger
from county.people.types import Role
from shop.accounts.rules import BANK, money_account
from shop.sellers import service as sellers
from shop.withdrawals import service
from shop.withdrawals.types import NewWithdrawal, Source
from tests.makers.payees import acting
from tests.makers.people import NOW, make_person
from tests.makers.web import all_at_once, make_browser

SHORT = "There is not enough in the bank account"


@pytest.fixture
def coop(office):
    """Give the cooperative, for which 76.50 lie at Alipay."""
    with database.reading() as db:
        [seller] = sellers.list_sellers(db)
        assert ledger.balance(db, account=money_account(seller)) == 7650
    return seller


def listed():
    with database.reading() as db:
        return service.list_withdrawals(db)


def in_bank():
    with database.reading() as db:
        return ledger.balance(db, account=BANK)


def fields(coop, **changes):
    usual = {
        "source": "alipay",
        "seller_id": str(coop.id),
        "yuan": "70.00",
        "arrived_on": "2026-10-05",
        "reference": " ls 2026-1 ",
    }
    return {**usual, **changes}


def test_clerk_books_a_withdrawal_and_takes_it_back(office, coop):
    assert "76.50" in office.one.get("/withdrawals").text

    for _twice in range(2):
        assert office.one.post("/withdrawals", data=fields(coop)).status_code == 303

    [made] = listed()
    assert (made.reference, made.fen, made.booked_by) == ("LS2026-1", 7000, "马丽")
    assert in_bank() == 7000
    shown = office.two.get("/withdrawals").text
    assert "LS2026-1" in shown and "booked by 马丽" in shown
    back = f"/withdrawals/{made.id}/reverse"
    assert office.two.post(back, data={"reason": ""}).status_code == 422
    assert in_bank() == 7000
    assert office.two.post(back, data={"reason": "记错了"}).status_code == 303
    again = office.one.post(back, data={"reason": "再来"})
    assert (again.status_code, in_bank()) == (409, 0)
    assert "LS2026-1 was taken back already." in again.text
    assert "taken back by 罗斌" in office.one.get("/withdrawals").text


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"yuan": "76.51"}, 409, "According to our books ¥76.50 lie at Alipay"),
        ({"yuan": "7o"}, 422, "expected an amount such as 12.30"),
        ({"arrived_on": "2026-10-06"}, 422, "expected a day of the last year, today at the latest"),
        ({"arrived_on": "soon"}, 422, "expected a day such as 2026-10-31"),
        ({"reference": "1"}, 422, "expected 3 to 60 digits and letters"),
        ({"source": "gift"}, 422, "please choose one"),
        ({"seller_id": "x"}, 422, "please choose one"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_books_nothing(office, coop, changes, status, says):
    answer = office.one.post("/withdrawals", data=fields(coop, **changes))

    assert (answer.status_code, listed(), in_bank()) == (status, [], 0)
    assert says in answer.text
    assert 'aria-invalid="true"' in answer.text or "field wrong" in answer.text


def test_auditor_reads_and_others_do_neither(office, coop):
    with database.transaction() as db:
        auditor, farmer = make_person(db, Role.AUDITOR), office.grower
    browser = make_browser(office.app, auditor)

    page = browser.get("/withdrawals")

    assert (page.status_code, 'action="/withdrawals"' in page.text) == (200, False)
    assert browser.post("/withdrawals", data=fields(coop)).status_code == 403
    assert make_browser(office.app, farmer).get("/withdrawals").status_code == 403
    assert listed() == []


def test_two_clerks_at_once_never_withdraw_more_than_lies_there(office, coop):
    def press(number):
        try:
            with database.transaction() as db:
                new = NewWithdrawal(coop.id, Source.ALIPAY, 4000, NOW.date(), f"LS-{number}")
                service.record_withdrawal(db, new=new, actor=acting(office.admins[number % 2]), now=NOW)
            return "booked"
        except Refused as refusal:
            return refusal.code

    given = all_at_once(press, list(range(4)))

    assert sorted(given) == ["booked", "more_than_at_alipay", "more_than_at_alipay", "more_than_at_alipay"]
    assert (len(listed()), in_bank()) == (1, 4000)


def test_two_clerks_at_once_book_one_reference_once_with_the_same_answer(office, coop):
    def press(number):
        with database.transaction() as db:
            new = NewWithdrawal(coop.id, Source.ALIPAY, 7650, NOW.date(), "LS-1")
            made = service.record_withdrawal(db, new=new, actor=acting(office.admins[number % 2]), now=NOW)
            return made.id

    given = all_at_once(press, list(range(4)))

    assert set(given) == {made.id for made in listed()}
    assert (len(listed()), in_bank()) == (1, 7650)


def test_run_larger_than_the_bank_account_is_warned_of_and_not_stopped(office, coop):
    assert SHORT in office.one.get("/pay-runs").text
    address = office.one.post("/pay-runs", data={"kind": "growers"}).headers["Location"]
    page = office.one.get(address).text
    assert SHORT in page and "this run sends ¥65.07" in page
    assert office.two.post(f"{address}/confirm", data={"version": 1}).status_code == 303
    assert "¥65.07 more have to come into the bank account" in office.one.get("/withdrawals").text

    office.one.post("/withdrawals", data=fields(coop, yuan="65.07"))

    assert SHORT not in office.one.get(address).text
    assert "more have to come into the bank account" not in office.one.get("/withdrawals").text
    for version, step in ((2, "export"), (3, "send")):
        assert office.two.post(f"{address}/{step}", data={"version": version}).status_code == 303
    assert in_bank() == 0


def test_run_is_sent_although_the_books_say_too_little(office):
    address = office.one.post("/pay-runs", data={"kind": "growers"}).headers["Location"]
    for version, step in enumerate(("confirm", "export", "send"), 1):
        assert office.two.post(f"{address}/{step}", data={"version": version}).status_code == 303

    assert SHORT not in office.one.get(address).text
    assert in_bank() == -6507


def test_returned_payment_stands_among_the_tasks_until_it_is_tried_again(office):
    from tests.edges.shop_payruns.test_payrun_pages import answer, send

    address, run = send(office)
    serial = run.items[0].item_no
    answer(office.one, address, f"流水号,处理结果,失败原因\r\n{serial},失败,户名不符\r\n")

    page = office.one.get("/payments/tasks").text
    assert "The bank could not pay ¥65.07 to" in page and address in page
    done = office.one.post("/payments/tasks", data={"source": "payruns", "key": serial, "act": "again"})

    assert done.status_code == 303
    assert serial not in office.one.get("/payments/tasks").text
    assert "The bank could not pay" not in office.one.get("/payments/tasks").text
