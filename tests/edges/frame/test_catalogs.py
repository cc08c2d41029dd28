"""Catalogues: each room its own file, merged into one, never losing a translation."""

import os

import pytest
from babel.messages.mofile import read_mo

from county.web import catalogs


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogs, "ROOT", tmp_path)
    monkeypatch.setattr(catalogs, "TRANSLATIONS", tmp_path / "translations")
    for room in ("county", "shop"):
        (tmp_path / room).mkdir()
        (tmp_path / "templates" / room).mkdir(parents=True)
    (tmp_path / "county" / "types.py").write_text('says = N_("There is no such {what}.")\n')
    (tmp_path / "templates" / "base.html").write_text('{{ _("Home") }}')
    (tmp_path / "templates" / "shop" / "cart.html").write_text(
        '{{ _("Cart") }}{{ _("Home") }}{{ ngettext("%(num)s tin", "%(num)s tins", n) }}'
    )
    return tmp_path


def test_a_room_gets_its_own_ids_sorted_and_without_noise(house):
    assert catalogs.update_catalog("county") == (2, 2)

    assert catalogs.catalog_path("county").read_text() == (
        'msgid "Home"\nmsgstr ""\n\n#, python-brace-format\nmsgid "There is no such {what}."\nmsgstr ""\n\n'
    )


def test_words_of_refusals_are_ids_too(house):
    (house / "shop" / "service.py").write_text(
        'raise NotFound(what="order")\nraise Bad(why="", field="x")\nfetch(what="not this")\nraise\n'
    )

    assert set(catalogs.used_ids("shop")) == {"order", "Cart", "Home", ("%(num)s tin", "%(num)s tins")}


def test_what_a_lower_room_translates_is_not_asked_again(house):
    catalogs.update_catalog("county")
    path = catalogs.catalog_path("county")
    path.write_text(path.read_text().replace('msgid "Home"\nmsgstr ""', 'msgid "Home"\nmsgstr "首页"'))

    assert catalogs.update_catalog("shop") == (2, 2)
    assert "Home" not in catalogs.catalog_path("shop").read_text()


def test_updating_again_keeps_translations_and_drops_what_nobody_uses(house):
    catalogs.update_catalog("county")
    path = catalogs.catalog_path("county")
    path.write_text(path.read_text().replace('msgid "Home"\nmsgstr ""', 'msgid "Home"\nmsgstr "首页"'))
    (house / "county" / "types.py").write_text("")

    assert catalogs.update_catalog("county") == (0, 0)
    assert path.read_text() == 'msgid "Home"\nmsgstr "首页"\n\n'


def test_compiling_merges_the_rooms_once(house):
    folder = house / "translations" / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "county.po").write_text('msgid "Home"\nmsgstr "首页"\n\nmsgid "Empty"\nmsgstr ""\n')
    (folder / "shop.po").write_text(
        'msgid "%(num)s tin"\nmsgid_plural "%(num)s tins"\nmsgstr[0] "%(num)s 罐"\n\n'
        '#, fuzzy\nmsgid "Cart"\nmsgstr "车"\n'
    )

    assert catalogs.compile_catalogs() is True
    assert catalogs.compile_catalogs() is False
    with catalogs.compiled_path().open("rb") as file:
        merged = read_mo(file)
    assert {str(message.id): message.string for message in merged if message.id} == {
        "Home": "首页",
        "['%(num)s tin', '%(num)s tins']": ["%(num)s 罐"],
    }


def test_a_newer_catalogue_is_compiled_again(house):
    folder = house / "translations" / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "county.po").write_text('msgid "Home"\nmsgstr "首页"\n')
    catalogs.compile_catalogs()
    later = catalogs.compiled_path().stat().st_mtime_ns + 1_000_000_000
    os.utime(folder / "county.po", ns=(later, later))

    assert catalogs.compile_catalogs() is True
