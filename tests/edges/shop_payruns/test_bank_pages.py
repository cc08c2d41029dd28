"""The page of the bank account: what it shows, who may book, two clerks at once, warnings of runs."""

import re

import pytest

from county import database
from county.errors import Refused
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.people.types import Role
from logistics.carriers import service as carriers
from logistics.carriers.types import CarrierKind
from shop.accounts.rules import BANK, OWN_MONEY, TAX, money_account
from shop.bank import service
from shop.bank.types import LineKind, NewLine
from shop.sellers import service as sellers
from tests.makers.payees import acting
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.web import all_at_once, make_browser

SHORT = "There is not enough in the bank account"


@pytest.fixture
def coop(office):
    """Give the cooperative, for which 76.50 lie at Alipay; 中通 owes 50.00, 30.00 of tax are withheld."""
    with database.transaction() as db:
        [seller] = sellers.list_sellers(db)
        assert ledger.balance(db, account=money_account(seller)) == 7650
        for name in ("中通", "圆通"):
            courier = carriers.add_carrier(db, name=name, kind=CarrierKind.EXPRESS, actor=ROBOT, now=NOW)
            if name == "中通":
                owed = [
                    Posting(f"receivable:courier:{courier.id}", 5000),
                    Posting("income:joint-tours", -5000),
                ]
                ledger.post(db, key="net:2026-09", cause=Cause("period", "x"), postings=owed, now=NOW)
        withheld = [Posting("expense:claims", 3000), Posting(TAX, -3000)]
        ledger.post(db, key="withheld", cause=Cause("test", "x"), postings=withheld, now=NOW)
    return seller


def courier_id(name="中通"):
    with database.reading() as db:
        return carriers.get_carrier(db, name=name).id


def listed():
    with database.reading() as db:
        return service.list_lines(db)


def balance(account=BANK):
    with database.reading() as db:
        return ledger.balance(db, account=account)


def came_in(**changes):
    usual = {
        "kind": "alipay",
        "yuan": "70.00",
        "moved_on": "2026-10-05",
        "reference": " ls 2026-1 ",
    }
    return {f"in_{name}": value for name, value in {**usual, **changes}.items()}


def went_out(**changes):
    usual = {"kind": "tax", "yuan": "30.00", "moved_on": "2026-10-05", "reference": "LS2026-2"}
    return {f"out_{name}": value for name, value in {**usual, **changes}.items()}


def test_clerk_books_a_line_and_takes_it_back(office, coop):
    assert "76.50" in office.one.get("/bank").text

    for _twice in range(2):
        answer = office.one.post("/bank/in", data=came_in(party=str(coop.id)))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/bank?month=2026-10")

    [made] = listed()
    assert (made.reference, made.fen, made.booked_by) == ("LS2026-1", 7000, "马丽")
    assert balance() == 7000
    shown = office.two.get("/bank").text
    assert "LS2026-1" in shown and "booked by 马丽" in shown and coop.name in shown
    back = f"/bank/{made.id}/reverse?month=2026-10"
    assert office.two.post(back, data={"reason": ""}).status_code == 422
    assert balance() == 7000
    answer = office.two.post(back, data={"reason": "记错了"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bank?month=2026-10")
    again = office.one.post(back, data={"reason": "再来"})
    assert (again.status_code, balance()) == (409, 0)
    assert "LS2026-1 was taken back already." in again.text
    assert "taken back by 罗斌" in office.one.get("/bank").text


def test_what_went_out_and_what_couriers_paid_is_booked_from_the_page(office, coop):
    page = office.one.get("/bank").text
    assert "Withheld and not yet paid ¥30.00" in page
    assert "中通 · Still owed ¥50.00" in page and "圆通" not in page

    for form, data in (
        ("out", went_out()),
        ("out", went_out(kind="spending", yuan="12.00", reference="LS2026-3", note="快递纸箱")),
        ("in", came_in(kind="courier_in", party=str(courier_id()), yuan="50.00")),
        ("in", came_in(kind="own_in", yuan="1,000.00", reference="KH1")),
        ("out", went_out(kind="own_out", yuan="1.00", reference="KH2")),
    ):
        assert office.one.post(f"/bank/{form}", data=data).status_code == 303

    assert balance() == -3000 - 1200 + 5000 + 100_000 - 100
    assert (balance(TAX), balance(OWN_MONEY)) == (0, -99_900)
    page = office.one.get("/bank").text
    assert "快递纸箱" in page and "Withheld and not yet paid ¥0.00" in page
    assert "中通 · Still owed" not in page
    assert page.count("It is wrong") == 5


@pytest.mark.parametrize(
    ("form", "changes", "status", "field", "says"),
    [
        ("in", {"yuan": "76.51"}, 409, "yuan", "At most to withdraw: ¥76.50 according to our books."),
        ("in", {"yuan": "7o"}, 422, "yuan", "Please type an amount such as 1234.50."),
        ("in", {"yuan": "12,50"}, 422, "yuan", "Please type an amount such as 1234.50."),
        ("in", {"yuan": "99999999999.99"}, 422, "yuan", "up to a billion yuan"),
        ("in", {"moved_on": "2026-10-06"}, 422, "moved_on", "Please type a day of the last year"),
        ("in", {"moved_on": "soon"}, 422, "moved_on", "Please type a day such as 2026-10-31."),
        (
            "in",
            {"reference": "1"},
            422,
            "reference",
            "Please type 3 to 60 digits, letters, dots, dashes or slashes.",
        ),
        ("in", {"kind": "gift"}, 422, "kind", "Please choose what it was."),
        ("in", {"kind": "tax"}, 422, "kind", "Please choose what it was."),
        ("in", {"party": "x"}, 422, "party", "Please choose one from the list."),
        ("in", {"party": "中通"}, 422, "party", "Please choose whose Alipay account it came from."),
        ("in", {"kind": "courier_in"}, 422, "party", "Please choose the courier that paid."),
        ("in", {"kind": "courier_in", "party": "圆通"}, 409, "yuan", "Still owed: ¥0.00"),
        ("in", {"kind": "own_in", "party": "中通"}, 422, "party", "nobody&#39;s in particular"),
        ("out", {"yuan": "30.01"}, 409, "yuan", "Withheld and not yet paid: ¥30.00"),
        ("out", {"kind": "spending"}, 422, "note", "Please say what the money was spent on."),
        ("out", {"kind": "spending", "note": "纸" * 81}, 422, "note", "Please use at most 80 characters."),
        ("out", {"kind": "alipay"}, 422, "kind", "Please choose what it was."),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_books_nothing(
    office, coop, form, changes, status, field, says
):
    if changes.get("party") in ("中通", "圆通"):
        changes = {**changes, "party": str(courier_id(changes["party"]))}
    data = came_in(**changes) if form == "in" else went_out(**changes)

    answer = office.one.post(f"/bank/{form}", data=data)

    assert (answer.status_code, listed(), balance()) == (status, [], 0)
    assert re.search(rf'<p class="error" id="{form}_{field}-error">.*?{re.escape(says)}', answer.text, re.S)
    other = "out" if form == "in" else "in"
    assert f'href="#{form}_{field}"' in answer.text and f"{other}_yuan-error" not in answer.text


def test_reference_of_another_line_is_refused_at_its_field(office, coop):
    assert office.one.post("/bank/out", data=went_out(reference="LS1")).status_code == 303

    answer = office.two.post("/bank/in", data=came_in(reference="LS1"))

    assert (answer.status_code, len(listed())) == (409, 1)
    assert "LS1 is booked already: ¥30.00, 2026-10-05." in answer.text
    assert 'id="in_reference-error"' in answer.text


def test_auditor_reads_and_others_do_neither(office, coop):
    with database.transaction() as db:
        auditor, farmer = make_person(db, Role.AUDITOR), office.grower
        hub, agent = make_person(db, Role.HUB_CLERK), make_person(db, Role.VILLAGE_AGENT)
    office.one.post("/bank/out", data=went_out())
    [made] = listed()
    browser = make_browser(office.app, auditor)

    page = browser.get("/bank")

    assert (page.status_code, 'action="/bank' in page.text.replace('action="/bank"', "")) == (200, False)
    assert "LS2026-2" in page.text and "It is wrong" not in page.text
    assert browser.post("/bank/in", data=came_in()).status_code == 403
    assert browser.post("/bank/out", data=went_out(reference="LS9")).status_code == 403
    assert browser.post(f"/bank/{made.id}/reverse", data={"reason": "x"}).status_code == 403
    for other in (farmer, hub, agent):
        assert make_browser(office.app, other).get("/bank").status_code == 403
        assert make_browser(office.app, other).post("/bank/in", data=came_in()).status_code == 403
    assert listed() == [made]


def test_month_is_chosen_and_shows_runs_and_what_came_back(office, coop):
    from tests.edges.shop_payruns.test_payrun_pages import answer, send

    office.one.post("/bank/in", data=came_in(kind="own_in", moved_on="2026-09-30", reference="KH1"))
    address, run = send(office)
    serial = run.items[0].item_no
    answer(office.one, address, f"流水号,处理结果,失败原因\r\n{serial},失败,户名不符\r\n")

    october, september = office.one.get("/bank").text, office.one.get("/bank?month=2026-09").text

    assert october.count(serial) == 2 and october.count(f'href="{address}"') == 2
    assert "Came back from the bank" in october and "户名不符" in october and "KH1" not in october
    assert "KH1" in september and serial not in september
    for page, chosen in ((october, "2026-10"), (september, "2026-09")):
        assert f'<option value="{chosen}" selected>' in page
        assert re.findall(r'<option value="(20\d\d-\d\d)"', page) == ["2026-10", "2026-09"]
    assert office.one.get("/bank?month=2026-08").status_code == 200
    assert office.one.get("/bank?month=soon").status_code == 422


def test_two_clerks_at_once_never_take_more_than_is_open(office, coop):
    def press(number):
        try:
            with database.transaction() as db:
                new = NewLine(LineKind.ALIPAY, coop.id, 4000, NOW.date(), f"LS-{number}")
                if number % 2:
                    new = NewLine(LineKind.TAX, None, 2000, NOW.date(), f"LS-{number}")
                service.record_line(db, new=new, actor=acting(office.admins[number % 2]), now=NOW)
            return "booked"
        except Refused as refusal:
            return refusal.code

    given = all_at_once(press, list(range(8)))

    assert sorted(given[::2]) == sorted(given[1::2]) == ["booked", *["more_than_open"] * 3]
    assert (len(listed()), balance()) == (2, 4000 - 2000)


def test_two_clerks_at_once_book_one_reference_once_with_the_same_answer(office, coop):
    def press(number):
        with database.transaction() as db:
            new = NewLine(LineKind.ALIPAY, coop.id, 7650, NOW.date(), "LS-1")
            made = service.record_line(db, new=new, actor=acting(office.admins[number % 2]), now=NOW)
            return made.id

    given = all_at_once(press, list(range(4)))

    assert set(given) == {made.id for made in listed()}
    assert (len(listed()), balance()) == (1, 7650)


def test_two_clerks_at_once_book_one_reference_as_one_kind(office, coop):
    def press(number):
        kind = (LineKind.OWN_IN, LineKind.TAX)[number % 2]
        try:
            with database.transaction() as db:
                new = NewLine(kind, None, 1000, NOW.date(), "LS-1")
                service.record_line(db, new=new, actor=acting(office.admins[number % 2]), now=NOW)
            return "booked"
        except Refused as refusal:
            return refusal.code

    given = all_at_once(press, list(range(4)))

    assert sorted(given) == ["booked", "booked", "reference_taken", "reference_taken"]
    assert (len(listed()), abs(balance())) == (1, 1000)


def test_own_money_is_taken_out_or_said_never_to_have_come_but_not_both(office, coop):
    with database.transaction() as db:
        new = NewLine(LineKind.OWN_IN, None, 1000, NOW.date(), "KH-1")
        paid_in = service.record_line(db, new=new, actor=acting(office.admins[0]), now=NOW)

    def press(number):
        actor = acting(office.admins[number % 2])
        try:
            with database.transaction() as db:
                if number % 2:
                    service.reverse_line(db, line_id=paid_in.id, reason="记错了", actor=actor, now=NOW)
                else:
                    new = NewLine(LineKind.OWN_OUT, None, 1000, NOW.date(), f"KH-{number}OUT")
                    service.record_line(db, new=new, actor=actor, now=NOW)
            return "done"
        except Refused as refusal:
            return refusal.code

    given = all_at_once(press, list(range(6)))

    assert given.count("done") == 1 and {*given} <= {"done", "more_than_open", "bank_line_reversed"}
    assert (balance(OWN_MONEY), balance()) == (0, 0)


def test_run_larger_than_the_bank_account_is_warned_of_and_not_stopped(office, coop):
    assert SHORT in office.one.get("/pay-runs").text
    address = office.one.post("/pay-runs", data={"kind": "growers"}).headers["Location"]
    page = office.one.get(address).text
    assert SHORT in page and "this run sends ¥65.07" in page and 'href="/bank"' in page
    assert office.two.post(f"{address}/confirm", data={"version": 1}).status_code == 303
    assert "¥65.07 more have to come into the bank account" in office.one.get("/bank").text

    office.one.post("/bank/in", data=came_in(yuan="65.07"))

    assert SHORT not in office.one.get(address).text
    assert "more have to come into the bank account" not in office.one.get("/bank").text
    for version, step in ((2, "export"), (3, "send")):
        assert office.two.post(f"{address}/{step}", data={"version": version}).status_code == 303
    assert balance() == 0


def test_run_is_sent_although_the_books_say_too_little(office):
    address = office.one.post("/pay-runs", data={"kind": "growers"}).headers["Location"]
    for version, step in enumerate(("confirm", "export", "send"), 1):
        assert office.two.post(f"{address}/{step}", data={"version": version}).status_code == 303

    assert SHORT not in office.one.get(address).text
    assert balance() == -6507


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
