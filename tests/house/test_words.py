"""Every message is said in both languages, and no template speaks past the translations."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel

from county.web import catalogs
from tests.house.template_words import untranslated

ROOT = Path(__file__).resolve().parents[2]
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
# Pages that are not ours in character: the pretend Alipay speaks like a payment company, in its own files.
NOT_OUR_PAGES = ("payments",)


def environment():
    app = Flask("words")
    Babel(app)
    return app.jinja_env


def keys(message):
    return message.id if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("room", catalogs.list_rooms())
def test_every_message_id_of_a_room_is_translated(room):
    done = {
        keys(message)
        for each in catalogs.list_rooms()
        for message in catalogs.read_catalog(each)
        if message.id and message.string and not message.fuzzy
    }

    assert {key: where for key, where in catalogs.used_ids(room).items() if key not in done} == {}


@pytest.mark.parametrize("room", catalogs.list_rooms())
def test_no_entry_is_empty_or_fuzzy_and_places_are_the_same(room):
    wrong = []
    for message in catalogs.read_catalog(room):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.fuzzy or not all(strings):
            wrong.append(ids[0])
        # The plural names every place; Chinese has one form for both.
        elif any(sorted(PLACES.findall(string)) != sorted(PLACES.findall(ids[-1])) for string in strings):
            wrong.append(f"{ids[-1]} -> {strings}")

    assert wrong == []


def test_rooms_do_not_translate_one_id_in_two_ways():
    said: dict[object, set[str]] = {}
    for room in [room for room in catalogs.list_rooms() if room != "gallery"]:
        for message in catalogs.read_catalog(room):
            if message.id:
                said.setdefault(keys(message), set()).add(str(message.string))

    assert {key: strings for key, strings in said.items() if len(strings) > 1} == {}


def test_no_template_speaks_past_the_translations():
    jinja, found = environment(), {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = path.relative_to(ROOT / "templates")
        # The gallery shows names of people and villages as they would come from the database.
        if name.parts[0] in (*NOT_OUR_PAGES, "frame_demo"):
            continue
        if words := untranslated(jinja, path.read_text(encoding="utf-8")):
            found[str(name)] = words

    assert found == {}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Sold out</p>", ["Sold out"]),
        ("<p>{{ _('Sold out') }} 12 · ¥</p>", []),
        ("<p>{% trans n=3 %}{{ n }} left{% endtrans %}</p>", []),
        ('<img alt="Tea" class="wide">', ["alt='Tea'"]),
        ('<input type="submit" value="Send">', ["value='Send'"]),
        ('<input type="hidden" value="Send">', []),
        ('<a href="/x" title="{{ _("More") }}">{{ name }}</a>', []),
        ('{{ notice("Nothing here yet", "warn") }}', ["'Nothing here yet'"]),
        ('{{ notice(_("Nothing here yet"), "warn") }}{{ icon("sort-up", class="big wide") }}', []),
        ("<p>卖完了</p>", ["卖完了"]),
        ("<p>Left: {{ n }}</p>", ["Left: …"]),
    ],
)
def test_the_reader_of_templates_finds_what_is_not_translated(source, words):
    assert untranslated(environment(), source) == words


def test_every_refusal_says_a_marked_message():
    unmarked = []
    for room in ("county", "logistics", "shop", "livestream"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.ClassDef):
                    continue
                for line in node.body:
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "says":
                        marked = isinstance(line.value, ast.Call) and ast.unparse(line.value.func) == "N_"
                        if not marked:
                            unmarked.append(f"{path.relative_to(ROOT)}: {node.name}")

    assert unmarked == []
