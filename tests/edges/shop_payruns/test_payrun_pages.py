"""The pages of pay runs: two people, one file, the bank's answer, and what each may not see."""

import io

from county import database
from county.audit import service as audit
from county.errors import Refused
from county.ledger import service as ledger
from county.people.types import Role
from shop.accounts.rules import BANK, grower_account
from shop.payruns import service
from shop.payruns.types import ItemState, RunKind, RunState
from tests.makers.payees import acting
from tests.makers.payruns import owe
from tests.makers.people import NOW, make_consent, make_person
from tests.makers.web import all_at_once, make_browser


def runs():
    with database.reading() as db:
        return service.list_runs(db)


def balance(account):
    with database.reading() as db:
        return ledger.balance(db, account=account)


def make(office):
    answer = office.one.post("/pay-runs", data={"kind": "growers"})
    assert answer.status_code == 303
    return answer.headers["Location"], runs()[0]


def step(client, address, name, version):
    return client.post(f"{address}/{name}", data={"version": version})


def send(office):
    address, _run = make(office)
    for version, name in enumerate(("confirm", "export", "send"), 1):
        assert step(office.two, address, name, version).status_code == 303
    return address, runs()[0]


def answer(client, address, text, name="回盘.csv"):
    return client.post(f"{address}/answer", data={"file": (io.BytesIO(text.encode()), name)})


def test_run_is_made_confirmed_sent_and_answered_on_the_pages(office):
    assert "65.07" in office.one.get("/pay-runs").text
    address, run = send(office)
    serial = run.items[0].item_no

    file = office.two.post(f"{address}/file/csv")
    again = office.one.post(f"{address}/file/csv")
    page = answer(
        office.one, address, f"流水号,处理结果,金额(元)\r\n{serial},成功,65.07\r\nFK1,成功,1.00\r\n"
    )

    assert (file.status_code, file.data, file.mimetype) == (200, again.data, "text/csv")
    assert (serial in file.text, file.headers["Cache-Control"]) == (True, "no-store")
    assert page.status_code == 303
    shown = office.one.get(address).text
    assert "No payment of this run has this number." in shown and "Row 3: FK1" in shown
    (run,) = runs()
    assert (run.state, run.items[0].state) == (RunState.DONE, ItemState.PAID)
    assert (run.sum_fen(ItemState.PAID), run.sum_fen("returned")) == (6507, 0)
    with database.reading() as db:
        taken = audit.list_records(db, action="pay_run.file_taken")
    assert [record.person_id for record in taken] == [office.admins[1].id, office.admins[0].id]


def test_maker_cannot_confirm_on_the_page(office):
    address, run = make(office)

    assert "A second person of the association confirms this run." in office.one.get(address).text
    assert step(office.one, address, "confirm", 1).status_code == 403

    assert runs() == [run]


def test_run_confirmed_twice_at_once_sets_the_money_aside_once(office):
    _address, run = make(office)

    def press(_number):
        try:
            with database.transaction() as db:
                actor = acting(office.admins[1])
                service.confirm_run(db, run_no=run.run_no, version=1, actor=actor, now=NOW)
            return "confirmed"
        except Refused as refusal:
            return refusal.code

    given = all_at_once(press, list(range(4)))

    assert sorted(given) == ["confirmed", "illegal_move", "illegal_move", "illegal_move"]
    with database.reading() as db:
        left = ledger.available(db, account=grower_account(office.grower.id), now=NOW)
    assert (left, runs()[0].state) == (0, RunState.CONFIRMED)


def test_two_runs_at_once_pay_nobody_twice(office):
    def press(number):
        try:
            with database.transaction() as db:
                service.create_run(db, kind=RunKind.GROWERS, actor=acting(office.admins[number % 2]), now=NOW)
            return "made"
        except Refused as refusal:
            return refusal.code

    given = all_at_once(press, list(range(4)))

    assert given.count("made") == 1
    assert set(given) <= {"made", "run_open", "nothing_to_pay"}
    assert [run.gross_fen for run in runs()] == [6507]


def test_returned_payment_is_shown_as_owed_and_never_as_paid(office):
    address, run = send(office)
    serial = run.items[0].item_no
    answer(office.one, address, f"流水号,处理结果\r\n{serial},成功\r\n")
    answer(office.one, address, f"流水号,处理结果,失败原因\r\n{serial},退票,户名不符\r\n")

    shown = make_browser(office.app, office.grower).get("/my-payments").text

    assert "Came back, owed again" in shown and "户名不符" in shown
    money = make_browser(office.app, office.grower).get("/money").text
    assert "¥65.07 · The bank could not pay to this account" in money
    assert ">Paid<" not in shown
    assert "The bank could not pay to this account" in office.one.get("/pay-runs").text
    assert (balance(grower_account(office.grower.id)), balance(BANK)) == (-6507, 0)


def test_answers_that_cannot_be_used_move_nothing(office):
    address, run = send(office)
    before = balance(BANK)

    for text in ("", "a,b\r\n1,2\r\n", "流水号,金额\r\nFK1,1.00\r\n"):
        assert answer(office.one, address, text).status_code == 422
    chosen = office.one.post(f"{address}/answer", data={"file": (io.BytesIO(b""), "")})
    assert (chosen.status_code, "Please choose a file first." in chosen.text) == (422, True)
    assert "cannot be read as" not in chosen.text
    assert answer(office.one, address, "流水号,处理结果\r\n1.39E+10,成功\r\n").status_code == 303

    assert "A spreadsheet spoilt this number" in office.one.get(address).text
    assert (runs()[0].items, balance(BANK)) == (run.items, before)


def test_same_file_twice_says_so_and_changes_nothing(office):
    address, run = send(office)
    text = f"流水号,处理结果\r\n{run.items[0].item_no},成功\r\n"
    answer(office.one, address, text)
    before = runs()

    page = office.one.get(answer(office.one, address, text).headers["Location"])

    assert "This very file was read before" in page.text
    assert runs() == before


def test_form_sent_twice_makes_one_run(office):
    data = {"kind": "growers", "form_token": "t-1"}
    first, second = (office.one.post("/pay-runs", data=data) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert len(runs()) == 1


def test_run_that_changed_meanwhile_says_so_on_its_page(office):
    address, _run = make(office)
    with database.transaction() as db:
        owe(db, account=grower_account(office.grower.id), fen=-1)

    page = step(office.two, address, "confirm", 1)

    assert (page.status_code, runs()[0].state) == (409, RunState.DRAFT)
    assert "Since the run was made something changed for 王秀英" in page.text


def test_cancelled_run_frees_the_money_for_a_new_one(office):
    address, _run = make(office)

    assert office.one.post(f"{address}/cancel", data={"version": 1, "reason": "重做"}).status_code == 303

    assert runs()[0].state is RunState.CANCELLED
    make(office)
    assert len(runs()) == 2


def test_nobody_else_reaches_pay_runs(office):
    address, run = make(office)
    with database.transaction() as db:
        stranger = make_person(db, *(set(Role) - {Role.ASSOCIATION_ADMIN, Role.AUDITOR}))
    browser = make_browser(office.app, stranger)

    for method, path in (
        ("GET", "/pay-runs"),
        ("POST", "/pay-runs"),
        ("GET", address),
        ("POST", f"{address}/confirm"),
        ("POST", f"{address}/file/csv"),
        ("POST", f"{address}/answer"),
        ("GET", "/papers"),
        ("POST", "/papers"),
        ("GET", "/accounts"),
        ("POST", "/accounts"),
    ):
        assert browser.open(path, method=method).status_code == 403, path

    assert runs() == [run]


def test_auditor_sees_runs_and_changes_none(office):
    address, run = make(office)
    with database.transaction() as db:
        auditor = make_person(db, Role.AUDITOR)
    browser = make_browser(office.app, auditor)

    assert [browser.get(path).status_code for path in ("/pay-runs", address)] == [200, 200]
    assert [browser.post(f"{address}/{name}").status_code for name in ("confirm", "file/csv")] == [403, 403]

    assert runs() == [run]


def test_agent_with_the_farmers_consent_sees_payments_and_no_account(office):
    with database.transaction() as db:
        agent = make_person(db, Role.VILLAGE_AGENT)
        make_consent(db, farmer_id=office.grower.id, agent_id=agent.id)
    browser = make_browser(office.app, agent, acting_for=office.grower.id)

    assert browser.get("/my-payments").status_code == 200
    assert browser.get("/money/account").status_code == 403


def test_unknown_run_and_kind_are_not_found(office):
    for path in ("/pay-runs/ZF000000000000", "/pay-runs?kind=everybody"):
        assert office.one.get(path).status_code == 404
