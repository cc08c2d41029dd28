"""Reads a statement's rows into DuckDB and accepts at once those that are plainly right.

Most rows of most statements say just what we expect of one of our parcels. They need no cleaning: only their
row and parcel are kept, and the texts that are wanted when the same waybill comes again.
"""

import duckdb

from logistics.statements.matching.parcels import Connection, joins_as_written
from logistics.statements.parsers.opened import TextTable
from logistics.statements.types import Field, Layout

PLAIN_AMOUNT = "'-?[0-9]{1,9}\\.[0-9]{2}'"
_OTHER_SIGNS = "'*[!0-9.]*'"
_NEVER = "\x02"
_ZERO = "('', '0', '0.0', '0.00')"


def charge_names(layout: Layout) -> list[str]:
    """Name the charge columns as the tables call them."""
    return [f"c{index}" for index in range(len(layout.charges))]


def load_rows(connection: Connection, layout: Layout, table: TextTable) -> bool:
    """Read the statement into `raw`: `our` parcel of right rows; `odd` has the others' texts.

    Both have, as `own`, the parcel whose number the row holds as it stands, and what a right row says of it.
    Gives: whether the file was sound; if not, there is no `raw`.
    """
    texts = ", ".join(
        f"f{table.fields[name]} AS {name}" if name in table.fields else f"NULL::VARCHAR AS {name}"
        for name in ("waybill", "kind", "weight", "province", "cod", *charge_names(layout))
    )
    number = f"row_number() OVER () + {table.first_row - 1}"
    if table.row_field is not None:
        number = f"f{table.row_field}"
    names = ("waybill", "cod", *charge_names(layout))
    kept = ", ".join(f"CASE WHEN our IS NULL THEN {name} END AS {name}" for name in names)
    # One field more than there should be shows a comma too many, if only padding is NULL at first.
    is_own = table.row_field is not None
    types = {f"f{at}": "VARCHAR" for at in range(table.width + (not is_own))}
    is_wide = "false" if is_own else f"f{table.width} IS NOT NULL"
    try:
        with joins_as_written(connection):
            connection.execute(
                f"""
                CREATE OR REPLACE TABLE raw AS
                SELECT row, our, own, right_fen, right_cod_fen, is_wide, kind, weight, province, {kept}
                FROM (
                    SELECT s.*, p.our AS own, p.right_fen, p.right_cod_fen,
                        CASE WHEN {_is_right(layout)} THEN p.our END AS our
                    FROM (
                        SELECT ({number})::INTEGER AS row, {is_wide} AS is_wide, {texts}
                        FROM read_csv($path, auto_detect = false, header = false, skip = $skip,
                            columns = {types}, delim = $separator, quote = '"', escape = '"',
                            null_padding = {not is_own}, nullstr = '{_NEVER}')
                    ) s
                    LEFT JOIN parcel p ON p.number = {_trimmed("s.waybill")}
                )
                """,
                {"path": str(table.path), "skip": table.skip, "separator": table.separator},
            )
    except (duckdb.Error, UnicodeDecodeError):
        if is_own:
            raise
        return False
    if is_own:
        _set_odd_apart(connection, layout)
        return True
    found = connection.execute("SELECT count(*), count(*) FILTER (is_wide) FROM raw").fetchone()
    if found == (table.rows, 0):
        _set_odd_apart(connection, layout)
        return True
    connection.execute("DROP TABLE raw")
    return False


def _set_odd_apart(connection: Connection, layout: Layout) -> None:
    names = ("waybill", "kind", "weight", "province", "cod", *charge_names(layout))
    blank_is_null = ", ".join(f"nullif({name}, '') AS {name}" for name in names)
    connection.execute(
        f"CREATE OR REPLACE TABLE odd AS SELECT row, own, right_fen, right_cod_fen, {blank_is_null}"
        " FROM raw WHERE our IS NULL"
    )


def _trimmed(text: str) -> str:
    """Write a waybill number without what spreadsheets put around it; most have nothing around."""
    is_wrapped = f"{text} < '0' OR suffix({text}, ' ') OR suffix({text}, '\t')"
    return f"CASE WHEN {is_wrapped} THEN trim({text}, ' \t''') ELSE {text} END"


def _is_right(layout: Layout) -> str:
    """Say when a row is what we expect of its parcel: one freight charge, its amount, and what was collected.

    Conditions are nested because DuckDB works out all parts of an `AND` for every row.
    """
    in_yuan = all(column.unit == 100 for column in (*layout.charges, *filter(None, [layout.cod])))
    if layout.charges[0].field is Field.OTHER_CHARGE or not in_yuan:
        return "false"
    first, *others = charge_names(layout)
    cod = f"CASE WHEN s.cod IS NULL OR s.cod = '' THEN 0 ELSE {_yuan('s.cod')} END"
    conditions = [
        f"CASE WHEN p.right_cod_yuan IS NULL THEN {cod} IS NOT NULL ELSE {cod} = p.right_cod_yuan END",
        *(f"s.{name} IS NULL OR s.{name} IN {_ZERO}" for name in others),
        f"{_yuan(f's.{first}')} = p.right_yuan",
    ]
    if layout.kind:
        conditions.insert(0, "contains(s.kind, '运费') OR contains(s.kind, '快递费')")
    test = "true"
    for condition in conditions:
        test = f"CASE WHEN {condition} THEN {test} ELSE false END"
    return test


def _yuan(text: str) -> str:
    """Read an amount of plain shape; `NULL` for other shapes, which are read by `parsers.cells`.

    Rounding to four decimals cannot bring an amount to another fen than rounding it to the fen.
    """
    bare = f"trim({text}, '¥￥元')"
    return f"""CASE
        WHEN NOT {text} GLOB {_OTHER_SIGNS} THEN try_cast({text} AS DECIMAL(14, 4))
        WHEN NOT {bare} GLOB {_OTHER_SIGNS} THEN try_cast({bare} AS DECIMAL(14, 4))
    END"""
