"""Makes the table of the courier's own parcels with their expected charges."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeAlias

import duckdb

from logistics.rates.types import RateCard
from logistics.statements.parsers.records import OpenedRecords
from logistics.statements.rules import is_in_period
from logistics.statements.types import Period

FindCard = Callable[[str, date], RateCard | None]
Connection: TypeAlias = duckdb.DuckDBPyConnection

CARD_TYPE = (
    "STRUCT(first_g BIGINT, first_fen BIGINT, step_g BIGINT, step_fen BIGINT, divisor BIGINT, round_g BIGINT)"
)
# The same as logistics.rates.rules, over columns. Rounding up to whole grams first is exact, because the
# steps that follow are whole grams and go up, too.
CHARGE_MACROS = """
CREATE OR REPLACE MACRO own_g(weight_g, volume_cm3, card) AS greatest(
    weight_g,
    CASE WHEN card.divisor = 0 THEN 0 ELSE (volume_cm3 * 1000 + card.divisor - 1) // card.divisor END);
CREATE OR REPLACE MACRO charge_fen(grams, card) AS card.first_fen + card.step_fen * (
    (greatest(0, (grams + card.round_g - 1) // card.round_g * card.round_g - card.first_g) + card.step_g - 1)
    // card.step_g);
"""


def fetch_count(connection: Connection, query: str) -> int:
    """Run a query that gives one number."""
    row = connection.execute(query).fetchone()
    if row is None:
        raise RuntimeError("a count gave no row")
    return int(row[0])


def card_values(card: RateCard | None) -> dict[str, int] | None:
    """Write a card as a value of the database, `None` for no card."""
    if card is None:
        return None
    return {
        "first_g": card.first_g,
        "first_fen": card.first_fen,
        "step_g": card.step_g,
        "step_fen": card.step_fen,
        "divisor": card.volumetric_divisor,
        "round_g": card.round_g,
    }


@contextmanager
def joins_as_written(connection: Connection) -> Iterator[None]:
    """Keep the planner from turning joins around: it does not know how long a file of text is."""
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


def load_parcels(
    connection: Connection,
    records: OpenedRecords,
    *,
    courier: str,
    period: Period,
    find_card: FindCard | None,
) -> int:
    """Make `parcel` from the courier's lines of waybills.csv: its id `our`, number, weight, expected charge.

    `right_fen` and `right_cod_fen` are what a single line must say for nothing to be wrong (`NULL`: no charge
    is right – lost or out of the period –, and any remittance is – not delivered).
    Takes: `find_card`, `None` when there are no cards: then the lines are only checked.
    Gives: the sum of the expected charges of the period.
    Refuses: `BadInput` with the faults of every line, a waybill twice or without a card among them.
    """

    def is_priced(of: str, province: str, on: date) -> bool:
        return of != courier or find_card is None or find_card(province, on) is not None

    all_priced = all(is_priced(sort.courier, sort.province, sort.picked_up_on) for sort in records.sorts)
    if records.needs_checking or not all_priced:
        records = records.check_lines(is_priced)
    if find_card is None:
        return 0
    if not _make_parcels(connection, records, courier=courier, period=period, find_card=find_card):
        records = records.check_lines(is_priced)
        _make_parcels(connection, records, courier=courier, period=period, find_card=find_card)
    connection.execute("DROP TABLE record")
    return fetch_count(connection, "SELECT coalesce(sum(right_fen), 0) FROM parcel")


def _make_parcels(
    connection: Connection, records: OpenedRecords, *, courier: str, period: Period, find_card: FindCard
) -> bool:
    """Make the tables `sort` and `parcel`; tell whether every waybill is there once."""
    connection.execute(CHARGE_MACROS)
    rows = [
        (
            sort.picked_up_on.isoformat(),
            sort.province,
            sort.status,
            is_in_period(sort.picked_up_on, period),
            card_values(find_card(sort.province, sort.picked_up_on)),
        )
        for sort in records.sorts
        if sort.courier == courier
    ]
    types = {
        "picked_up_on": "VARCHAR",
        "province": "VARCHAR",
        "status": "VARCHAR",
        "in_period": "BOOLEAN",
        "card": CARD_TYPE,
    }
    fill_table(connection, "sort", types, rows)
    connection.execute(
        """
        CREATE OR REPLACE TABLE parcel AS
        SELECT our, number, sort_id, weight_g, volume_cm3, cod_fen, right_fen, right_cod_fen,
            try_cast(right_fen AS DECIMAL(12, 0)) * 0.01 AS right_yuan,
            try_cast(right_cod_fen AS DECIMAL(12, 0)) * 0.01 AS right_cod_yuan
        FROM (
            SELECT *,
                CASE WHEN in_period AND status <> 'lost'
                    THEN charge_fen(own_g(weight_g, volume_cm3, card), card) END AS right_fen,
                CASE WHEN status = 'delivered' THEN cod_fen END AS right_cod_fen
            FROM (
                SELECT r.rowid::INTEGER AS our, waybill AS number, sort.rowid::INTEGER AS sort_id, in_period,
                    r.status, weight_g::BIGINT AS weight_g, volume_cm3::BIGINT AS volume_cm3,
                    cod_fen::BIGINT AS cod_fen, card
                FROM record r JOIN sort USING (picked_up_on, province, status)
                WHERE courier = $courier
            )
        )
        """,
        {"courier": courier},
    )
    return fetch_count(connection, "SELECT count(*) - count(DISTINCT hash(number)) FROM parcel") == 0


def fill_table(
    connection: Connection, table: str, types: dict[str, str], rows: Sequence[Sequence[Any]]
) -> None:
    """Make a small table from rows; much faster than inserting them one by one."""
    columns = ", ".join(f"unnest(${name}::{kind}[]) AS {name}" for name, kind in types.items())
    values = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in types]
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT {columns}", dict(zip(types, values, strict=True))
    )
