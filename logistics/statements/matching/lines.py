"""Turns the texts of a statement into charge lines: amounts in fen, weights in grams, each with our parcel.

The plainest shapes are read by DuckDB; every other text is read once by the functions of `parsers.cells`,
however often it occurs.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from logistics.statements.matching.parcels import Connection, fetch_count
from logistics.statements.parsers.cells import (
    is_freight_kind,
    plain_kind,
    read_amount,
    read_waybill,
    read_weight,
)
from logistics.statements.types import Field, Layout, Unreadable

_PLAIN_AMOUNT = "'-?[0-9]{1,9}\\.[0-9]{2}'"
_PLAIN_WEIGHT = "'[0-9]{1,5}\\.[0-9]{3}'"


class Cleaned(NamedTuple):
    """How many rows there are, and what is no line.

    `unreadable` rows hold amounts that cannot be read; `silent` ones hold no amount (row, has other text).
    """

    rows: int
    unreadable: list[Unreadable]
    silent: list[tuple[int, bool]]


def charge_names(layout: Layout) -> list[str]:
    """Name the charge columns as the tables call them."""
    return [f"c{index}" for index in range(len(layout.charges))]


def meet_parcels(connection: Connection, layout: Layout, *, courier: str, skipped: Sequence[int]) -> Cleaned:
    """Clean the rows of `statement` into `met`, with `our` where the waybill number stands as in our records.

    Takes: `skipped`, the rows that are totals.
    Gives: what is no line; `statement` and `raw` are gone afterwards.
    """
    names = charge_names(layout)
    units = {name: column.unit for name, column in zip(names, layout.charges, strict=True)}
    units["cod"] = layout.cod.unit if layout.cod else 100
    unit_g = layout.weight.unit if layout.weight else 1000
    _map_amounts(connection, units)
    _map_weights(connection, unit_g=unit_g)
    _map_kinds(connection)
    _unnest(connection, "skipped", {"row": "INTEGER"}, [(row,) for row in skipped])
    amounts = ", ".join(f"{_amount(name, unit)} AS {name}" for name, unit in units.items())
    joins = "\n".join(
        f"LEFT JOIN amount_text t_{name} ON t_{name}.text = s.{name} AND t_{name}.unit = {unit}"
        for name, unit in units.items()
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE met AS
        SELECT row, our, CASE WHEN our IS NULL THEN waybill END AS waybill,
            kind, is_freight, province, weight_g, why,
            coalesce({", ".join(units)}) IS NULL AS is_silent, has_text, cod,
            {", ".join([f"{_first_charge(layout, names)} AS c0", *names[1:]])}
        FROM (
            SELECT row, s.waybill, r.rowid::INTEGER AS our, s.province, t_kind.kind, t_kind.is_freight,
                {amounts},
                {_weight(unit_g)} AS weight_g, coalesce({", ".join(f"t_{name}.why" for name in units)}) AS
                why, coalesce(s.waybill, s.kind, s.weight, s.province) IS NOT NULL AS has_text
            FROM statement s
            LEFT JOIN (SELECT rowid, waybill FROM record WHERE courier = $courier) r ON r.waybill = s.waybill
            {joins}
            LEFT JOIN weight_text t_weight ON t_weight.text = s.weight
            LEFT JOIN kind_text t_kind ON t_kind.text = s.kind
            WHERE row NOT IN (SELECT row FROM skipped)
        )
        """,
        {"courier": courier},
    )
    rows = fetch_count(connection, "SELECT count(*) FROM statement")
    connection.execute("DROP VIEW statement; DROP TABLE raw")
    unreadable = connection.execute("SELECT row, why FROM met WHERE why IS NOT NULL ORDER BY row").fetchall()
    silent = connection.execute(
        "SELECT row, has_text FROM met WHERE why IS NULL AND is_silent ORDER BY row"
    ).fetchall()
    return Cleaned(rows, [Unreadable(row, why) for row, why in unreadable], silent)


def _amount(name: str, unit: int) -> str:
    if unit != 100:
        return f"t_{name}.fen"
    plain = f"regexp_full_match(s.{name}, {_PLAIN_AMOUNT})"
    return f"CASE WHEN {plain} THEN replace(s.{name}, '.', '')::BIGINT ELSE t_{name}.fen END"


def _weight(unit_g: int) -> str:
    if unit_g != 1000:
        return "t_weight.grams"
    plain = f"regexp_full_match(s.weight, {_PLAIN_WEIGHT})"
    return f"CASE WHEN {plain} THEN replace(s.weight, '.', '')::BIGINT ELSE t_weight.grams END"


def _first_charge(layout: Layout, names: Sequence[str]) -> str:
    """Say what the first charge is: where it is a total, only what the other charges leave of it."""
    if layout.charges[0].field is not Field.TOTAL or len(names) == 1:
        return "c0"
    return f"c0 - {' - '.join(f'coalesce({name}, 0)' for name in names[1:])}"


def _map_amounts(connection: Connection, units: dict[str, int]) -> None:
    odd = " UNION ALL ".join(
        f"SELECT {unit} AS unit, {name} AS text FROM statement WHERE {name} IS NOT NULL"
        + (f" AND NOT regexp_full_match({name}, {_PLAIN_AMOUNT})" if unit == 100 else "")
        for name, unit in units.items()
    )
    texts = connection.execute(f"SELECT DISTINCT unit, text FROM ({odd})").fetchall()
    types = {"unit": "INTEGER", "text": "VARCHAR", "fen": "BIGINT", "why": "VARCHAR"}
    _unnest(
        connection,
        "amount_text",
        types,
        [(unit, text, *read_amount(text, unit_fen=unit)) for unit, text in texts],
    )


def _map_weights(connection: Connection, *, unit_g: int) -> None:
    odd = f"AND NOT regexp_full_match(weight, {_PLAIN_WEIGHT})" if unit_g == 1000 else ""
    texts = _texts(connection, f"SELECT DISTINCT weight FROM statement WHERE weight IS NOT NULL {odd}")
    types = {"text": "VARCHAR", "grams": "BIGINT"}
    _unnest(connection, "weight_text", types, [(text, read_weight(text, unit_g=unit_g)) for text in texts])


def _map_kinds(connection: Connection) -> None:
    texts = _texts(connection, "SELECT DISTINCT kind FROM statement WHERE kind IS NOT NULL")
    types = {"text": "VARCHAR", "kind": "VARCHAR", "is_freight": "BOOLEAN"}
    _unnest(
        connection, "kind_text", types, [(text, plain_kind(text), is_freight_kind(text)) for text in texts]
    )


def _texts(connection: Connection, query: str) -> list[str]:
    return [text for (text,) in connection.execute(query).fetchall()]


def _unnest(connection: Connection, table: str, types: dict[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Make a small table from rows; much faster than inserting them one by one."""
    columns = ", ".join(f"unnest(${name}::{kind}[]) AS {name}" for name, kind in types.items())
    values = (
        dict(zip(types, map(list, zip(*rows, strict=True)), strict=True))
        if rows
        else {name: [] for name in types}
    )
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT {columns}", values)


def match_rest(connection: Connection, layout: Layout, *, courier: str) -> list[Unreadable]:
    """Match the rows whose waybill number does not stand as in our records, and make `line` of all rows.

    Without blanks and apostrophes around it first; every remaining text is read by `read_waybill`; last,
    small letters are taken as capital ones.
    Gives: the rows whose waybill number cannot be read.
    """
    own = "(SELECT rowid::INTEGER AS our, waybill FROM record WHERE courier = $courier)"
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE waybill_text AS
        SELECT text, our, NULL::VARCHAR AS number, NULL::VARCHAR AS why
        FROM (
            SELECT DISTINCT coalesce(waybill, '') AS text FROM met
            WHERE our IS NULL AND why IS NULL AND NOT is_silent
        ) LEFT JOIN {own} own ON own.waybill = trim(text, ' \t''')
        """,
        {"courier": courier},
    )
    texts = _texts(connection, "SELECT text FROM waybill_text WHERE our IS NULL")
    types = {"text": "VARCHAR", "number": "VARCHAR", "why": "VARCHAR"}
    _unnest(connection, "read_text", types, [(text, *read_waybill(text)) for text in texts])
    connection.execute(
        f"""
        DELETE FROM waybill_text WHERE our IS NULL;
        INSERT INTO waybill_text
        SELECT t.text, coalesce(own.our, capital.our), t.number, t.why
        FROM read_text t
        LEFT JOIN {own} own ON own.waybill = t.number
        LEFT JOIN {own} capital
            ON own.our IS NULL AND t.number <> upper(t.number) AND capital.waybill = upper(t.number)
        """,
        {"courier": courier},
    )
    unreadable = connection.execute(
        """
        SELECT row, t.why FROM met JOIN waybill_text t ON t.text = coalesce(waybill, '')
        WHERE t.why IS NOT NULL AND met.our IS NULL AND met.why IS NULL AND NOT is_silent ORDER BY row
        """
    ).fetchall()
    _make_lines(connection, layout)
    return [Unreadable(row, why) for row, why in unreadable]


def _make_lines(connection: Connection, layout: Layout) -> None:
    names = charge_names(layout)
    freight = [
        f"CASE WHEN coalesce(is_freight, true) THEN {name} END" if name == "c0" and layout.kind else name
        for name, column in zip(names, layout.charges, strict=True)
        if column.field is not Field.OTHER_CHARGE
    ]
    columns = f"""
        row, {", ".join(names)}, kind, province, weight_g, coalesce(cod, 0) AS cod_fen,
        {_sum(names)} AS charged_fen, {_sum(freight)} AS freight_fen,
        {" + ".join(f"(coalesce({amount}, 0) <> 0)::INTEGER" for amount in freight) or "0"} AS freights
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE rest AS
        SELECT t.our, CASE WHEN t.our IS NULL THEN t.number END AS number, {columns}
        FROM (SELECT * EXCLUDE (our, why) FROM met WHERE our IS NULL AND why IS NULL AND NOT is_silent) m
        JOIN waybill_text t ON t.text = coalesce(m.waybill, '')
        WHERE t.why IS NULL;
        CREATE OR REPLACE VIEW line AS
        SELECT our, NULL::VARCHAR AS number, {columns} FROM met
        WHERE our IS NOT NULL AND why IS NULL AND NOT is_silent
        UNION ALL FROM rest;
        """
    )


def _sum(amounts: Sequence[str]) -> str:
    return " + ".join(f"coalesce({amount}, 0)" for amount in amounts) or "0"
