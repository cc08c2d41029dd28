"""Judges the lines: each waybill gets the first freight reason that fits, and `cod` beside it.

A waybill whose only line is right has no discrepancy; only the others are looked at closely.
"""

from datetime import date

from logistics.statements.matching.lines import fetch_texts
from logistics.statements.matching.parcels import CARD_TYPE, Connection, FindCard, card_values, fill_table
from logistics.statements.matching.rows import charge_names
from logistics.statements.parsers.cells import is_freight_kind, plain_kind, read_weight
from logistics.statements.types import Field, Item, Layout, Reason, StatementFigures


def sum_statement(connection: Connection, *, rows: int) -> StatementFigures:
    """Count and sum the readable lines; makes `counted`, the lines of each of our parcels."""
    # Parcels are numbered from 0: counting by place instead of by hash halves the time.
    connection.execute("SET perfect_ht_threshold = 22")
    connection.execute(_COUNTED)
    connection.execute("RESET perfect_ht_threshold")
    found = connection.execute(
        """
        SELECT sum(lines)::BIGINT, sum(waybills)::BIGINT, (SELECT sum(charged_fen) FROM (
            SELECT right_fen AS charged_fen FROM raw WHERE our IS NOT NULL
            UNION ALL SELECT charged_fen FROM other
        ))::BIGINT
        FROM (
            SELECT sum(lines) AS lines, count(*) FILTER (lines > 0) AS waybills FROM counted
            UNION ALL
            SELECT count(*), count(DISTINCT number) FROM other WHERE our IS NULL
        )
        """
    ).fetchone()
    lines, waybills, charged_fen = found or (0, 0, 0)
    return StatementFigures(rows, lines or 0, waybills or 0, charged_fen or 0)


def judge(connection: Connection, layout: Layout, *, find_card: FindCard) -> list[Item]:
    """Find every discrepancy, ordered by waybill and reason.

    Takes: `find_card(province as the courier writes it, day)` for the zone that the courier means.
    """
    _take_doubtful(connection, layout)
    _map_zones(connection, find_card)
    connection.execute(_EXPLAINED)
    found = connection.execute(_ITEMS).fetchall()
    reasons = {reason.value: reason for reason in Reason}
    return [
        Item(number, reasons[reason], charged_fen, expected_fen, rows)
        for number, reason, charged_fen, expected_fen, rows in found
    ]


def _take_doubtful(connection: Connection, layout: Layout) -> None:
    """Take aside the waybills that may have a discrepancy, with their lines, single charges and weights."""
    names = charge_names(layout)
    connection.execute(_DOUBTFUL_TEXT.format(charges=", ".join(names)))
    unit_g = layout.weight.unit if layout.weight else 1000
    weights = fetch_texts(connection, "SELECT DISTINCT weight FROM doubtful_text WHERE weight IS NOT NULL")
    types = {"text": "VARCHAR", "grams": "BIGINT"}
    fill_table(
        connection, "weight_text", types, [(text, read_weight(text, unit_g=unit_g)) for text in weights]
    )
    kinds = fetch_texts(connection, "SELECT DISTINCT kind FROM doubtful_text WHERE kind IS NOT NULL")
    types = {"text": "VARCHAR", "kind": "VARCHAR", "is_freight": "BOOLEAN"}
    fill_table(
        connection, "kind_text", types, [(text, plain_kind(text), is_freight_kind(text)) for text in kinds]
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE doubtful_line AS
        SELECT our, row, charged_fen, cod_fen, province, w.grams AS weight_g, k.kind,
            {_freight(layout)}, {", ".join(names)}
        FROM doubtful_text d
        LEFT JOIN weight_text w ON w.text = d.weight
        LEFT JOIN kind_text k ON k.text = d.kind
        """
    )
    single = " UNION ALL ".join(
        f"SELECT our, '{name}' AS place, {'kind' if name == 'c0' else 'NULL'} AS kind, {name} AS fen"
        f" FROM doubtful_line WHERE {name} <> 0"
        for name in names
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE repeated AS
        SELECT DISTINCT our
        FROM (SELECT our FROM ({single}) GROUP BY our, place, kind, fen HAVING count(*) > 1)
        """
    )
    connection.execute(_DOUBTFUL)


def _freight(layout: Layout) -> str:
    """Say how much of a line is freight, and how many charges for freight it holds."""
    amounts = [
        f"CASE WHEN coalesce(is_freight, true) THEN {name} END" if name == "c0" and layout.kind else name
        for name, column in zip(charge_names(layout), layout.charges, strict=True)
        if column.field is not Field.OTHER_CHARGE
    ]
    fen = " + ".join(f"coalesce({amount}, 0)" for amount in amounts) or "0"
    count = " + ".join(f"(coalesce({amount}, 0) <> 0)::INTEGER" for amount in amounts) or "0"
    return f"{fen} AS freight_fen, {count} AS freights"


def _map_zones(connection: Connection, find_card: FindCard) -> None:
    """Find the cards of the provinces that the courier names on doubtful lines."""
    found = connection.execute(
        """
        SELECT DISTINCT line.province, sort.picked_up_on FROM doubtful_line line
        JOIN doubtful USING (our) JOIN sort ON sort.rowid = sort_id
        WHERE line.province IS NOT NULL AND line.freights > 0
        """
    ).fetchall()
    types = {"province": "VARCHAR", "picked_up_on": "VARCHAR", "card": CARD_TYPE}
    cards = [
        (province, day, card_values(find_card(province, date.fromisoformat(day)))) for province, day in found
    ]
    fill_table(connection, "their_zone", types, cards)


_COUNTED = """
CREATE OR REPLACE TABLE counted AS
SELECT our, sum(lines)::INTEGER AS lines
FROM (
    SELECT our, 1 AS lines FROM raw WHERE our IS NOT NULL
    UNION ALL
    SELECT our, 1 FROM other WHERE our IS NOT NULL
    UNION ALL
    SELECT our, 0 FROM parcel WHERE right_fen > 0 OR (right_fen IS NOT NULL AND right_cod_fen > 0)
) GROUP BY our
"""

_DOUBTFUL_TEXT = """
CREATE OR REPLACE TABLE doubtful_our AS
SELECT our FROM counted WHERE lines > 1 UNION SELECT our FROM other WHERE our IS NOT NULL AND NOT is_right;
CREATE OR REPLACE TABLE doubtful_text AS
SELECT our, row, charged_fen, cod_fen, kind, weight, province, {charges}
FROM other WHERE our IN (SELECT our FROM doubtful_our)
UNION ALL BY NAME
SELECT our, row, right_fen AS charged_fen, coalesce(right_cod_fen, 0) AS cod_fen, nullif(kind, '') AS kind,
    nullif(weight, '') AS weight, nullif(province, '') AS province, right_fen AS c0
FROM raw WHERE our IN (SELECT our FROM doubtful_our);
"""

_DOUBTFUL = """
CREATE OR REPLACE TABLE doubtful AS
SELECT p.* EXCLUDE (right_yuan, right_cod_yuan), coalesce(right_fen, 0) AS expected_fen, in_period, status,
    charged_fen, freight_fen, freights, remitted_fen, rows,
    NOT in_period OR charged_fen <> expected_fen OR (status = 'returned' AND freights > 1)
        OR (status = 'lost' AND has_charge) AS has_freight_reason
FROM (
    SELECT our, sum(charged_fen)::BIGINT AS charged_fen, sum(freight_fen)::BIGINT AS freight_fen,
        sum(freights)::INTEGER AS freights, sum(cod_fen)::BIGINT AS remitted_fen,
        bool_or(charged_fen <> 0) AS has_charge, list(row ORDER BY row) AS rows
    FROM doubtful_line GROUP BY our
) JOIN parcel p USING (our) JOIN sort ON sort.rowid = sort_id;
CREATE OR REPLACE TABLE absent AS
SELECT p.* FROM parcel p WHERE our IN (SELECT our FROM counted WHERE lines = 0);
"""

_EXPLAINED = """
CREATE OR REPLACE TABLE explained AS
SELECT our,
    -- greatest() passes over NULL: a missing weight would count as 0.
    bool_or(line.weight_g IS NOT NULL AND charge_fen(line.weight_g, sort.card) = d.freight_fen) AS by_weight,
    bool_or(charge_fen(own_g(d.weight_g, d.volume_cm3, z.card), z.card) = d.freight_fen) AS by_zone
FROM doubtful_line line JOIN doubtful d USING (our) JOIN sort ON sort.rowid = sort_id
LEFT JOIN their_zone z ON z.province = line.province AND z.picked_up_on = sort.picked_up_on
WHERE line.freights > 0 AND d.has_freight_reason AND d.freight_fen <> d.expected_fen
GROUP BY our;
"""

_ITEMS = """
SELECT number,
    CASE
        WHEN NOT in_period THEN 'out_of_period'
        WHEN status = 'lost' THEN 'lost'
        WHEN status = 'returned' AND freights > 1 THEN 'returned'
        WHEN our IN (SELECT our FROM repeated) THEN 'duplicate'
        WHEN by_weight THEN 'weight'
        WHEN by_zone THEN 'zone'
        ELSE 'rate'
    END AS reason, charged_fen, expected_fen, rows
FROM doubtful LEFT JOIN explained USING (our) WHERE has_freight_reason
UNION ALL
SELECT number, 'cod', remitted_fen, cod_fen, rows FROM doubtful WHERE remitted_fen <> right_cod_fen
UNION ALL
SELECT number, 'not_billed', 0, right_fen, [] FROM absent WHERE right_fen > 0
UNION ALL
SELECT number, 'cod', 0, cod_fen, [] FROM absent WHERE right_cod_fen > 0
UNION ALL
SELECT number, 'unknown_waybill', sum(charged_fen)::BIGINT, 0, list(row ORDER BY row)
FROM other WHERE our IS NULL GROUP BY number
ORDER BY number, reason = 'cod'
"""
