"""Every rule of the house holds in every file of the project."""

import pytest

from tests.house import codes, floor_rules, value_rules, writing_rules
from tests.house.reading import RULES, project

assert floor_rules and value_rules and writing_rules  # importing them registers their rules


@pytest.mark.parametrize("name", sorted(RULES))
def test_house_rule_holds_everywhere(name: str) -> None:
    found = [finding for source in project() for finding in RULES[name].findings(source)]

    assert not found, RULES[name].says + "\n" + "\n".join(map(str, found))


def test_every_code_stands_in_the_document() -> None:
    assert codes.DOCUMENT.read_text(encoding="utf-8") == codes.document(codes.all_codes()), (
        "docs/errors.md is behind: python -m tests.house.codes"
    )


def test_every_code_is_defined_once() -> None:
    listed = [each.code for each in codes.all_codes()]

    assert sorted({code for code in listed if listed.count(code) > 1}) == []


def test_every_code_in_an_answer_is_defined() -> None:
    known = {each.code for each in codes.all_codes()}

    unknown = [
        f"{source.path}:{line}: {code}"
        for source in codes.product()
        for line, code in codes.literal_codes_in(source)
        if code not in known
    ]

    assert unknown == []
