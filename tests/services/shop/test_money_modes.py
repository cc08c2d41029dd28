"""The doctor refuses sellers whose buyers' money would be pooled in the association's account."""

from dataclasses import replace

from county import database
from county.operations.doctor import Level
from county.payments.alipay import provider
from shop.sellers import service as sellers
from shop.sellers.checks import check_money_modes
from shop.sellers.types import MoneyMode
from tests.makers.people import NOW, ROBOT


def add(mode: MoneyMode, merchant_id: str) -> None:
    with database.transaction() as db:
        sellers.add_seller(
            db,
            name=f"{mode.value}店",
            mode=mode,
            merchant_id=merchant_id,
            association_bp=500,
            actor=ROBOT,
            now=NOW,
        )


def test_sub_merchant_paid_into_our_account_is_wrong(settings):
    add(MoneyMode.SUB_MERCHANT, settings.alipay_seller_id)

    findings = list(check_money_modes(settings))

    assert [(each.level, each.where) for each in findings] == [(Level.WRONG, "seller sub_merchant店")]


def test_direct_seller_paid_into_our_account_is_wrong(settings):
    add(MoneyMode.DIRECT, settings.alipay_seller_id)

    findings = list(check_money_modes(settings))

    assert [(each.level, each.where) for each in findings] == [(Level.WRONG, "seller direct店")]


def test_sub_merchant_without_a_merchant_number_is_wrong(settings):
    add(MoneyMode.SUB_MERCHANT, "")

    findings = list(check_money_modes(settings))

    assert [(each.level, each.where) for each in findings] == [(Level.WRONG, "seller sub_merchant店")]


def test_sub_merchant_that_the_contract_does_not_allow_is_wrong(settings, monkeypatch):
    add(MoneyMode.SUB_MERCHANT, "2088000000002001")
    monkeypatch.setattr(provider, "LIMITS", replace(provider.LIMITS, has_sub_merchants=False))

    findings = list(check_money_modes(settings))

    assert [(each.level, each.where) for each in findings] == [(Level.WRONG, "seller sub_merchant店")]


def test_association_without_an_account_for_its_part_is_wrong(settings):
    add(MoneyMode.SUB_MERCHANT, "2088000000002001")

    findings = list(check_money_modes(replace(settings, alipay_seller_id="")))

    assert [(each.level, each.where) for each in findings] == [(Level.WRONG, "sellers")]


def test_cooperative_in_our_account_and_farm_in_its_own_are_fine(settings):
    add(MoneyMode.PRINCIPAL, settings.alipay_seller_id)
    add(MoneyMode.SUB_MERCHANT, "2088000000002001")

    assert [each.level for each in check_money_modes(settings)] == [Level.OK]
