"""Values as people read them."""

from datetime import UTC, date, datetime

import pytest

from county import clock
from county.web import filters

EVENING = datetime(2026, 11, 3, 11, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_november_2026(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("fen", "typed", "shown"),
    [
        (0, "0.00", "0.00"),
        (6850, "68.50", "68.50"),
        (-5, "-0.05", "−0.05"),
        (4821000, "48210.00", "48,210.00"),
        (-123456789, "-1234567.89", "−1,234,567.89"),
    ],
)
def test_fen_are_written_as_yuan(fen, typed, shown):
    assert (filters.yuan(fen, False), filters.yuan(fen)) == (typed, shown)


@pytest.mark.parametrize(
    ("weight_g", "kg", "jin"),
    [(2500, "2.5", "5"), (0, "0", "0"), (1, "0.001", "0.002"), (20000, "20", "40"), (-1050, "-1.05", "-2.1")],
)
def test_grams_are_written_as_kg_and_jin(weight_g, kg, jin):
    assert (filters.kg(weight_g), filters.jin(weight_g)) == (kg, jin)


@pytest.mark.parametrize(
    ("language", "form", "shown"),
    [
        ("zh_CN", "spoken", "11月3日 周二 19:30"),
        ("en", "spoken", "Tue 3 Nov 19:30"),
        ("en", "iso", "2026-11-03 19:30"),
        ("zh_CN", "year", "2026年11月3日 19:30"),
    ],
)
def test_instants_are_shown_in_county_time(render, language, form, shown):
    assert render("{{ at|county_time(form) }}", f"/desk?lang={language}", at=EVENING, form=form) == shown


def test_a_day_of_another_year_names_the_year(render):
    on = date(2025, 3, 28)

    assert render("{{ on|county_date }}", on=on) == "28 Mar 2025"
    assert render("{{ on|county_date }}", "/desk?lang=zh_CN", on=on) == "2025年3月28日"


def test_late_evening_in_utc_is_the_next_county_day(render):
    at = datetime(2026, 11, 3, 17, 0, tzinfo=UTC)

    assert render("{{ at|county_date('iso') }} {{ at|county_clock }}", at=at) == "2026-11-04 01:00"


def test_an_instant_without_zone_is_refused(render):
    with pytest.raises(ValueError, match="has no time zone"):
        render("{{ at|county_time }}", at=datetime(2026, 11, 3))  # noqa: DTZ001


def test_query_url_changes_adds_and_removes(render):
    source = "{{ query_url(sort='-fen', page=2, lang=None)|safe }}"

    assert render(source, "/desk?lang=en&sort=fen&q=a%26b") == "/desk?sort=-fen&q=a%26b&page=2"


def test_query_url_follows_no_visitor_to_another_site(render):
    source = "{{ query_url(page=2)|safe }}"

    assert render(source, "/desk?_external=1&_scheme=evil&_anchor=x") == "/desk?page=2"
    assert render(source, "/static/css/base.css?filename=js/frame.js") == "/static/css/base.css?page=2"


def test_an_asset_address_changes_with_its_content(render, tmp_path, gallery, monkeypatch):
    monkeypatch.setattr(gallery, "static_folder", str(tmp_path))
    monkeypatch.setitem(gallery.config, "DEBUG", True)
    (tmp_path / "x.css").write_text("a")
    first = render("{{ asset('x.css') }}")

    (tmp_path / "x.css").write_text("b")

    assert first == "/static/x.css?v=ca978112ca"
    assert render("{{ asset('x.css') }}") == "/static/x.css?v=3e23e81600"
