"""Makes the table of the courier's own parcels with their expected charges."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import duckdb

from logistics.rates.types import RateCard

Connection: TypeAlias = duckdb.DuckDBPyConnection

CARD_TYPE = (
    "STRUCT(first_g BIGINT, first_fen BIGINT, step_g BIGINT, step_fen BIGINT, divisor BIGINT, round_g BIGINT)"
)
# The same as logistics.rates.rules, over columns. Rounding up to whole grams first is exact, because the
# steps that follow are whole grams and go up, too.
_CHARGE = """
CREATE OR REPLACE MACRO own_g(weight_g, volume_cm3, card) AS greatest(
    weight_g,
    CASE WHEN card.divisor = 0 THEN 0 ELSE (volume_cm3 * 1000 + card.divisor - 1) // card.divisor END);
CREATE OR REPLACE MACRO charge_fen(grams, card) AS card.first_fen + card.step_fen * (
    (greatest(0, (grams + card.round_g - 1) // card.round_g * card.round_g - card.first_g) + card.step_g - 1)
    // card.step_g);
"""


class PricedSort(NamedTuple):
    """A combination of day, province and status in the courier's records, and the card that prices it."""

    picked_up_on: str
    province: str
    status: str
    in_period: bool
    card: RateCard


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


def make_parcels(connection: Connection, *, courier: str, sorts: Sequence[PricedSort]) -> int:
    """Make `parcel` from the courier's records: its id `our`, number, sort, weight, volume, expected charge.

    `right_fen` and `right_cod_fen` are what a single line must say for nothing to be wrong (`NULL`: no charge
    is right, and any remittance is).
    Gives: the sum of the expected charges of the period. `record` is gone afterwards.
    """
    connection.execute(_CHARGE)
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE sort AS
        SELECT unnest($days::VARCHAR[]) AS picked_up_on, unnest($provinces::VARCHAR[]) AS province,
            unnest($statuses::VARCHAR[]) AS status, unnest($in_period::BOOLEAN[]) AS in_period,
            unnest($cards::{CARD_TYPE}[]) AS card
        """,
        {
            "days": [sort.picked_up_on for sort in sorts],
            "provinces": [sort.province for sort in sorts],
            "statuses": [sort.status for sort in sorts],
            "in_period": [sort.in_period for sort in sorts],
            "cards": [card_values(sort.card) for sort in sorts],
        },
    )
    connection.execute(
        """
        CREATE OR REPLACE TABLE parcel AS
        SELECT r.rowid::INTEGER AS our, waybill AS number, sort.rowid::INTEGER AS sort_id,
            in_period, r.status, weight_g, volume_cm3, cod_fen,
            CASE WHEN in_period AND r.status <> 'lost'
                THEN charge_fen(own_g(weight_g, volume_cm3, card), card) END AS right_fen,
            coalesce(right_fen, 0) AS expected_fen,
            CASE WHEN r.status = 'delivered' THEN cod_fen END AS right_cod_fen,
            try_cast(right_fen AS DECIMAL(12, 0)) * 0.01 AS right_yuan,
            try_cast(right_cod_fen AS DECIMAL(12, 0)) * 0.01 AS right_cod_yuan
        FROM record r JOIN sort USING (picked_up_on, province, status)
        WHERE courier = $courier
        """,
        {"courier": courier},
    )
    connection.execute("DROP TABLE record")
    return fetch_count(connection, "SELECT coalesce(sum(expected_fen), 0) FROM parcel")
