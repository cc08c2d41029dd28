"""Language, elder mode and text size: chosen by a form, kept in one cookie, without a session."""

import re

import pytest


def look_cookie(client):
    found = client.get_cookie("look")
    return found.value if found else None


def html_tag(answer):
    return re.search(r"<html[^>]*>", answer.text)[0]


def test_the_county_speaks_chinese_until_somebody_chooses(client):
    answer = client.get("/empty")

    assert html_tag(answer) == '<html lang="zh-CN" class="">'
    assert "购物车还是空的" in answer.text


def test_query_wins_over_cookie_and_cookie_over_default(client):
    client.set_cookie("look", "en.0.0.")

    assert html_tag(client.get("/empty")) == '<html lang="en" class="">'
    assert html_tag(client.get("/empty?lang=zh_CN")) == '<html lang="zh-CN" class="">'
    assert html_tag(client.get("/empty?lang=tlh")) == '<html lang="en" class="">'


def test_choosing_elder_mode_keeps_the_other_choices_and_returns(client):
    client.set_cookie("look", "en.0.3.farmer")

    answer = client.post("/settings/look", data={"elder": "1", "back": "/money?as=farmer"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/money?as=farmer")
    assert look_cookie(client) == "en.1.3.farmer"
    assert html_tag(client.get("/empty")) == '<html lang="en" class="elder text-3">'


def test_all_choices_at_once(client):
    client.post("/settings/look", data={"elder": "0", "text": "4", "locale": "en", "role": "driver"})

    assert look_cookie(client) == "en.0.4.driver"


def test_choices_that_make_no_sense_change_nothing(client):
    client.set_cookie("look", "en.1.2.")

    client.post("/settings/look", data={"elder": "maybe", "text": "9", "locale": "fr", "role": "ADMIN;"})

    assert look_cookie(client) == "en.1.2."


@pytest.mark.parametrize("value", ["", "fr.0.0.", "en.2.0.", "en.0.5.", "en.0.0.Root", "en.0.0.<b>"])
def test_a_cookie_that_is_not_ours_counts_as_none(client, value):
    client.set_cookie("look", value)

    assert html_tag(client.get("/empty")) == '<html lang="zh-CN" class="">'


@pytest.mark.parametrize(
    "back",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "",
        "javascript:1",
        "/a\n/b",
    ],
)
def test_the_way_back_never_leaves_the_site(client, back):
    answer = client.post("/settings/look", data={"elder": "1", "back": back})

    assert answer.headers["Location"] == "/settings/look"


def test_a_form_on_another_site_changes_nothing(client):
    answer = client.post("/settings/look", data={"elder": "1"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 303
    assert look_cookie(client) is None


def test_switching_makes_no_session(client):
    client.get("/empty")
    client.post("/settings/look", data={"elder": "1"})

    assert client.get_cookie("session") is None


def test_other_forms_still_need_their_token(client):
    assert client.post("/sell", data={"name": "tea"}).status_code == 400


def test_every_page_carries_both_switches_with_the_way_back(client):
    text = client.get("/desk?q=78312&as=association_admin").text

    assert text.count('name="back" value="/desk?q=78312&amp;as=association_admin"') == 2
    assert 'name="elder" value="1"' in text
    assert 'name="locale" value="en"' in text
