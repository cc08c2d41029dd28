"""Accounts: two people, a day of cooling-off, never a village agent, numbers sealed and masked."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import IllegalMove, NotFound
from county.notices import service as notices
from county.people.types import NotAllowed, Role, SamePerson
from shop.payees import service
from shop.payees.types import (
    AccountKind,
    AccountState,
    AccountUse,
    AgentMayNot,
    BadAccount,
    ConsentMissing,
    NewAccount,
    Payee,
    PayeeKind,
    ProposalOpen,
    ReasonMissing,
)
from tests.makers.payees import acting, make_account, make_admin, new_account
from tests.makers.people import NOW, make_consent, make_farmer, make_person

DAY = timedelta(hours=24)
NUMBER = "6228480000000000011"


def propose(db, person, *, by=None, account=None, paper="本人勾选", now=NOW):
    return service.propose_account(
        db,
        payee=Payee(PayeeKind.PERSON, person.id),
        account=account or new_account(number=NUMBER),
        consent_paper=paper,
        actor=by or acting(person, Role.FARMER),
        now=now,
    )


def test_account_is_usable_a_day_after_a_second_person_confirmed_it(db):
    farmer = make_farmer(db)
    account_id = propose(db, farmer)
    assert service.find_bank_account(db, payee_id=farmer.id, now=NOW + DAY) is None

    service.confirm_account(db, account_id=account_id, actor=acting(make_admin(db)), now=NOW)

    just_before = NOW + DAY - timedelta(microseconds=1)
    assert service.find_bank_account(db, payee_id=farmer.id, now=just_before) is None
    found = service.find_bank_account(db, payee_id=farmer.id, now=NOW + DAY)
    assert (found.number, found.holder, found.bank) == (NUMBER, "王秀英", "农业银行")
    uses = [
        service.uses_of(db, payee_ids=[farmer.id], kind=kind, now=at)[farmer.id]
        for kind, at in (
            (AccountKind.BANK, just_before),
            (AccountKind.BANK, NOW + DAY),
            (AccountKind.ALIPAY, NOW),
        )
    ]
    assert uses == [AccountUse.COOLING_OFF, AccountUse.READY, AccountUse.MISSING]


def test_alipay_account_is_found_for_the_split(db):
    streamer = make_person(db, Role.STREAMER)
    make_account(db, streamer, kind=AccountKind.ALIPAY, number="2088123412341234")

    assert service.find_alipay_account(db, person_id=streamer.id, now=NOW) == "2088123412341234"
    assert service.find_alipay_account(db, person_id=make_farmer(db).id, now=NOW) is None


def test_account_changed_yesterday_receives_nothing_and_the_old_one_neither(db):
    farmer = make_farmer(db)
    make_account(db, farmer)

    make_account(db, farmer, number=NUMBER, now=NOW - timedelta(hours=20))

    assert service.find_bank_account(db, payee_id=farmer.id, now=NOW) is None
    states = [each.state for each in service.list_accounts(db, payee_id=farmer.id)]
    assert states == [AccountState.CONFIRMED, AccountState.REPLACED]
    assert service.find_bank_account(db, payee_id=farmer.id, now=NOW + timedelta(hours=4)).number == NUMBER
    told, _first = notices.list_notices(db, person_id=farmer.id)
    assert (told.code, told.facts) == ("account_changed", {"tail": "0011"})


def test_maker_is_never_checker(db):
    farmer, admin = make_farmer(db), make_admin(db)
    account_id = propose(db, farmer, by=acting(admin), paper="委托书 12")

    with pytest.raises(SamePerson):
        service.confirm_account(db, account_id=account_id, actor=acting(admin), now=NOW)

    assert [each.state for each in service.list_accounts(db)] == [AccountState.PROPOSED]
    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(
            text(
                "UPDATE shop_payee_account SET confirmed_by = proposed_by, state = 'confirmed', "
                "confirmed_at = proposed_at, usable_from = :at"
            ),
            {"at": "2027-01-01 00:00:00+00:00"},
        )


def test_association_member_does_not_confirm_their_own_account(db):
    owner = make_person(db, Role.FARMER, Role.ASSOCIATION_ADMIN)
    account_id = propose(db, owner, by=acting(make_admin(db)), paper="委托书 12")

    with pytest.raises(SamePerson):
        service.confirm_account(db, account_id=account_id, actor=acting(owner), now=NOW)

    assert service.find_bank_account(db, payee_id=owner.id, now=NOW + DAY) is None


@pytest.mark.parametrize("how", ["acting", "by role", "as association"])
def test_village_agent_never_changes_an_account(db, how):
    farmer = make_farmer(db)
    agent = make_person(db, Role.VILLAGE_AGENT, Role.ASSOCIATION_ADMIN)
    make_consent(db, farmer_id=farmer.id, agent_id=agent.id)
    by = {
        "acting": Actor(agent.id, Role.VILLAGE_AGENT, farmer.id),
        "by role": Actor(agent.id, Role.VILLAGE_AGENT),
        "as association": acting(agent),
    }[how]

    with pytest.raises(AgentMayNot):
        propose(db, farmer, by=by)
    assert service.list_accounts(db) == []
    account_id = propose(db, farmer)
    with pytest.raises(AgentMayNot):
        service.confirm_account(db, account_id=account_id, actor=by, now=NOW)

    assert [each.state for each in service.list_accounts(db)] == [AccountState.PROPOSED]


def test_nobody_changes_another_ones_account(db):
    with pytest.raises(NotAllowed):
        propose(db, make_farmer(db), by=acting(make_farmer(db), Role.FARMER))
    account_id = propose(db, make_farmer(db))
    with pytest.raises(NotAllowed):
        service.confirm_account(
            db, account_id=account_id, actor=acting(make_farmer(db), Role.FARMER), now=NOW
        )

    assert [each.state for each in service.list_accounts(db)] == [AccountState.PROPOSED]


@pytest.mark.parametrize(
    "account",
    [
        NewAccount(AccountKind.BANK, "1.39E+10", "王秀英", "农业银行", "岚皋"),
        NewAccount(AccountKind.BANK, "1234567", "王秀英", "农业银行", "岚皋"),
        NewAccount(AccountKind.BANK, "6" * 31, "王秀英", "农业银行", "岚皋"),
        NewAccount(AccountKind.BANK, "６２２８４８００００００００００１１", "王秀英", "农业银行", "岚皋"),
        NewAccount(AccountKind.BANK, NUMBER, "", "农业银行", "岚皋"),
        NewAccount(AccountKind.BANK, NUMBER, "王秀英", "", "岚皋"),
        NewAccount(AccountKind.BANK, NUMBER, "王秀英", "农业\x00银行", "岚皋"),
        NewAccount(AccountKind.ALIPAY, "2089123412341234", "王秀英"),
        NewAccount(AccountKind.ALIPAY, "208812341234123", "王秀英"),
    ],
)
def test_account_that_cannot_be_one_is_refused(db, account):
    with pytest.raises(BadAccount):
        propose(db, make_farmer(db), account=account)

    assert service.list_accounts(db) == []


def test_account_needs_its_owners_consent(db):
    with pytest.raises(ConsentMissing):
        propose(db, make_farmer(db), paper="  ")

    assert service.list_accounts(db) == []


def test_second_proposal_waits_for_the_first_one(db):
    farmer, admin = make_farmer(db), make_admin(db)
    first = propose(db, farmer)
    with pytest.raises(ProposalOpen):
        propose(db, farmer)

    service.reject_account(db, account_id=first, actor=acting(admin), now=NOW)
    with pytest.raises(IllegalMove):
        service.confirm_account(db, account_id=first, actor=acting(admin), now=NOW)
    propose(db, farmer)

    states = sorted(each.state for each in service.list_accounts(db, payee_id=farmer.id))
    assert states == [AccountState.PROPOSED, AccountState.REJECTED]


def test_number_stands_sealed_and_is_seen_whole_only_for_a_reason_on_record(db):
    farmer, admin = make_farmer(db), make_admin(db)
    account_id = propose(db, farmer)
    assert service.list_accounts(db)[0].masked == "**** 0011"
    assert NUMBER not in str(db.execute(text("SELECT * FROM shop_payee_account")).one())
    with pytest.raises(ReasonMissing):
        service.reveal_number(db, account_id=account_id, reason=" ", actor=acting(admin), now=NOW)
    with pytest.raises(NotAllowed):
        service.reveal_number(
            db, account_id=account_id, reason="想看看", actor=acting(farmer, Role.FARMER), now=NOW
        )
    assert audit.list_records(db, action="payee_account.seen") == []

    seen = service.reveal_number(
        db, account_id=account_id, reason="银行来电核对", actor=acting(admin), now=NOW
    )

    assert seen == NUMBER
    (record,) = audit.list_records(db, action="payee_account.seen")
    assert (record.person_id, record.after) == (admin.id, {"reason": "银行来电核对"})


def test_unknown_account_is_not_found(db):
    with pytest.raises(NotFound):
        service.confirm_account(db, account_id=make_farmer(db).id, actor=acting(make_admin(db)), now=NOW)
