"""Claims by plain forms: the money before it is sent, one sentence for each fault, each role its own."""

from datetime import timedelta
from html import unescape
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from county import clock, database
from county.audit import service as audit
from county.people import service as people
from county.people.types import Role, Scope
from logistics.tracking.types import Cause, EventKind, Reason, Source
from shop.aftersales.types import ClaimState
from shop.aftersales.words import PICTURE_NOTES
from shop.refunds import service as refunds
from tests.makers.aftersales import finish_refund, travel
from tests.makers.claim_pages import claims, sent, spoiled
from tests.makers.people import ROBOT, make_person
from tests.makers.web import headers, make_browser


def test_buyer_sees_the_money_before_sending_and_sends_once(village):
    browser = make_browser(village.app, village.buyer)
    shown = browser.get(f"/orders/{village.order.order_no}")
    assert f'href="/orders/{village.order.order_no}/claim/0"' in shown.text
    assert browser.get(f"/orders/{village.order.order_no}/claim/0").status_code == 200
    assert 'capture="environment"' in browser.get(village.path()).text

    checked = browser.post(village.path(), data=spoiled())
    assert "20.55" in checked.text
    assert claims(village) == []

    found, answer, data = sent(village, browser)
    again = browser.post(village.path() + "/send", data=data)

    assert (again.status_code, again.headers["Location"]) == (303, answer.headers["Location"])
    assert [(each.claim_no, each.goods_fen) for each in claims(village)] == [(found.claim_no, 2055)]
    page = browser.get(f"/claims/{found.claim_no}")
    assert "20.55" in page.text
    assert "三个发霉" in page.text


def test_form_says_what_its_pictures_should_show_and_keeps_them_together(village):
    browser = make_browser(village.app, village.buyer)

    for kind, note in PICTURE_NOTES.items():
        page = unescape(browser.get(village.path(kind.value)).text)
        assert note in page
        assert "<textarea" not in page[page.index('id="picture"') : page.index('id="picture_more"')]


FAULTS = {
    "none": ({"spoiled": "0"}, "at least one"),
    "more than received": ({"spoiled": "11"}, "more pieces are spoiled"),
    "no number": ({"spoiled": "x"}, "whole number"),
    "no photo": ({"picture": (b"", "")}, "at least one picture"),
    "no picture at all": ({"picture": (b"hello", "a.jpg")}, "not a JPEG"),
    "too many bytes": ({"picture": (b"\xff" * 8_000_001, "a.jpg")}, "larger than 8 MB"),
    "too many words": ({"says": "长" * 501}, "at most 500"),
}


@pytest.mark.parametrize("case", list(FAULTS))
def test_fault_is_one_clear_sentence_and_changes_nothing(village, case):
    changes, says = FAULTS[case]
    if "picture" in changes:
        # A sent file is closed afterwards, and every database needs one of its own.
        content, name = changes["picture"]
        changes = {"picture": (BytesIO(content), name)}

    answer = make_browser(village.app, village.buyer).post(village.path(), data=spoiled(**changes))

    assert answer.status_code == 422
    assert says in answer.text
    assert claims(village) == []


def test_pictures_with_too_many_pixels_are_refused(village):
    big = BytesIO()
    Image.new("1", (5000, 5000)).save(big, "PNG")
    big.seek(0)

    answer = make_browser(village.app, village.buyer).post(
        village.path(), data=spoiled(picture=(big, "a.png"))
    )

    assert (answer.status_code, "25 megapixels" in answer.text) == (422, True)
    assert claims(village) == []


def test_picture_of_a_claim_is_for_those_whom_it_concerns(village):
    browser = make_browser(village.app, village.buyer)
    address = f"/files/{sent(village, browser)[2]['picture_id']}-480.webp"
    stranger = make_browser(village.app, village.other)
    nobody = village.app.test_client()

    for person in (village.buyer, village.grower, village.admin):
        answer = make_browser(village.app, person).get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert nobody.get(address, headers=headers(village.buyer)).status_code == 200
    for client, given in ((stranger, {}), (nobody, {}), (nobody, headers(village.other))):
        answer = client.get(address, headers=given)
        assert answer.status_code == 404
        assert "public" not in answer.headers["Cache-Control"]


def test_faulty_form_keeps_the_pictures_that_came(village):
    browser = make_browser(village.app, village.buyer)
    answer = browser.post(village.path(), data=spoiled(spoiled="11"))
    picture_id = answer.text.split('name="picture_id" value="')[1].split('"')[0]

    checked = browser.post(
        village.path(), data={"picture_id": picture_id, "spoiled": "3", "pieces": "10", "form_token": "t"}
    )

    assert (checked.status_code, "20.55" in checked.text) == (200, True)


def test_sending_past_the_check_is_checked_again(village):
    browser = make_browser(village.app, village.buyer)
    path = village.path() + "/send"

    for data in ({"spoiled": "x"}, {"spoiled": "3", "pieces": "10", "picture_id": str(uuid4())}):
        assert browser.post(path, data=data).status_code == 422
    assert claims(village) == []


def test_fresh_return_names_the_law_where_it_would_be_chosen(village):
    browser = make_browser(village.app, village.buyer)

    assert "article 25" in browser.get(f"/orders/{village.order.order_no}/claim/0").text
    answer = browser.post(village.path("return"), data={"reason": "unwanted"})

    assert (answer.status_code, "article 25" in answer.text) == (422, True)
    assert claims(village) == []


def test_second_claim_and_foreign_orders_are_refused(village):
    browser = make_browser(village.app, village.buyer)
    sent(village, browser)
    second = browser.post(village.path(), data=spoiled())
    assert (second.status_code, "There is a claim" in second.text) == (422, True)

    stranger = make_browser(village.app, village.other)
    found = claims(village)[0]
    for path in (
        f"/orders/{village.order.order_no}/claim/0",
        village.path(),
        f"/claims/{found.claim_no}",
        f"/sell/claims/{found.claim_no}",
    ):
        assert stranger.get(path).status_code == 404
    assert stranger.post(village.path(), data=spoiled()).status_code == 404
    assert stranger.post(f"/claims/{found.claim_no}/withdraw", data={"version": "1"}).status_code == 404
    assert browser.get(f"/orders/{village.order.order_no}/claim/1").status_code == 404
    assert claims(village) == [found]


def test_grower_sees_before_and_after_and_accepts(village):
    buyer, grower = make_browser(village.app, village.buyer), make_browser(village.app, village.grower)
    found, _answer, _data = sent(village, buyer)
    assert "It is about" in buyer.get(f"/claims/{found.claim_no}").text
    assert found.title in grower.get("/sell/claims").text
    page = grower.get(f"/sell/claims/{found.claim_no}")
    # 65.07 is the grower's part of 68.50; 19.53 of the 20.55 are taken from it.
    assert "65.07" in page.text
    assert "45.54" in page.text

    answer = grower.post(
        f"/sell/claims/{found.claim_no}/approve", data={"version": found.version, "spoiled": "3"}
    )

    assert answer.status_code == 303
    with database.reading() as db:
        assert [each.fen for each in refunds.list_refunds(db, order_no=village.order.order_no)] == [2055]
    late = grower.post(f"/sell/claims/{found.claim_no}/refuse", data={"version": found.version, "says": "不"})
    assert late.status_code == 409
    with database.transaction() as db:
        finish_refund(db, claims(village)[0], now=clock.now())
    assert "Paid back to you" in buyer.get(f"/claims/{found.claim_no}").text
    assert "Paid back to the buyer" in grower.get(f"/sell/claims/{found.claim_no}").text


def test_association_sees_what_the_courier_said_too_late(village):
    browser = make_browser(village.app, village.buyer)
    claim = sent(village, browser)[0]
    with database.transaction() as db:
        now = clock.now()
        travel(
            db,
            village.order.consignments[0].parcel_no,
            EventKind.ON_HOLD,
            now - timedelta(days=1),
            Reason.DAMAGED,
            Cause.SHIPPER,
            source=Source.FEED,
            recorded_at=now,
        )

    page = make_browser(village.app, village.admin).get(f"/aftersales/{claim.claim_no}").text

    assert "The courier's word" in page.replace("&#39;", "'")
    assert page.count("Was found damaged, because of the packing or the sender") == 2
    assert "packed too weakly" not in page


def test_refusal_without_words_stands_at_its_field(village):
    found, _answer, _data = sent(village, make_browser(village.app, village.buyer))
    grower = make_browser(village.app, village.grower)

    answer = grower.post(f"/sell/claims/{found.claim_no}/refuse", data={"version": found.version, "says": ""})

    assert answer.status_code == 422
    assert "This cannot be recorded: please say why in a few words." in answer.text
    assert claims(village) == [found]


def test_appeal_goes_to_the_association_which_accepts(village):
    buyer, admin = make_browser(village.app, village.buyer), make_browser(village.app, village.admin)
    found, _answer, _data = sent(village, buyer)
    make_browser(village.app, village.grower).post(
        f"/sell/claims/{found.claim_no}/refuse", data={"version": found.version, "says": "看不清"}
    )
    (refused,) = claims(village)
    assert "看不清" in buyer.get(f"/claims/{found.claim_no}").text
    buyer.post(f"/claims/{found.claim_no}/appeal", data={"version": refused.version, "says": "看第二张"})
    (appealed,) = claims(village)

    assert found.claim_no in admin.get("/aftersales?which=appeals").text
    assert "看第二张" in admin.get(f"/aftersales/{found.claim_no}").text
    answer = admin.post(f"/aftersales/{found.claim_no}/approve", data={"version": appealed.version})

    assert answer.status_code == 303
    assert claims(village)[0].state is ClaimState.REFUNDING
    (approved,) = claims(village)
    wrong = admin.post(
        f"/aftersales/{found.claim_no}/liability", data={"version": approved.version, "party": "x"}
    )
    assert wrong.status_code == 422
    assert "This cannot be recorded: please choose who is liable." in wrong.text
    answer = admin.post(
        f"/aftersales/{found.claim_no}/liability",
        data={"version": approved.version, "party": "association", "says": "中转受潮"},
    )
    assert (answer.status_code, claims(village)[0].liable) == (303, "association")


def test_agent_answers_claims_only_within_the_scope_and_with_both_names(village):
    found, _answer, _data = sent(village, make_browser(village.app, village.buyer))
    with database.transaction() as db:
        agent = make_person(db, Role.VILLAGE_AGENT, name="村代办")
        give(db, village.grower, agent, Scope.PACK_ORDERS)
    browser = make_browser(village.app, agent, acting_for=village.grower.id)
    address = f"/sell/claims/{found.claim_no}/approve"
    assert browser.post(address, data={"version": found.version}).status_code == 403
    assert claims(village) == [found]

    with database.transaction() as db:
        give(db, village.grower, agent, Scope.ANSWER_CLAIMS)
    browser = make_browser(village.app, agent, acting_for=village.grower.id)
    assert browser.post(address, data={"version": found.version}).status_code == 303

    with database.reading() as db:
        records = audit.list_records(db, object=("claim", found.claim_no))
    entry = next(each for each in records if each.action == "claim.approve")
    assert (entry.person_id, entry.on_behalf_of) == (agent.id, village.grower.id)


def give(db, grower, agent, *scopes):
    now = clock.now()
    people.give_consent(
        db,
        farmer_id=grower.id,
        agent_id=agent.id,
        scopes=scopes,
        paper_ref=f"委托-{scopes[0]}",
        starts_at=now,
        ends_at=now.replace(year=now.year + 1, day=1),
        actor=ROBOT,
        now=now,
    )
