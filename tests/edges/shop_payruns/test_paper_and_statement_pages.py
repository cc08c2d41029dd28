"""The pages of accounts, papers and statements: doors, files, and whose they are."""

import io
from datetime import timedelta

from county import database
from county.audit import service as audit
from county.people.types import Role
from shop.papers import service as papers
from shop.papers.types import FileState
from shop.payees import service as payees
from shop.payees.types import AccountState
from tests.makers.payruns import make_market, make_released
from tests.makers.people import NOW, make_person
from tests.makers.shop import make_grower
from tests.makers.web import make_browser

BANK = {"kind": "bank", "number": "6228 4800 0000 0000 011", "holder": "王秀英", "bank": "农业银行"}
FILLED = {**BANK, "branch": "岚皋县支行", "consent": "1"}


def accounts(person):
    with database.reading() as db:
        return payees.list_accounts(db, payee_id=person.id)


def test_owner_proposes_and_the_association_confirms_by_two(office):
    browser = make_browser(office.app, office.grower)
    assert browser.post("/money/account", data=FILLED).status_code == 303
    proposed, old = accounts(office.grower)
    assert "**** 0011" in office.one.get("/accounts").text

    assert office.one.post(f"/accounts/{proposed.id}/confirm").status_code == 303

    new, old = accounts(office.grower)
    assert (new.state, old.state) == (AccountState.CONFIRMED, AccountState.REPLACED)
    assert new.usable_from == NOW + timedelta(hours=24)
    shown = browser.get("/money/account").text
    assert "Used from" in shown and "6228480000000000011" not in shown


def test_wrong_account_is_said_at_its_field_and_changes_nothing(office):
    browser = make_browser(office.app, office.grower)
    before = accounts(office.grower)

    for change, says in (
        ({"number": "1.39E+10"}, "expected 8 to 30 digits"),
        ({"branch": ""}, "expected 1 to 60 characters"),
        ({"consent": ""}, "consent"),
    ):
        page = browser.post("/money/account", data={**FILLED, **change})
        assert page.status_code == 422 and says in page.text

    assert accounts(office.grower) == before


def test_association_proposes_for_a_person_and_another_one_confirms(office):
    data = {**FILLED, "consent": "", "consent_paper": "同意书 7", "phone": office.grower.phone}
    assert office.one.post("/accounts", data={**data, "phone": "13700000000"}).status_code == 404
    assert office.one.post("/accounts", data=data).status_code == 303
    proposed = accounts(office.grower)[0]

    assert office.one.post(f"/accounts/{proposed.id}/confirm").status_code == 403
    assert office.two.post(f"/accounts/{proposed.id}/reject").status_code == 303

    assert accounts(office.grower)[0].state is AccountState.REJECTED


def test_whole_number_is_shown_for_a_reason_that_stays(office):
    account = accounts(office.grower)[0]
    path = f"/accounts/{account.id}/number"
    assert office.one.post(path, data={"reason": ""}).status_code == 422

    page = office.one.post(path, data={"reason": "银行来电核对"})

    with database.reading() as db:
        number = payees.find_bank_account(db, payee_id=office.grower.id, now=NOW).number
        records = audit.list_records(db, action="payee_account.seen")
    assert number in page.text and number not in office.one.get("/accounts").text
    assert [record.after for record in records] == [{"reason": "银行来电核对"}]


def test_paper_is_added_by_form_and_voided(office):
    data = {
        "kind": "own_produce",
        "phone": office.grower.phone,
        "number": "木竹村-12",
        "issued_on": "2026-10-01",
        "from_on": "2026-10-01",
        "last_on": "2026-12-31",
    }
    wrong = office.one.post("/papers", data={**data, "last_on": "31.12."})
    assert wrong.status_code == 422 and "expected a day such as 2026-10-31" in wrong.text
    assert office.one.post("/papers", data={**data, "phone": "1"}).status_code == 404

    assert office.one.post("/papers", data=data).status_code == 303

    assert "木竹村-12" in office.one.get("/papers").text
    with database.reading() as db:
        (paper,) = [each for each in papers.list_papers(db) if each.number == "木竹村-12"]
    assert office.one.post(f"/papers/{paper.id}/void", data={"reason": "写错"}).status_code == 303
    assert office.one.post("/papers", data=data).status_code == 303


def test_table_of_papers_goes_through_the_excel_door_once(office):
    with database.transaction() as db:
        grower = make_grower(db)
        make_market(db)
        make_released(db, grower=grower)
    head = office.one.get("/papers/template").text.split("\r\n")[0]
    row = f"收购发票,{grower.phone},,24612000000012345678,2026-10-31,2026-10-01,2026-10-31,65.07"
    content = f"{head}\r\n{row}\r\n收购发票,1.39E+10,,1,2026-10-31,2026-10-01,2026-10-31,1\r\n".encode()

    def upload():
        return office.one.post("/papers/files", data={"file": (io.BytesIO(content), "票据.csv")})

    address = upload().headers["Location"]
    page = office.one.get(address).text
    assert "Take 1 paper in" in page and "A spreadsheet spoilt this number" in page
    assert office.one.post(address).status_code == 303
    assert upload().headers["Location"] == address
    assert office.one.post(address).status_code == 303

    with database.reading() as db:
        assert papers.get_file(db, file_id=papers.list_files(db)[0].id).state is FileState.TAKEN_IN
        assert [paper.slips for paper in papers.list_papers(db, grower_id=grower.id)] == [1]
    bad = office.one.post("/papers/files", data={"file": (io.BytesIO(b"a,b\r\n"), "x.csv")})
    assert bad.status_code == 422


def test_slip_is_weighed_anew_on_the_page(office):
    path = f"/papers/slips/{office.grower.id}"
    with database.reading() as db:
        (slip,) = papers.list_slips(db, grower_id=office.grower.id)
    correct = f"/papers/slips/{slip.slip_no}/correct"
    assert office.one.post(correct, data={"gross": "0.5", "net": "x"}).status_code == 422

    assert office.one.post(correct, data={"gross": "0.5", "net": "0.48", "reason": "复秤"}).status_code == 303

    assert "gross 0.5 kg, net 0.48 kg" in office.one.get(path).text


def test_statement_is_its_owners_and_the_associations_alone(office):
    with database.transaction() as db:
        stranger = make_person(db, Role.STREAMER)
    path = f"/account-statements/{office.grower.id}"
    owner, other = (make_browser(office.app, person) for person in (office.grower, stranger))

    assert [client.get(path).status_code for client in (owner, other, office.one)] == [200, 404, 200]
    assert other.post(f"{path}/2026-10/csv").status_code == 404
    assert "65.07" in owner.get("/account-statements/mine").text
    assert owner.get("/account-statements").status_code == 403
    assert owner.get(path + "?month=2026-13").status_code == 422

    with database.reading() as db:
        assert audit.list_records(db, action="statement.exported") == []


def test_statements_and_reports_are_taken_as_files_and_recorded(office):
    path = f"/account-statements/{office.grower.id}/2026-10"
    text = office.one.post(f"{path}/csv").text

    assert text.startswith("\ufeffDay,What,For,Amount (yuan)\r\n")
    assert ",Sale,SH" in text and text.endswith('Owed at the end,"Sales, owed by the cooperative",65.07\r\n')
    for address in (path, "/account-statements/cooperative/2026-10", "/income-report/2026-Q4"):
        for form, start in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
            assert office.one.post(f"{address}/{form}").data.startswith(start)
    assert "Owed to growers" in office.one.get("/account-statements/cooperative").text
    assert "Seller of record" in office.one.get("/income-report").text
    assert "王秀英" in office.one.get("/account-statements").text
    with database.reading() as db:
        actions = [record.action for record in audit.list_records(db, person_id=office.admins[0].id)]
    assert [actions.count(f"{what}.exported") for what in ("statement", "books", "income_report")] == [
        3,
        2,
        2,
    ]
