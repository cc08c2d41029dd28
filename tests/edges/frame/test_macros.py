"""The macros: sums that add up, errors linked to their fields, tables, states."""

import re

import pytest
from wtforms import BooleanField, Form, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

LINES = [
    {"label": "Goods sold", "fen": 6850, "href": "/money"},
    {"label": "Streamer", "fen": -685},
    {"label": "Association", "fen": -343},
]
SUM = '{% from "macros/figures.html" import money_sum %}{{ money_sum(lines, "Yours", total) }}'
COLUMNS = [
    {"key": "waybill", "label": "Waybill", "sort": True},
    {"key": "weight_g", "label": "Weight", "unit": "kg", "kind": "kg"},
    {"key": "fen", "label": "Charge", "kind": "yuan", "sort": True},
    {"key": "courier", "label": "Courier", "shown": False},
]
TABLE = """{% import "macros/tables.html" as tables %}
{% call(row, column) tables.table("Parcels", columns, rows, sort=sort, select=select, total=total,
empty_title="No parcels", empty_sentence="Read in a file.") %}
{% if column.key == "waybill" %}
<a href="/p/{{ row.waybill }}">{{ row.waybill }}</a>{% endif %}{% endcall %}"""


def texts(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_sum_shows_how_it_adds_up(render):
    html = render(SUM, lines=LINES, total=5822)

    assert texts(html) == "Goods sold 68.50 Streamer − 6.85 Association − 3.43 Yours = ¥58.22"
    assert '<a href="/money">Goods sold</a>' in html


def test_a_sum_that_does_not_add_up_is_never_shown(render):
    with pytest.raises(ValueError, match="add up to 5822 fen, the page says 5823"):
        render(SUM, lines=LINES, total=5823)


def test_a_sum_below_zero_shows_one_minus(render):
    html = render(SUM, lines=[{"label": "Refund", "fen": -1000}], total=-1000)

    assert texts(html) == "Refund − 10.00 Yours = −¥10.00"


def test_an_error_is_linked_to_its_field_and_listed_on_top(render):
    html = render(
        """{% import "macros/forms.html" as forms %}
        {% call forms.form("/sell", "Put it into the shop", errors=errors) %}
        {{ forms.text("price", "Price", help="Like 68.50", error=errors.get("price")) }}{% endcall %}""",
        errors={"price": ["The price is missing."]},
    )

    assert '<div class="summary" role="alert" tabindex="-1" autofocus>' in html
    assert '<a href="#price">The price is missing.</a>' in html
    assert 'aria-describedby="price-error price-help" aria-invalid="true"' in html
    assert 'id="price-error"' in html
    assert 'id="price-help"' in html
    assert "One thing needs your attention" in html


def test_a_form_without_errors_has_no_summary_and_carries_both_tokens(render):
    html = render('{% import "macros/forms.html" as forms %}{% call forms.form("/x", "Send") %}{% endcall %}')

    assert "summary" not in html
    assert re.search(r'name="csrf_token" value=".{20,}"', html)
    assert re.search(r'name="form_token" value=".{20,}"', html)


def test_form_tokens_are_never_the_same(render):
    source = '{% import "macros/forms.html" as forms %}{{ forms.hidden_tokens() }}'

    assert len({re.search(r'form_token" value="([^"]+)', render(source))[1] for _ in range(5)}) == 5


def test_a_search_form_carries_no_token(render):
    html = render(
        """{% import "macros/forms.html" as forms %}
        {% call forms.form("/x", "Go", method="get") %}{% endcall %}"""
    )

    assert "token" not in html


def test_what_a_visitor_typed_is_escaped_everywhere(render):
    html = render(
        """{% import "macros/forms.html" as forms %}
        {{ forms.text("q", "Q", v, v, v) }}{{ forms.area("a", "A", v) }}{{ forms.choice("c", "C", [(v, v)]) }}
        {{ forms.picks("p", "P", [(v, v, v)], v) }}{{ forms.summary({"q": v}) }}
        {{ forms.changes([(v, v, v)]) }}{{ forms.post_button(v, v, fields={"f": v}) }}""",
        v="\"><script>alert('x')</script>",
    )

    assert "<script" not in html


def test_wtforms_fields_are_drawn_by_their_kind(render):
    class SellForm(Form):
        name = StringField("What is it?", [InputRequired("Say what it is.")])
        amount = IntegerField("How much?")
        story = TextAreaField("Story")
        village = SelectField("Village", choices=[SelectChoice("1", "Siji")])
        kind = RadioField("Kind", choices=[SelectChoice("tea", "Tea"), SelectChoice("honey", "Honey")])
        own = BooleanField("I grew this.")

    form = SellForm(name="", kind="tea")
    form.validate()
    html = render(
        '{% import "macros/forms.html" as forms %}{% for each in form %}{{ forms.field(each) }}{% endfor %}',
        form=form,
    )

    assert html.count("<label") == 7
    assert '<input class="input" id="name" name="name" type="text" value="" required' in html
    assert "Say what it is." in html
    assert 'inputmode="numeric"' in html
    assert "<textarea" in html
    assert "<select" in html
    assert '<input type="radio" name="kind" value="tea" checked>' in html
    assert '<input type="checkbox" id="own" name="own" value="1"' in html


def test_a_table_writes_cells_by_kind_and_heads_as_links(render):
    rows = [{"waybill": "78312", "weight_g": 2500, "fen": 450, "courier": "中通"}]
    html = render(
        TABLE, columns=COLUMNS, rows=rows, sort="fen", select="", total={"weight_g": 2500, "fen": 450}
    )

    assert '<th scope="row" class=""><a href="/p/78312">78312</a></th>' in html
    cells = '<td class="num" data-head="Weight (kg)">2.5</td><td class="num" data-head="Charge">4.50</td>'
    assert cells in html.replace("> <", "><")
    assert 'aria-sort="ascending"' in html
    assert 'href="/desk?lang=en&amp;sort=-fen"' in html
    assert 'href="/desk?lang=en&amp;sort=waybill"' in html
    assert "中通" not in html
    assert texts(html).endswith("Total 2.5 4.50")


def test_a_table_without_rows_says_what_would_be_here(render):
    html = render(TABLE, columns=COLUMNS, rows=[], sort="", select="", total=None)

    assert texts(html) == "No parcels Read in a file."


def test_rows_are_chosen_by_boxes_with_names(render):
    rows = [{"id": 7, "waybill": "78312", "weight_g": 1, "fen": 1}]
    html = render(TABLE, columns=COLUMNS, rows=rows, sort="", select="parcel", total=None)

    assert 'name="parcel" value="7"' in html
    assert "Select 78312" in texts(html)


@pytest.mark.parametrize(
    ("tone", "icon"), [("good", "done"), ("warn", "wait"), ("bad", "stop"), ("", "note")]
)
def test_a_state_is_an_icon_and_a_word(render, tone, icon):
    html = render('{% from "macros/states.html" import badge %}{{ badge("Delivered", tone) }}', tone=tone)

    assert f"#{icon}" in html
    assert texts(html) == "Delivered"


def test_long_work_is_readable_without_script(render):
    html = render(
        """{% from "macros/steps.html" import progress %}
        {{ progress("Planning", "running", 6400, "Plan 214", [("Cost now", "1204.50")], "/work") }}"""
    )

    assert '<progress max="10000" value="6400"' in html
    assert "You can leave this page." in html
    assert 'data-poll="/work"' in html


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503, 418])
def test_error_pages_say_what_happened_what_to_do_and_their_number(render, status):
    html = render(
        '{% extends "errors/error.html" %}', status=status, message="Only 2 are left.", reference="7f3a91c2"
    )

    assert html.count("<h1>") == 1
    assert "Only 2 are left." in html
    assert f"Number of this message: <b>7f3a91c2</b> ({status})" in html
    assert 'href="/"' in html
