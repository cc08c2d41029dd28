"""The frame keeps its promises in the files: contrast, names of tokens and icons, no inline code."""

import hashlib
import re
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TEXT_ON = {
    "ink": ("paper", "card", "tea-wash", "persimmon-wash", "good-wash", "warn-wash", "bad-wash"),
    "ink-soft": ("paper", "card", "tea-wash"),
    "tea": ("paper", "card", "tea-wash"),
    "tea-deep": ("paper", "card", "tea-wash"),
    "persimmon": ("paper", "card", "persimmon-wash"),
    "good": ("paper", "card", "good-wash"),
    "warn": ("paper", "card", "warn-wash"),
    "bad": ("paper", "card", "bad-wash"),
    "on-tea": ("tea", "tea-deep", "persimmon", "bad"),
    "on-sign": ("sign",),
}
LOOK_VALUES = {
    "ink": "#1c2420", "ink-soft": "#55625b", "paper": "#f7f5ef", "card": "#ffffff", "line": "#dcd8cc",
    "tea": "#2f6b4f", "tea-deep": "#1f4d39", "tea-wash": "#e6f0ea", "persimmon": "#a84a18",
    "persimmon-wash": "#fbece2", "good": "#2f6b4f", "warn": "#8a5a00", "bad": "#a3241f",
}  # fmt: skip


def colours(theme: str) -> dict[str, str]:
    text = (CSS / "tokens.css").read_text()
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if theme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_light_tokens_are_those_of_the_look():
    assert {name: colours("light")[name] for name in LOOK_VALUES} == LOOK_VALUES


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_on_every_ground_passes_4_5(theme):
    values = colours(theme)
    weak = {
        f"{text} on {ground}": round(contrast(values[text], values[ground]), 2)
        for text, grounds in TEXT_ON.items()
        for ground in grounds
        if contrast(values[text], values[ground]) < 4.5
    }

    assert weak == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_fields_pass_3(theme):
    values = colours(theme)

    assert {g: round(contrast(values["edge"], values[g]), 2) >= 3 for g in ("paper", "card")} == {
        "paper": True,
        "card": True,
    }


def test_both_themes_name_the_same_colours():
    light, dark = (ROOT / "static/css/tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    dark = dark.split(":root.elder")[0]

    assert set(re.findall(r"--([\w-]+): #", light)) == set(re.findall(r"--([\w-]+): #", dark))


def test_sheets_use_only_defined_names_and_no_colours_of_their_own():
    defined = set(
        chain.from_iterable(re.findall(r"(--[\w-]+):", path.read_text()) for path in CSS.glob("*.css"))
    )
    unknown, own_colours = {}, {}
    for path in CSS.glob("*.css"):
        text = path.read_text()
        if missing := set(re.findall(r"var\((--[\w-]+)", text)) - defined:
            unknown[path.name] = missing
        if path.name not in ("tokens.css", "print.css") and (
            found := re.findall(r"#[0-9a-fA-F]{3,8}\b", text)
        ):
            own_colours[path.name] = found

    assert (unknown, own_colours) == ({}, {})


def test_templates_hold_no_inline_style_or_script():
    wrong = {}
    for path in TEMPLATES:
        text = path.read_text()
        found = re.findall(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)[^>]*>", text)
        if found:
            wrong[str(path.relative_to(ROOT))] = found

    assert wrong == {}


def test_every_icon_that_is_used_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    used = set()
    for path in TEMPLATES:
        text = path.read_text()
        used |= set(re.findall(r'\bicon\("([\w-]+)"', text)) | set(re.findall(r'icon_name="([\w-]+)"', text))
    for room in ("county", "logistics", "shop", "livestream"):
        for path in (ROOT / room).rglob("*.py"):
            used |= set(re.findall(r'Place\(\s*"[\w.]+",\s*N_\("[^"]+"\),\s*"([\w-]+)"', path.read_text()))

    assert len(used) > 10
    assert used - drawn == set()


def test_vendored_files_are_what_their_makers_published():
    for listing in ROOT.rglob("vendor/*/SHA256SUMS"):
        if ".venv" in listing.parts:
            continue
        for line in listing.read_text().splitlines():
            digest, name = line.split()
            assert hashlib.sha256((listing.parent / name).read_bytes()).hexdigest() == digest
            assert any(listing.parent.glob("LICENSE*"))


def test_amounts_with_their_unit_are_written_in_one_way():
    """A sign stands before ¥: templates say `fen|money` and never put ¥ before `fen|yuan` themselves."""
    wrong = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in TEMPLATES
        for found in re.findall(r"¥(?:\{\{(?! yuan)|[\"'] ~).{0,30}|.{0,30}\|abs\|yuan", path.read_text())
        if path.name != "figures.html"  # Its sums have a column of signs.
    ]

    assert wrong == []
