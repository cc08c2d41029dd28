"""Masks of names, phones and addresses: enough is shown to recognise, never a house, unit or room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.people.rules import mask_address, mask_name, mask_phone


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        ("陕西省安康市岚皋县城关镇新春路1号县分拨中心", "陕西省安康市岚皋县城关镇****"),
        ("岚皋县佐龙镇12组3号", "岚皋县佐龙镇****"),
        ("岚皋县佐龙镇杜坝村陈家山柑橘农场东头", "岚皋县佐龙镇****"),
        ("岚皋县城关镇张家院子", "岚皋县城关镇****"),
        ("城关镇新春路一号二单元", "城关镇****"),
        ("陕西省安康市镇坪县曾家镇千山村水井边老屋", "陕西省安康市镇坪县曾家镇****"),
        ("陕西省汉中市西乡县堰口镇老街东头第三组", "陕西省汉中市西乡县堰口镇****"),
        ("江西省景德镇市珠山区新村街道东二路2栋1单元3室", "江西省景德镇市珠山区新村街道****"),
        ("河南省新乡市封丘县应举乡东大街中段路北", "河南省新乡市封丘县应举乡****"),
        ("西安市雁塔区小寨东路１２号", "西安市雁塔区小寨****"),
        ("新春路二十三号院", "新春路****"),
        ("县分拨中心收货处", "县分拨中心****"),
        ("村委会", "村委****"),
        ("家", "****"),
        ("", "****"),
    ],
)
def test_masked_address_ends_behind_the_town_and_before_the_house(whole, shown):
    assert mask_address(whole) == shown


@given(st.text(max_size=60))
def test_at_least_the_last_third_of_an_address_is_hidden(whole):
    shown = mask_address(whole).removesuffix("****")

    assert whole.startswith(shown)
    assert 3 * len(shown) <= 2 * len(whole)


@pytest.mark.parametrize(("whole", "shown"), [("王秀英", "王**"), ("李", "李*"), ("", "*")])
def test_name_hides_at_least_one_sign(whole, shown):
    assert mask_name(whole) == shown


@pytest.mark.parametrize(
    ("whole", "shown"), [("13900000001", "139******01"), ("0915-1234567", "************"), ("", "")]
)
def test_phone_hides_at_least_six_digits(whole, shown):
    assert mask_phone(whole) == shown
