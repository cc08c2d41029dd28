"""Judges the matched lines: each waybill gets the first freight reason that fits, and `cod` beside it.

Only waybills that may have a reason are looked at closely; most are right and are only summed up.
"""

from collections.abc import Callable
from datetime import date

from logistics.rates.types import RateCard
from logistics.statements.matching.lines import charge_names
from logistics.statements.matching.parcels import CARD_TYPE, Connection, card_values
from logistics.statements.types import Item, Layout, Reason, StatementFigures

FindCard = Callable[[str, date], RateCard | None]


def sum_waybills(connection: Connection, *, rows: int) -> StatementFigures:
    """Sum the lines up by waybill into `known` (ours) and `unknown`, and give the statement's figures."""
    connection.execute(
        """
        CREATE OR REPLACE TABLE known AS
        SELECT our, count(*)::INTEGER AS lines, sum(charged_fen)::BIGINT AS charged_fen,
            sum(freight_fen)::BIGINT AS freight_fen, sum(freights)::INTEGER AS freights,
            sum(cod_fen)::BIGINT AS remitted_fen, bool_or(charged_fen <> 0) AS has_charge
        FROM line WHERE our IS NOT NULL GROUP BY our;
        CREATE OR REPLACE TABLE unknown AS
        SELECT number, sum(charged_fen)::BIGINT AS charged_fen, list(row ORDER BY row) AS rows
        FROM rest WHERE our IS NULL GROUP BY number;
        """
    )
    found = connection.execute(
        """
        SELECT sum(lines)::BIGINT, count(*), sum(charged_fen)::BIGINT FROM (
            SELECT lines, charged_fen FROM known UNION ALL SELECT len(rows), charged_fen FROM unknown)
        """
    ).fetchone()
    lines, waybills, charged_fen = found or (0, 0, 0)
    return StatementFigures(rows, lines or 0, waybills, charged_fen or 0)


def judge(connection: Connection, layout: Layout, *, find_card: FindCard) -> list[Item]:
    """Find every discrepancy, ordered by waybill and reason.

    Takes: `find_card(province as the courier writes it, day)` for the zone that the courier means.
    """
    connection.execute(_DOUBTFUL)
    single = " UNION ALL ".join(
        f"SELECT our, '{name}' AS place, {'kind' if name == 'c0' else 'NULL'} AS kind, {name} AS fen"
        f" FROM doubtful_line WHERE {name} <> 0"
        for name in charge_names(layout)
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE repeated AS
        SELECT DISTINCT our
        FROM (SELECT our FROM ({single}) GROUP BY our, place, kind, fen HAVING count(*) > 1)
        """
    )
    _map_zones(connection, find_card)
    connection.execute(_EXPLAINED)
    found = connection.execute(_ITEMS).fetchall()
    reasons = {reason.value: reason for reason in Reason}
    return [
        Item(number, reasons[reason], charged, expected, rows)
        for number, reason, charged, expected, rows in found
    ]


def _map_zones(connection: Connection, find_card: FindCard) -> None:
    """Find the cards of the provinces that the courier names on doubtful lines."""
    found = connection.execute(
        """
        SELECT DISTINCT line.province, sort.picked_up_on FROM doubtful_line line
        JOIN doubtful USING (our) JOIN sort ON sort.rowid = sort_id
        WHERE line.province IS NOT NULL AND line.freights > 0
        """
    ).fetchall()
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE their_zone AS
        SELECT unnest($provinces::VARCHAR[]) AS province, unnest($days::VARCHAR[]) AS picked_up_on,
            unnest($cards::{CARD_TYPE}[]) AS card
        """,
        {
            "provinces": [province for province, _ in found],
            "days": [day for _, day in found],
            "cards": [card_values(find_card(province, date.fromisoformat(day))) for province, day in found],
        },
    )


# One pass over all parcels takes aside those that may have a discrepancy, in the statement or absent from it.
_DOUBTFUL = """
CREATE OR REPLACE TABLE doubtful AS
SELECT *,
    is_known AND (NOT in_period OR charged_fen <> expected_fen OR (status = 'returned' AND freights > 1)
        OR (status = 'lost' AND has_charge)) AS has_freight_reason,
    status = 'delivered' AND remitted_fen <> cod_fen AND (in_period OR is_known) AS has_cod
FROM (
    SELECT p.*, k.our IS NOT NULL AS is_known, coalesce(k.charged_fen, 0) AS charged_fen,
        k.freight_fen, k.freights, coalesce(k.remitted_fen, 0) AS remitted_fen, k.has_charge
    FROM parcel p LEFT JOIN known k USING (our)
)
WHERE has_freight_reason OR has_cod OR (NOT is_known AND expected_fen > 0);

CREATE OR REPLACE TABLE doubtful_line AS
SELECT line.* FROM line WHERE our IN (SELECT our FROM doubtful WHERE is_known);
"""

_EXPLAINED = """
CREATE OR REPLACE TABLE explained AS
SELECT our,
    bool_or(charge_fen(line.weight_g, sort.card) = d.freight_fen) AS by_weight,
    bool_or(charge_fen(own_g(d.weight_g, d.volume_cm3, z.card), z.card) = d.freight_fen) AS by_zone
FROM doubtful_line line JOIN doubtful d USING (our) JOIN sort ON sort.rowid = sort_id
LEFT JOIN their_zone z ON z.province = line.province AND z.picked_up_on = sort.picked_up_on
WHERE line.freights > 0 AND d.has_freight_reason AND d.freight_fen <> d.expected_fen
GROUP BY our;
"""

_ITEMS = """
WITH place AS (SELECT our, list(row ORDER BY row) AS rows FROM doubtful_line GROUP BY our),
found AS (
    SELECT our,
        CASE
            WHEN NOT in_period THEN 'out_of_period'
            WHEN status = 'lost' THEN 'lost'
            WHEN status = 'returned' AND freights > 1 THEN 'returned'
            WHEN our IN (SELECT our FROM repeated) THEN 'duplicate'
            WHEN by_weight THEN 'weight'
            WHEN by_zone THEN 'zone'
            ELSE 'rate'
        END AS reason, charged_fen, expected_fen
    FROM doubtful LEFT JOIN explained USING (our) WHERE has_freight_reason
    UNION ALL
    SELECT our, 'not_billed', 0, expected_fen FROM doubtful WHERE NOT is_known AND expected_fen > 0
    UNION ALL
    SELECT our, 'cod', remitted_fen, cod_fen FROM doubtful WHERE has_cod
)
SELECT record.waybill AS number, reason, charged_fen, expected_fen, coalesce(rows, [])
FROM found JOIN record ON record.rowid = our LEFT JOIN place USING (our)
UNION ALL
SELECT number, 'unknown_waybill', charged_fen, 0, rows FROM unknown
ORDER BY number, reason = 'cod'
"""
