"""Migration 0008: withdrawals become lines of the bank's statement, and go back where nothing is lost."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, Row, text
from sqlalchemy.exc import IntegrityError

from county.operations import migrations
from tests.house.test_schema import counted

WITHDRAWALS = "SELECT * FROM shop_withdrawal ORDER BY booked_at"


def test_withdrawals_become_bank_lines_with_references_of_their_own_and_go_back(empty: Engine) -> None:
    migrations.upgrade(empty, to="0007")
    sellers = _fill_withdrawals(empty)
    before = _rows(empty, WITHDRAWALS)

    migrations.upgrade(empty, to="0008")

    lines = _rows(
        empty,
        "SELECT kind, seller_id IS NULL, reference, entry_key, reversed_at IS NULL, note FROM shop_bank_line "
        "ORDER BY booked_at, entry_key",
    )
    one, two = sellers
    assert [tuple(line) for line in lines] == [
        ("alipay", False, "LS1", f"withdrawal:{one}:LS1", False, ""),
        ("alipay", False, "LS1", f"withdrawal:{one}:LS1:2", True, ""),
        ("own_in", True, "LS1/3", f"withdrawal:{two}:LS1", True, ""),
        ("own_in", True, "LS1/2", f"withdrawal:{two}:LS1/2", True, ""),
        ("alipay", False, "LS2", f"withdrawal:{two}:LS2", True, ""),
    ]
    migrations.downgrade(empty, to="0007")
    after = _rows(empty, WITHDRAWALS)
    assert [_without_reference(row) for row in after] == [_without_reference(row) for row in before]
    assert [row.reference for row in after] == ["LS1", "LS1", "LS1/3", "LS1/2", "LS2"]


@pytest.mark.parametrize("kind", ["tax", "own_in"])
def test_bank_lines_that_are_no_withdrawals_do_not_go_down(empty: Engine, kind: str) -> None:
    migrations.upgrade(empty, to="0007")
    _fill_withdrawals(empty)
    migrations.upgrade(empty, to="0008")
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO shop_bank_line (id, kind, fen, moved_on, reference, note, entry_key, booked_by, "
                "booked_at, reverse_reason) SELECT :id, :kind, 1, moved_on, 'NEW', '', 'bank:x:NEW', "
                "booked_by, booked_at, '' FROM shop_bank_line WHERE reference = 'LS2'"
            ),
            {"id": uuid4().hex, "kind": kind},
        )

    with pytest.raises(IntegrityError):
        migrations.downgrade(empty, to="0007")

    assert counted(empty)["shop_bank_line"] == 6
    assert "shop_withdrawal" not in counted(empty)


def _fill_withdrawals(engine: Engine) -> list[UUID]:
    """Make two sellers' withdrawals, of which two in force have one reference, and give the sellers' ids."""
    sellers, person = [uuid4(), uuid4()], uuid4()
    with engine.begin() as connection:
        for statement, given in _rows_of_withdrawals(sellers, person):
            connection.execute(text(statement), given)
    return sellers


def _rows_of_withdrawals(sellers: list[UUID], person: UUID) -> Iterator[tuple[str, dict[str, object]]]:
    at = "2026-10-05 03:00:0{}+00:00"
    yield (
        "INSERT INTO county_person (id, name, created_at) VALUES (:id, '马丽', :at)",
        {"id": person.hex, "at": at.format(0)},
    )
    for number, seller in enumerate(sellers):
        yield (
            "INSERT INTO shop_seller (id, name, mode, merchant_id, association_bp, cap_bp, claim_hours, "
            "created_at) VALUES (:id, :name, 'principal', :name, 500, 3000, 48, :at)",
            {"id": seller.hex, "name": f"合作社{number}", "at": at.format(0)},
        )
    one, two = sellers
    for second, (seller, source, reference, end, is_reversed) in enumerate(
        [
            (one, "alipay", "LS1", "", True),
            (one, "alipay", "LS1", ":2", False),
            (two, "own", "LS1", "", False),
            (two, "own", "LS1/2", "", False),
            (two, "alipay", "LS2", "", False),
        ]
    ):
        yield (
            "INSERT INTO shop_withdrawal (id, seller_id, source, fen, arrived_on, reference, entry_key, "
            "booked_by, booked_at, reversed_by, reversed_at, reverse_reason) VALUES (:id, :seller, :source, "
            ":fen, '2026-10-04', :reference, :key, :person, :at, :by, :back, :why)",
            {
                "id": uuid4().hex,
                "seller": seller.hex,
                "source": source,
                "fen": 100 + second,
                "reference": reference,
                "key": f"withdrawal:{seller}:{reference}{end}",
                "person": person.hex,
                "at": at.format(second),
                "by": person.hex if is_reversed else None,
                "back": at.format(second) if is_reversed else None,
                "why": "记错了" if is_reversed else "",
            },
        )


def _without_reference(row: Row[Any]) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "reference"}


def _rows(engine: Engine, query: str) -> Sequence[Row[Any]]:
    with engine.connect() as connection:
        return connection.execute(text(query)).all()
