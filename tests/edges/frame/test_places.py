"""The bar has four places of one role; the rail has all of them by room."""

import re

import pytest

from county.web import places
from county.web.places import Place


def bar_of(answer):
    nav = re.search(r'<nav class="bar".*?</nav>', answer.text, re.S)
    return re.findall(r"<span>([^<]+)</span></a>", nav[0]) if nav else None


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("", ["Home", "Live", "Cart", "Me"]),
        ("buyer", ["Home", "Live", "Cart", "Me"]),
        ("farmer", ["Sell", "Orders", "Money", "Me"]),
        ("association_admin", ["Parcels", "Tours", "Statements"]),
    ],
)
def test_each_role_finds_its_places_in_the_bar(client, role, names):
    assert bar_of(client.get(f"/empty?lang=en&as={role}")) == names


def test_acting_for_a_farmer_shows_the_farmers_places_and_the_name(client):
    answer = client.get("/sell?lang=en&as=village_agent")

    assert bar_of(answer) == ["Sell", "Orders", "Money", "Me"]
    assert "You are acting for <strong>张三</strong>." in answer.text


def test_a_person_with_two_roles_chooses_whose_places_to_see(client):
    client.set_cookie("look", "en.0.0.buyer")

    assert bar_of(client.get("/empty?as=farmer")) == ["Home", "Live", "Cart", "Me"]


def test_a_role_one_does_not_have_is_not_shown(client):
    client.set_cookie("look", "en.0.0.farmer")

    assert bar_of(client.get("/empty?as=buyer")) == ["Home", "Live", "Cart", "Me"]


def test_the_desk_gets_a_rail_by_room(client):
    text = client.get("/desk?lang=en&as=association_admin").text
    rail = re.search(r'<nav class="rail".*?</nav>', text, re.S)[0]

    assert re.findall(r'places-room">([^<]+)<', rail) == ["Logistics", "Shop", "Livestream"]
    assert re.findall(r'href="([^"]+)" aria-current="page"', rail) == ["/desk"]


def test_a_buyer_gets_no_rail(client):
    assert 'class="rail"' not in client.get("/empty?as=buyer").text


@pytest.fixture
def rooms_offer(gallery, monkeypatch):
    """The gallery shows what rooms offer, as the real application does."""
    monkeypatch.setattr(places, "_offered", {})
    monkeypatch.setitem(gallery.config, "PLACES", None)
    return places.offer


def test_a_place_of_a_room_that_is_not_installed_disappears(rooms_offer, client):
    rooms_offer(
        Place("not_installed.page", "Gone", "home", ("buyer",), in_bar=1),
        Place("empty", "Cart", "cart", ("buyer",), in_bar=2),
    )

    assert bar_of(client.get("/empty?lang=en&as=buyer")) == ["Cart"]


def test_a_fifth_seat_stays_out_of_the_bar_and_stands_in_the_menu(rooms_offer, client):
    names = ["Home", "Live", "Cart", "Orders", "Money"]
    rooms_offer(*(Place("empty", name, "home", ("buyer",), in_bar=1) for name in names))
    answer = client.get("/empty?lang=en&as=buyer")

    assert bar_of(answer) == names[:4]
    assert re.search(r'<details class="menu">.*Money.*</details>', answer.text, re.S)


def test_seats_decide_the_order_and_what_has_no_room_comes_last(rooms_offer, client):
    rooms_offer(
        Place("empty", "Me", "me", ("buyer",), in_bar=1),
        Place("empty", "Cart", "cart", ("buyer",), in_bar=2, room="Shop"),
        Place("empty", "Home", "home", ("buyer",), in_bar=1, room="Shop"),
    )

    assert bar_of(client.get("/empty?lang=en&as=buyer")) == ["Home", "Me", "Cart"]


def test_the_longest_address_above_the_page_is_the_present_place(gallery):
    with gallery.test_request_context("/settings/look/deeper"):
        current = [link.label for link in places.bar("buyer") if link.is_current]

    assert current == ["Me"]


def test_offering_twice_changes_nothing(rooms_offer, gallery):
    for _ in range(2):
        rooms_offer(Place("sell", "Sell", "sell", ("farmer",), in_bar=1))

    with gallery.test_request_context("/"):
        assert [link.label for link in places.bar("farmer")] == ["Sell"]
