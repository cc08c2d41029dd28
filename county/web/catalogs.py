"""The catalogues of messages: one per room and language, merged into the one that pages use."""

import ast
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "translations"
LOCALE = "zh_CN"
# Babel calls Chinese of the mainland by its script and looks for catalogues under that name.
_COMPILED_LOCALE = "zh_Hans_CN"
# The gallery is no room; its words have a catalogue of their own, so that those of the rooms stay clean.
_GALLERY = "gallery"
_ROOMS = ("county", "logistics", "shop", "livestream", _GALLERY)
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
# Facts of refusals that are words of ours, not of the caller's: their texts are message ids.
WORDS = ("what", "why")
_JINJA_OPTIONS = {"trimmed": "true", "silent": "false"}

Key = str | tuple[str, ...]


def list_rooms() -> tuple[str, ...]:
    """List the rooms, lowest first; each has a catalogue of its own."""
    return _ROOMS


def catalog_path(room: str) -> Path:
    """Give the path of a room's Chinese catalogue."""
    return TRANSLATIONS / LOCALE / "LC_MESSAGES" / f"{room}.po"


def compiled_path() -> Path:
    """Give the path of the compiled catalogue that pages use; it is not kept in git."""
    return TRANSLATIONS / _COMPILED_LOCALE / "LC_MESSAGES" / "messages.mo"


def read_catalog(room: str) -> Catalog:
    """Read a room's Chinese catalogue; an absent one is empty."""
    path = catalog_path(room)
    if not path.exists():
        return Catalog(locale=LOCALE)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, abort_invalid=True)


def source_files(room: str) -> Iterator[tuple[str, Path]]:
    """Walk over the files of a room that hold message ids, with the name of their reader."""
    templates = ROOT / "templates"
    own = {each: templates / each for each in _ROOMS} | {_GALLERY: templates / "frame_demo"}
    code = ROOT / "tests" / "browser" if room == _GALLERY else ROOT / room
    for path in sorted(code.rglob("*.py")):
        yield "python", path
    for path in sorted(templates.rglob("*.html")):
        # What belongs to no room (base, macros, errors) belongs to the ground floor.
        folder = templates / path.relative_to(templates).parts[0]
        if folder == own[room] or (room == "county" and folder not in own.values()):
            yield "jinja2", path
    if room == "county" and (front_door := ROOT / "app.py").exists():
        yield "python", front_door


def used_ids(room: str) -> dict[Key, str]:
    """Extract the message ids that a room uses, each with one file that uses it."""
    found: dict[Key, str] = {}
    for reader, path in source_files(room):
        options = _JINJA_OPTIONS if reader == "jinja2" else {}
        with path.open("rb") as file:
            for _line, message, _comments, _context in extract(reader, file, _KEYWORDS, (), options):
                key: Key = message if isinstance(message, str) else tuple(message)
                if key:
                    found.setdefault(key, str(path.relative_to(ROOT)))
        if reader == "python":
            for word in _words_of_refusals(path.read_text(encoding="utf-8")):
                found.setdefault(word, str(path.relative_to(ROOT)))
    return found


def _words_of_refusals(source: str) -> Iterator[str]:
    """Find the words with which refusals are raised: `raise NotFound(what="order")`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            for fact in node.exc.keywords:
                if fact.arg in WORDS and isinstance(fact.value, ast.Constant) and fact.value.value:
                    yield str(fact.value.value)


def first_id(key: Key) -> str:
    """Give the singular of a message id."""
    return key if isinstance(key, str) else key[0]


def update_catalog(room: str) -> tuple[int, int]:
    """Add the ids that a room uses and no lower room translates, drop those nobody asks it for any more.

    Gives: how many ids are new, and how many entries of the room have no translation yet.
    """
    lower = _ROOMS[: _ROOMS.index(room)]
    below = {
        _key(message) for each in lower for message in read_catalog(each) if message.id and message.string
    }
    used_here = used_ids(room)
    used_anywhere = set(used_here).union(*(used_ids(each) for each in _ROOMS if each != room))
    old = {_key(message): message for message in read_catalog(room) if message.id}
    catalog = Catalog(locale=LOCALE)
    kept = {key: message for key, message in old.items() if key in used_anywhere - below}
    for key in sorted({*kept, *(set(used_here) - below)}, key=first_id):
        catalog.add(list(key) if isinstance(key, tuple) else key, kept[key].string if key in kept else "")
    _write(
        catalog_path(room), lambda file: write_po(file, catalog, width=0, no_location=True, omit_header=True)
    )
    entries = [message for message in catalog if message.id]
    return len(set(used_here) - below - set(old)), sum(not _is_done(message) for message in entries)


def compile_catalogs() -> bool:
    """Merge the rooms' catalogues into the compiled one when it is missing or older; tells whether it did."""
    made = compiled_path()
    sources = [path for room in _ROOMS if (path := catalog_path(room)).exists()]
    if made.exists() and all(path.stat().st_mtime_ns <= made.stat().st_mtime_ns for path in sources):
        return False
    merged = Catalog(locale=LOCALE, fuzzy=False)
    # The lower room has the last word.
    for room in reversed(_ROOMS):
        for message in read_catalog(room):
            if message.id and not message.fuzzy and _is_done(message):
                merged.add(message.id, message.string)
    _write(made, lambda file: write_mo(file, merged))
    return True


def _key(message: Message) -> Key:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def _is_done(message: Message) -> bool:
    if isinstance(message.string, str):
        return bool(message.string)
    return bool(message.string) and all(message.string or ())


def _write(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        fill(file)
    os.chmod(name, 0o644)
    os.replace(name, path)
