"""Whatever is wrong with instance.json: exit 2, a line per fault with its place, nothing written."""

import json
from pathlib import Path

import pytest

import app as front_door  # noqa: TID251 - the tests stand outside the house
from tests.edges.planner_cli.evening import SOUND, run_plan, spoil, write

TEXT = json.dumps(SOUND, ensure_ascii=False, indent=1)
WINDOW = "streamers.0.available.0"

# value spoilt: (path, new value, what the message says)
VALUES: dict[str, tuple[str, object, str]] = {
    "no streamer": ("streamers", [], "streamers is a list, expected a list that is not empty"),
    "no studio": ("studios", [], "studios is a list, expected a list that is not empty"),
    "half past midnight as an end": (f"{WINDOW}.to", "24:30", '.to is "24:30", expected a clock time'),
    "midnight as a beginning": (f"{WINDOW}.from", "24:00", '.from is "24:00", expected a clock time'),
    "closing at 24:30": (
        "closes",
        "24:30",
        'closes is "24:30", expected a clock time HH:MM from 00:00 to 24:00',
    ),
    "hour without zero": ("opens", "6:00", 'opens is "6:00", expected a clock time'),
    "full-width digits": ("opens", "０６:00", "opens is "),
    "closing before opening": ("opens", "24:00", 'opens is "24:00"'),
    "window the wrong way round": (f"{WINDOW}.to", "18:00", "has 'from' not before 'to', expected a span"),
    "window outside the horizon": (
        f"{WINDOW}.on",
        "2026-10-08",
        "outside the horizon, expected a date from 2026-10-05",
    ),
    "window before the horizon": (f"{WINDOW}.on", "2026-10-04", "outside the horizon"),
    "product outside the horizon": ("products.0.to", "2026-10-08", "products[0].to is 2026-10-08, outside"),
    "product dates the wrong way round": ("products.0.from", "2026-10-07", ""),
    "overlapping windows": (
        "streamers.0.available.1",
        {"on": "2026-10-05", "from": "21:30", "to": "23:00"},
        "available[1] overlaps another window of the same streamer",
    ),
    "no such date": ("starts_on", "2026-02-30", "starts_on is 2026-02-30, which is not in the calendar"),
    "date with a time": ("starts_on", "2026-10-05T00:00", "expected a date such as 2026-10-05"),
    "last day of the calendar": ("starts_on", "9999-12-31", "expected an earlier one"),
    "no days": ("days", 0, "days is 0, expected a whole number from 1 to 366"),
    "negative rest": ("rest_slots", -1, "rest_slots is -1, expected a whole number from 0"),
    "negative weight": ("weights.0.weight", -5, "weights[0].weight is -5"),
    "enormous value": ("requests.0.value", 10**30, "requests[0].value is 1000000000000000000000000000000"),
    "number of 5,000 digits": ("requests.0.value", "@digits", "has a number that is none"),
    "values too large together": ("requests.0.value", 10**6, ""),
    "number with decimals": ("slot_minutes", 30.5, "slot_minutes is 30.5, expected a whole number"),
    "whole number written with decimals": ("days", 3.0, "days is 3.0, expected a whole number"),
    "number as text": ("days", "3", 'days is "3", expected a whole number'),
    "truth as a number": ("days", True, "days is true, expected a whole number"),
    "number as truth": ("studios.0.cold", 1, "studios[0].cold is 1, expected true or false"),
    "no slots": ("requests.0.slots", 0, "requests[0].slots is 0, expected a whole number from 1"),
    "unknown product": (
        "requests.1.products.0",
        "P9",
        'requests[1].products[0] is "P9", which is no product',
    ),
    "product twice in a request": ("requests.1.products", ["P1", "P1"], "again, expected each product once"),
    "request without products": ("requests.0.products", [], "expected a list that is not empty"),
    "two requests of one id": ("requests.1.id", "Q1", 'requests[1] has the id "Q1" of an earlier one'),
    "empty id": ("streamers.0.id", "", "streamers[0].id is"),
    "id with a line break": ("streamers.0.id", "a\nb", "expected a text without control characters"),
    "half a letter": ("streamers.0.id", "\ud800", "expected a text without control characters"),
    "a megabyte in one field": (
        "requests.0.id",
        "x" * 1_000_000,
        "(1000002 characters), expected a text of 1 to 200",
    ),
    "unknown kind of day": ("weights.0.days", "sunday", 'weights[0].days is "sunday", expected "weekday"'),
    "missing member": ("products.0.category", ..., "products[0] has no member 'category', expected one"),
    "missing list": ("requests", ..., "the document has no member 'requests'"),
    "list instead of object": ("products.0", [], "products[0] is a list, expected an object"),
    "object instead of list": ("requests", {}, "requests is an object, expected a list"),
    "null instead of list": (
        "streamers.0.categories",
        None,
        "streamers[0].categories is null, expected a list",
    ),
    "category that is no text": (
        "streamers.0.categories",
        [7],
        "streamers[0].categories[0] is 7, expected a text",
    ),
}
SPECIAL: dict[str, dict[str, object]] = {
    "product dates the wrong way round": {"products.0.to": "2026-10-06"},
    "values too large together": {
        "weights.0.weight": 10**6,
        "weights.1.weight": 10**6,
        "requests.1.value": 10**6,
    },
}

# text spoilt: (bytes of the file, what the message says)
TEXTS: dict[str, tuple[bytes, str]] = {
    "empty file": (b"", ":1: the file is empty"),
    "only spaces": (b" \n ", ":1: the file is empty"),
    "not JSON": (b"starts_on,days\n2026-10-05,3\n", ":1: is not JSON"),
    "cut off": (TEXT[:300].encode(), "is not JSON"),
    "not a number": (TEXT.replace('"days": 3', '"days": NaN').encode(), ":3: has a number that is none (NaN"),
    "infinity": (TEXT.replace('"days": 3', '"days": -Infinity').encode(), ":3: has a number that is none"),
    "beyond floating point": (
        TEXT.replace('"days": 3', '"days": 1e999').encode(),
        ":3: days is Infinity, expected",
    ),
    "member twice": (TEXT.replace('"days": 3', '"days": 3,\n "days": 3').encode(), 'the member "days" twice'),
    "UTF-16": (TEXT.encode("utf-16"), "is not UTF-8, expected a JSON file in UTF-8"),
    "GB18030": (TEXT.encode("gb18030"), ":27: byte 410 is not UTF-8"),
    "a list": (b"[]", ":1: the document is a list, expected an object"),
    "a number": (b"7", ":1: the document is 7, expected an object"),
    "nested without end": (b"[" * 200_000, "is nested too deeply"),
    "NUL bytes": (b"\x00" * 100, "is not JSON"),
    "a comma too many": (TEXT.replace('"days": 3,', '"days": 3,,').encode(), ":3: is not JSON"),
}


def _refused(folder: Path, capsys: pytest.CaptureFixture[str], says: str) -> list[str]:
    """Run the front door in this process and give the lines of standard error."""
    before = sorted(path.name for path in folder.iterdir())
    path = str(folder / "instance.json")

    code = front_door.main(["livestream", "plan", "--instance", path, "--out", str(folder / "schedule.json")])

    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert code == 2 and said.out == ""
    assert any(says in line for line in lines), said.err[:2000]
    for line in lines:
        place, _, what = line.removeprefix(f"{path}:").partition(": ")
        assert line.startswith(f"{path}:") and place.isdigit() and "expected" in what
    assert sorted(path.name for path in folder.iterdir()) == before
    return lines


@pytest.mark.parametrize("name", VALUES)
def test_spoilt_value_is_refused_with_its_place(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, value, says = VALUES[name]
    instance = spoil(path, value)
    for more, its_value in SPECIAL.get(name, {}).items():
        *steps, last = [int(step) if step.isdigit() else step for step in more.split(".")]
        place = instance
        for step in steps:
            place = place[step]
        place[last] = its_value
    text = json.dumps(instance, ensure_ascii="half" in name, indent=1)
    write(tmp_path, text.replace('"@digits"', "9" * 5000))

    lines = _refused(tmp_path, capsys, says)

    assert all(len(line) < 400 + len(str(tmp_path)) for line in lines)


@pytest.mark.parametrize("name", TEXTS)
def test_spoilt_text_is_refused_with_its_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, says = TEXTS[name]
    write(tmp_path, content)

    _refused(tmp_path, capsys, says)


def test_every_fault_has_a_line_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    instance = spoil("requests.0.value", -1)
    instance["studios"][0]["cold"] = "yes"
    instance["weights"][1]["to"] = "25:00"
    write(tmp_path, instance)
    text = (tmp_path / "instance.json").read_text(encoding="utf-8").splitlines()

    lines = _refused(tmp_path, capsys, "")

    numbers = [int(line.removeprefix(f"{tmp_path}/instance.json:").split(":")[0]) for line in lines]
    assert len(lines) == 3
    assert [text[number - 1].split(":")[0].strip() for number in numbers] == ['"to"', '"cold"', '"value"']


def test_missing_instance_is_refused_from_outside(tmp_path: Path) -> None:
    run = run_plan(tmp_path)

    assert run.returncode == 2 and run.stdout == ""
    assert run.stderr == (
        "instance.json:1: cannot be read (No such file or directory), expected a readable JSON file\n"
    )
    assert list(tmp_path.iterdir()) == []
