"""Turns the texts of the rows that are not plainly right into charge lines, each with its parcel.

Every text is read once by the functions of `parsers.cells`, however often it occurs.
"""

from collections.abc import Sequence
from typing import NamedTuple

from logistics.statements.matching.parcels import Connection, fetch_count, fill_table
from logistics.statements.matching.rows import PLAIN_AMOUNT, charge_names
from logistics.statements.parsers.cells import read_amount, read_waybill
from logistics.statements.types import Field, Layout, Unreadable


class Cleaned(NamedTuple):
    """How many rows there are, and what is no line.

    `unreadable` rows hold amounts that cannot be read; `silent` ones hold no amount (row, has other text).
    """

    rows: int
    unreadable: list[Unreadable]
    silent: list[tuple[int, bool]]


def clean_amounts(connection: Connection, layout: Layout, *, skipped: Sequence[int]) -> Cleaned:
    """Clean the amounts of the `odd` rows into `priced`, in fen.

    Takes: `skipped`, the rows that are totals.
    Gives: what is no line.
    """
    names = charge_names(layout)
    units = {name: column.unit for name, column in zip(names, layout.charges, strict=True)}
    units["cod"] = layout.cod.unit if layout.cod else 100
    fill_table(connection, "skipped", {"row": "INTEGER"}, [(row,) for row in skipped])
    rows = fetch_count(connection, "SELECT count(*) FROM raw")
    if skipped:
        connection.execute("DELETE FROM raw WHERE row IN (SELECT row FROM skipped)")
        connection.execute("DELETE FROM odd WHERE row IN (SELECT row FROM skipped)")
    _map_amounts(connection, units)
    amounts = ", ".join(f"{_amount(name, unit)} AS {name}" for name, unit in units.items())
    joins = "\n".join(
        f"LEFT JOIN amount_text t_{name} ON t_{name}.text = r.{name} AND t_{name}.unit = {unit}"
        for name, unit in units.items()
    )
    whys = ", ".join(f"t_{name}.why" for name in units)
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE priced AS
        SELECT *,
            CASE WHEN why IS NULL AND coalesce({", ".join(units)}) IS NOT NULL
                THEN {_sum(names)} END AS charged_fen
        FROM (
            SELECT * REPLACE ({_first_charge(layout, names)} AS c0)
            FROM (
                SELECT row, own, right_fen, right_cod_fen, waybill, kind, weight, province,
                    {amounts}, coalesce({whys}) AS why
                FROM odd r {joins}
            )
        )
        """
    )
    unreadable = connection.execute(
        "SELECT row, why FROM priced WHERE why IS NOT NULL ORDER BY row"
    ).fetchall()
    silent = connection.execute(
        """
        SELECT row, trim(concat_ws('', waybill, kind, weight, province), ' \t\n\r　') <> ''
        FROM priced WHERE why IS NULL AND charged_fen IS NULL ORDER BY row
        """
    ).fetchall()
    return Cleaned(rows, [Unreadable(row, why) for row, why in unreadable], silent)


def _amount(name: str, unit: int) -> str:
    if unit != 100:
        return f"t_{name}.fen"
    plain = f"regexp_full_match(r.{name}, {PLAIN_AMOUNT})"
    return f"CASE WHEN {plain} THEN (r.{name}::DECIMAL(11, 2) * 100)::BIGINT ELSE t_{name}.fen END"


def _first_charge(layout: Layout, names: Sequence[str]) -> str:
    """Say what the first charge is: where it is a total, only what the other charges leave of it."""
    if layout.charges[0].field is not Field.TOTAL or len(names) == 1:
        return "c0"
    return f"c0 - {' - '.join(f'coalesce({name}, 0)' for name in names[1:])}"


def _sum(amounts: Sequence[str]) -> str:
    return " + ".join(f"coalesce({amount}, 0)" for amount in amounts) or "0"


def _charges(layout: Layout) -> str:
    """Count the charges of one row."""
    return " + ".join(f"(coalesce({name}, 0) <> 0)::INTEGER" for name in charge_names(layout))


def _map_amounts(connection: Connection, units: dict[str, int]) -> None:
    odd = " UNION ALL ".join(
        f"SELECT {unit} AS unit, {name} AS text FROM odd WHERE {name} IS NOT NULL"
        + (f" AND NOT regexp_full_match({name}, {PLAIN_AMOUNT})" if unit == 100 else "")
        for name, unit in units.items()
    )
    texts = connection.execute(f"SELECT DISTINCT unit, text FROM ({odd})").fetchall()
    types = {"unit": "INTEGER", "text": "VARCHAR", "fen": "BIGINT", "why": "VARCHAR"}
    rows = [(unit, text, *read_amount(text, unit_fen=unit)) for unit, text in texts]
    fill_table(connection, "amount_text", types, rows)


def fetch_texts(connection: Connection, query: str) -> list[str]:
    """Run a query that gives one column of texts."""
    return [text for (text,) in connection.execute(query).fetchall()]


def match_waybills(connection: Connection, layout: Layout) -> list[Unreadable]:
    """Match the readable rows of `priced` with parcels into `other`; `our` is empty for numbers not ours.

    Most have their parcel from the first look. Every other text is read by `read_waybill`; last, small
    letters are taken as capital ones.
    Gives: the rows whose waybill number cannot be read.
    """
    texts = fetch_texts(
        connection,
        "SELECT DISTINCT coalesce(waybill, '') FROM priced WHERE own IS NULL AND charged_fen IS NOT NULL",
    )
    types = {"text": "VARCHAR", "number": "VARCHAR", "why": "VARCHAR"}
    fill_table(connection, "read_text", types, [(text, *read_waybill(text)) for text in texts])
    connection.execute(
        """
        CREATE OR REPLACE TABLE waybill_text AS
        SELECT text, number, why, p.our, p.right_fen, p.right_cod_fen
        FROM read_text t LEFT JOIN parcel p USING (number)
        """
    )
    connection.execute(
        """
        UPDATE waybill_text SET our = p.our, right_fen = p.right_fen, right_cod_fen = p.right_cod_fen
        FROM parcel p
        WHERE waybill_text.our IS NULL AND waybill_text.number <> upper(waybill_text.number)
            AND p.number = upper(waybill_text.number)
        """
    )
    unreadable = connection.execute(
        """
        SELECT row, t.why FROM priced JOIN waybill_text t ON t.text = coalesce(waybill, '')
        WHERE own IS NULL AND t.why IS NOT NULL AND charged_fen IS NOT NULL ORDER BY row
        """
    ).fetchall()
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE other AS
        SELECT *, (charged_fen = right_fen AND {_charges(layout)} < 2
            AND (right_cod_fen IS NULL OR cod_fen = right_cod_fen)) IS TRUE AS is_right
        FROM (
            SELECT coalesce(own, t.our) AS our, t.number, row, charged_fen, coalesce(cod, 0) AS cod_fen,
                kind, weight, province, {", ".join(charge_names(layout))},
                CASE WHEN own IS NULL THEN t.right_fen ELSE priced.right_fen END AS right_fen,
                CASE WHEN own IS NULL THEN t.right_cod_fen ELSE priced.right_cod_fen END AS right_cod_fen
            FROM priced
            LEFT JOIN waybill_text t ON t.text = CASE WHEN own IS NULL THEN coalesce(waybill, '') END
            WHERE t.why IS NULL AND charged_fen IS NOT NULL
        )
        """
    )
    return [Unreadable(row, why) for row, why in unreadable]
