"""Strict JSON text that knows on which line each value stands, so that a fault can name it."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from county.errors import BadInput, Fault

type_names = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with decimals",
    str: "text",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
Step = str | int
Path_ = tuple[Step, ...]

_MAX_BYTES = 64_000_000
_MAX_TEXT = 200
_SHOWN = 40
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
_SPOILT = ("Cc", "Cs", "Zl", "Zp")


class _Repeated(Exception):
    pass


def _object_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Repeated(next(name for name in names if names.count(name) > 1))
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _values(text: str) -> Iterator[tuple[Path_, int]]:
    """Walk well-formed JSON text and give the path and the offset of every value."""
    path: list[Step] = []
    kinds: list[str] = []
    key_next = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "}]":
            kinds.pop()
            path.pop()
            key_next = False
        elif token == ",":
            key_next = kinds[-1] == "{"
            if not key_next:
                path[-1] = int(path[-1]) + 1
        elif key_next and token[0] == '"':
            path[-1] = json.loads(token)
            key_next = False
        elif token != ":":
            yield tuple(path), match.start()
            if token in "{[":
                kinds.append(token)
                path.append("" if token == "{" else 0)
                key_next = token == "{"


def say_path(path: Path_) -> str:
    """Write a path as people do: `streamers[3].available[0].from`."""
    said = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return said.lstrip(".") or "the document"


def shorten(value: object) -> str:
    """Show a value from outside in a message, cut so that one line stays readable."""
    if isinstance(value, dict | list):
        return type_names[type(value)]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_SHOWN:
        return "a number of more than 40 digits"
    said = json.dumps(value, ensure_ascii=True)
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}… ({len(said)} characters)"


class JsonText:
    """One JSON file: its value, and the faults found in it so far."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.text = self._decode(path)
        self.value = self._load()
        self._faults: list[tuple[Path_, str]] = []

    def _refuse(self, line: int, what: str) -> NoReturn:
        raise BadInput([Fault(f"{self.name}:{line}", what)])

    def _decode(self, path: Path) -> str:
        try:
            if path.stat().st_size > _MAX_BYTES:
                self._refuse(1, f"is larger than {_MAX_BYTES} bytes, expected a smaller JSON file")
            raw = path.read_bytes()
        except OSError as error:
            self._refuse(1, f"cannot be read ({error.strerror}), expected a readable JSON file")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            self._refuse(line, f"byte {error.start} is not UTF-8, expected a JSON file in UTF-8")
        if not text.strip():
            self._refuse(1, "the file is empty, expected a JSON object")
        return text

    def _load(self) -> Any:
        try:
            return json.loads(self.text, object_pairs_hook=_object_of_pairs, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            self._refuse(error.lineno, f"is not JSON ({error.msg} at column {error.colno}), expected JSON")
        except _Repeated as error:
            name = json.dumps(str(error))
            offset = self.text.rfind(name)
            what = f"an object has the member {shorten(str(error))} twice, expected each member once"
            self._refuse(_line_of(self.text, max(offset, 0)), what)
        except RecursionError:
            self._refuse(1, "is nested too deeply, expected an object of lists of objects")
        except ValueError as error:
            word = re.search(r"-?\b(?:NaN|Infinity)\b|-?\d{4300,}", self.text)
            line = _line_of(self.text, word.start() if word else 0)
            self._refuse(line, f"has a number that is none ({str(error)[:60]}), expected whole numbers")

    def root(self) -> "Node":
        """Give the outermost value."""
        return Node(self, (), self.value)

    def fault(self, path: Path_, what: str) -> None:
        """Note that the value at this path is wrong."""
        self._faults.append((path, what))

    def require_faultless(self) -> None:
        """Refuse the file when any fault was noted, naming the line of each."""
        if not self._faults:
            return
        lines = {path: _line_of(self.text, offset) for path, offset in self._offsets()}
        raise BadInput(
            [
                Fault(f"{self.name}:{lines.get(path, 1)}", f"{say_path(path)} {what}")
                for path, what in self._faults
            ]
        )

    def _offsets(self) -> Iterator[tuple[Path_, int]]:
        wanted = {path for path, _ in self._faults}
        return ((path, offset) for path, offset in _values(self.text) if path in wanted)


class Node:
    """One value inside a JSON file, read as what it should be; a wrong one is noted and replaced."""

    def __init__(self, text: JsonText, path: Path_, value: Any) -> None:
        self._text = text
        self._path = path
        self._value = value

    def fault(self, what: str) -> None:
        """Note a fault of this value."""
        self._text.fault(self._path, what)

    def is_object(self) -> bool:
        """Tell whether this value is an object, and note a fault when it is not."""
        if not isinstance(self._value, dict):
            self._expected("an object")
            return False
        return True

    def member(self, name: str) -> "Node | None":
        """Give a member of this object; note a fault when it is missing."""
        if name not in self._value:
            self.fault(f"has no member {name!r}, expected one")
            return None
        return Node(self._text, (*self._path, name), self._value[name])

    def _expected(self, what: str) -> None:
        self.fault(f"is {shorten(self._value)}, expected {what}")

    def items(self, *, at_least: int = 0) -> list["Node"]:
        """Give the items of this list."""
        if not isinstance(self._value, list):
            self._expected("a list")
            return []
        if len(self._value) < at_least:
            self._expected("a list that is not empty" if at_least == 1 else f"at least {at_least} items")
        return [Node(self._text, (*self._path, i), item) for i, item in enumerate(self._value)]

    def objects(self, *, at_least: int = 0) -> list["Node"]:
        """Give the items of this list that are objects, noting those that are not."""
        return [item for item in self.items(at_least=at_least) if item.is_object()]

    def whole(self, low: int, high: int) -> int:
        """Read a whole number from `low` to `high`."""
        if type(self._value) is not int or not low <= self._value <= high:
            self._expected(f"a whole number from {low} to {high}")
            return low
        return self._value

    def flag(self) -> bool:
        """Read true or false."""
        if not isinstance(self._value, bool):
            self._expected("true or false")
            return False
        return self._value

    def words(self) -> str:
        """Read a text that is not empty, not long, and has no control characters."""
        text = self._value
        if not isinstance(text, str) or not 0 < len(text) <= _MAX_TEXT or not text.strip():
            self._expected(f"a text of 1 to {_MAX_TEXT} characters")
            return ""
        if any(unicodedata.category(letter) in _SPOILT for letter in text):
            self._expected("a text without control characters")
            return ""
        return text

    def matching(self, pattern: re.Pattern[str], what: str) -> re.Match[str] | None:
        """Read a text of a certain form, described as `what`."""
        match = pattern.fullmatch(self._value) if isinstance(self._value, str) else None
        if match is None:
            self._expected(what)
        return match
