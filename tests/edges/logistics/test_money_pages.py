"""Statements and the month's settlement: upload, job, agree, compute, close; and who sees what of it."""

import csv
import io
import re

import pytest

from county import clock, database
from county.jobs import worker
from county.ledger import service as ledger
from county.people.types import Role
from logistics.netting import service as netting
from logistics.netting.types import PeriodState
from logistics.settlements import service as settlements
from logistics.settlements.types import StatementState
from tests.makers.logistics import (
    MONTH_OVER,
    PERIOD,
    agree,
    close_month,
    csv_bytes,
    make_clerk,
    make_month,
    make_pool,
    make_rates,
    make_sent,
    make_statement,
)
from tests.makers.people import make_person
from tests.makers.web import make_browser

HEAD = ("单号", "目的省份", "结算重量(kg)", "运费(元)")
GOOD = csv_bytes([HEAD, ("78001001", "陕西省", "1", "8.00"), ("78009999", "陕西省", "1", "9.50")])


@pytest.fixture(autouse=True)
def in_november(monkeypatch):
    """Let every test stand at one moment: October is over."""
    monkeypatch.setattr(clock, "now", lambda: MONTH_OVER)


def work():
    """Do the jobs that are due."""
    worker.work_until_idle(lambda: MONTH_OVER, raises=True)


@pytest.fixture
def office(web_app, settings, monkeypatch, tmp_path):
    """Make the pool with a parcel that 中通 took, and browsers of an admin and a clerk of 中通."""
    # Jobs read their settings where they are started.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHANHUO_DATABASE_URL", settings.database_url)
    with database.transaction() as db:
        make_pool(db)
        make_rates(db)
        make_sent(db, waybill="78001001")
        admin, clerk = make_person(db, Role.ASSOCIATION_ADMIN), make_clerk(db)
    return make_browser(web_app, admin), make_browser(web_app, clerk)


@pytest.fixture
def month(web_app):
    """Make a computed month with browsers of who had it computed and of the second admin."""
    with database.transaction() as db:
        first, second = make_month(db)
    return make_browser(web_app, first), make_browser(web_app, second)


def upload(client, content, *, name="对账单.csv", period=PERIOD, carrier="中通"):
    given = {"carrier": carrier, "period": period, "file": (io.BytesIO(content), name)}
    return client.post("/statements", data=given)


def statements():
    with database.reading() as db:
        return settlements.list_statements(db)


def the_month():
    with database.reading() as db:
        return netting.get_period(db, period=PERIOD)


def test_statement_is_uploaded_read_by_a_job_and_agreed(office):
    admin, clerk = office
    address = upload(clerk, GOOD).headers["Location"]
    assert "data-poll" in clerk.get(address).text
    assert clerk.get(address + "/progress").json["state"] == "running"

    work()

    assert clerk.get(address + "/progress").json["state"] == "done"
    page = admin.get(address).text
    figures = re.findall(r"¥([\d,.]+)", re.sub("<[^>]+>", " ", page))[:3]
    assert figures == ["17.50", "8.00", "9.50"]
    assert "Not our waybill" in page and "78009999" in page
    (read,) = statements()
    assert read.state is StatementState.RECONCILED
    assert admin.post(address + "/agree", data={"version": read.version}).status_code == 303
    (agreed,) = statements()
    assert (agreed.state, agreed.agreed_fen) == (StatementState.AGREED, 800)
    # Agreed is agreed: neither another file nor another press changes it.
    assert upload(clerk, GOOD + b"\r\n").status_code == 409
    assert admin.post(address + "/agree", data={"version": agreed.version}).status_code == 409
    assert statements() == [agreed]


def test_corrected_upload_replaces_one_that_is_not_agreed(office):
    _admin, clerk = office
    address = upload(clerk, GOOD).headers["Location"]
    work()

    again = upload(clerk, csv_bytes([HEAD, ("78001001", "陕西省", "1", "8.00")]))
    work()

    assert again.headers["Location"] == address
    (found,) = statements()
    assert found.findings is not None
    assert (found.findings.charged_fen, found.findings.items) == (800, ())


def test_job_that_runs_twice_leaves_the_same_statement(office):
    _admin, clerk = office
    upload(clerk, GOOD)
    work()
    (before,) = statements()

    from logistics.settlements.jobs import reconcile_statement

    reconcile_statement({"statement_id": str(before.id), "sha256": before.sha256}, clock.now())

    assert statements() == [before]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("对账单.csv", "今天天气很好\n".encode()),
        ("对账单.csv", b"\xff\xff\xff\xff,1\n"),
        ("对账单.xlsx", b"no workbook"),
        ("对账单.csv", b""),
    ],
)
def test_broken_statement_fails_with_a_clear_sentence_and_can_be_replaced(office, name, content):
    _admin, clerk = office
    address = upload(clerk, content, name=name).headers["Location"]

    work()

    (failed,) = statements()
    assert (failed.state, failed.findings) == (StatementState.FAILED, None)
    assert failed.why
    page = clerk.get(address).text
    assert "This file cannot be used. Please read in another one." in page
    assert "/tmp" not in page and "Traceback" not in page
    assert upload(clerk, GOOD).status_code == 303
    work()
    assert statements()[0].state is StatementState.RECONCILED


def test_statement_of_a_courier_without_rate_card_says_so(office):
    admin, _clerk = office
    address = upload(admin, GOOD, carrier="圆通").headers["Location"]

    work()

    assert "There is no rate card of this courier yet" in admin.get(address).text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"period": "2026-13"}, 422),
        ({"period": ""}, 422),
        ({"name": "账单.pdf"}, 422),
        ({"carrier": "无名"}, 404),
    ],
)
def test_upload_that_cannot_be_used_stores_nothing(office, fields, status):
    admin, _clerk = office

    assert upload(admin, GOOD, **fields).status_code == status
    assert statements() == []


@pytest.mark.parametrize("version", ["", "0", "²", "９", "-1", "x" * 40, "999"])
def test_agreeing_with_another_version_is_refused(office, version):
    admin, clerk = office
    address = upload(clerk, GOOD).headers["Location"]
    work()

    assert admin.post(address + "/agree", data={"version": version}).status_code == 409
    assert statements()[0].state is StatementState.RECONCILED


def test_export_lists_every_waybill_that_differs(office):
    _admin, clerk = office
    address = upload(clerk, GOOD).headers["Location"]
    work()

    answer = clerk.get(address + "/export")

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1:] == [["78009999", "Not our waybill", "9.50", "0.00", "3"]]


def test_courier_clerk_sees_only_the_own_statements(office):
    admin, clerk = office
    upload(admin, GOOD, carrier="圆通")
    (other,) = statements()

    assert "圆通" not in clerk.get("/statements").text
    assert clerk.get(f"/statements/{other.id}").status_code == 404
    # Whatever the form says, a clerk reads in for the own carrier.
    upload(clerk, GOOD, carrier="圆通")
    assert sorted(each.carrier for each in statements()) == ["中通", "圆通"]


def test_auditor_reads_and_finds_no_button(web_app):
    with database.transaction() as db:
        first, _second = make_month(db)
        statement_id = make_statement(db, person_id=first.id, carrier="圆通")
        auditor = make_person(db, Role.AUDITOR)
    client = make_browser(web_app, auditor)

    statement = client.get(f"/statements/{statement_id}").text
    settlement = client.get(f"/settlement/{PERIOD}").text

    assert "/agree" not in statement and "/close" not in settlement
    assert 'action="/statements"' not in client.get("/statements").text
    assert 'action="/settlement"' not in client.get("/settlement").text
    assert "圆通" in settlement and "中通" in settlement


def test_month_is_computed_by_a_job_and_closed_by_a_second_person(month):
    first, second = month
    assert first.post("/settlement", data={"period": PERIOD}).headers["Location"].endswith(PERIOD)
    work()
    address = f"/settlement/{PERIOD}"
    assert second.get(address + "/progress").json["state"] == "done"
    page = second.get(address).text
    assert "226.00" in page and "/close" in page
    own = first.get(address).text
    assert "/close" not in own and "A second person of the association closes the month." in own
    version = the_month().version

    refused = first.post(address + "/close", data={"version": version})
    closed = second.post(address + "/close", data={"version": version})
    again = second.post(address + "/close", data={"version": version})

    assert (refused.status_code, closed.status_code, again.status_code) == (403, 303, 409)
    assert the_month().state is PeriodState.CLOSED
    with database.reading() as db:
        assert sum(each.fen for each in ledger.get_entry(db, key=f"net:{PERIOD}").postings) == 0
    assert "Closed" in second.get(address).text
    assert first.post("/settlement", data={"period": PERIOD}).status_code == 409


@pytest.mark.parametrize("period", ["2026-13", "", "next", "２０２６-10"])
def test_what_is_no_month_is_refused_on_its_field(month, period):
    first, _second = month

    answer = first.post("/settlement", data={"period": period})

    assert answer.status_code == 422
    assert 'id="period-error"' in answer.text


@pytest.mark.parametrize("version", ["", "²", "1"])
def test_closing_another_version_is_refused(month, version):
    _first, second = month
    assert second.post(f"/settlement/{PERIOD}/close", data={"version": version}).status_code == 409
    assert the_month().state is PeriodState.RECONCILED


def test_courier_clerk_sees_the_own_line_and_anonymous_totals(web_app, month):
    with database.transaction() as db:
        clerk = make_clerk(db, carrier="圆通")
    lines = {line.carrier: line for line in the_month().lines}
    client = make_browser(web_app, clerk)

    page = client.get(f"/settlement/{PERIOD}").text

    assert "圆通" in page and "中通" not in page
    share_fen, other_fen = lines["圆通"].share_fen, lines["中通"].share_fen
    assert f"{share_fen // 100}.{share_fen % 100:02d}" in page
    assert f"{other_fen // 100}.{other_fen % 100:02d}" not in page
    assert "226.00" in page
    assert client.get("/settlement/2026-09").status_code == 404


def test_clerk_cannot_read_a_statement_into_a_closed_month(web_app, settings, month):
    with database.transaction() as db:
        clerk = make_clerk(db, carrier="圆通")
        close_month(db, person_id=make_person(db, Role.ASSOCIATION_ADMIN).id)
    before = statements()

    answer = upload(make_browser(web_app, clerk), GOOD)

    assert answer.status_code == 409
    assert "The month 2026-10 is closed" in answer.text
    assert statements() == before


def test_agreed_statement_stands_in_the_months_sum(web_app, month):
    with database.transaction() as db:
        first = make_person(db, Role.ASSOCIATION_ADMIN)
        agree(db, make_statement(db, person_id=first.id, carrier="圆通", charged_fen=5_000))
    client, _second = month

    client.post("/settlement", data={"period": PERIOD})
    work()

    page = client.get(f"/settlement/{PERIOD}").text
    assert the_month().agreed_fen == 5_900
    assert "59.00" in page and "167.00" in page
