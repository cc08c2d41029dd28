"""Finds words in templates that no translation reaches: texts, attributes and arguments of macros."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

SPOKEN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "content"}
TRANSLATING = {"_", "gettext", "ngettext", "N_"}
_WORD = re.compile(r"[^\W\d_]{2,}|[\u4e00-\u9fff]")
# A literal that reads like a sentence or a label, not like a name of a class, field or icon.
_SENTENCE = re.compile(r"^[A-Z][a-z]+|[\u4e00-\u9fff]|[a-z] [a-z]+[.?!]$")
# Stands for whatever an expression writes; holds no letters.
_HOLE = "\x1a"


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style"):
            self.silent += 1
        for name, value in attrs:
            spoken = name in SPOKEN_ATTRIBUTES and not (name == "content" and tag == "meta")
            if tag == "input" and name == "value" and given.get("type") in ("submit", "button"):
                spoken = True
            if spoken and value and _WORD.search(value):
                self.found.append(f"{name}={value!r}")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if not self.silent and _WORD.search(data):
            self.found.append(" ".join(data.replace(_HOLE, "…").split()))


def untranslated(environment: Environment, source: str) -> list[str]:
    """List the words of one template that stand outside `_()` and `{% trans %}`."""
    texts = _Texts()
    texts.feed("".join(_markup(environment, source)))
    texts.close()
    return texts.found + list(_literals(environment.parse(source)))


def _markup(environment: Environment, source: str) -> Iterator[str]:
    """Give the template's markup, with holes where expressions stand and without translated blocks."""
    in_translation = is_tag_name_next = False
    for _line, kind, text in environment.lex(source):
        if kind == "block_begin":
            is_tag_name_next = True
        elif is_tag_name_next and kind == "name":
            is_tag_name_next = False
            in_translation = text == "trans" or (in_translation and text != "endtrans")
        elif kind == "variable_begin" and not in_translation:
            yield _HOLE
        elif kind == "data" and not in_translation:
            yield text


def _literals(node: nodes.Node) -> Iterator[str]:
    """Walk over string literals that read like sentences, except those handed to a translation."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATING:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and _SENTENCE.search(node.value):
        yield repr(node.value)
    # What is compared, and the keys of mappings, are names and not shown.
    if isinstance(node, nodes.Compare | nodes.TemplateData):
        return
    for child in node.iter_child_nodes(exclude=("key",) if isinstance(node, nodes.Pair) else None):
        yield from _literals(child)
