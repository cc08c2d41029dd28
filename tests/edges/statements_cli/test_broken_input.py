"""Whatever is wrong with the files: exit 2, a line per fault with file and line, nothing written."""

from pathlib import Path

import pytest

from tests.edges.statements_cli.month import RATES, STATEMENT, WAYBILLS, run_reconcile, write_month

HEAD = WAYBILLS.splitlines()[0] + "\n"
CARD = RATES.splitlines()[2]


def waybill(line: str) -> dict[str, str | bytes]:
    return {"waybills": WAYBILLS + line + "\n"}


def card(line: str) -> dict[str, str | bytes]:
    return {"rates": RATES + line + "\n"}


BROKEN: dict[str, tuple[dict[str, str | bytes], list[str]]] = {
    "waybills without a column": (
        {"waybills": WAYBILLS.replace("weight_g", "weight")},
        [f"waybills.csv:1: no column weight_g; expected {HEAD.strip()}"],
    ),
    "waybills empty": (
        {"waybills": ""},
        ["waybills.csv:1: the file is empty; expected a header line and rows"],
    ),
    "impossible day": (
        waybill("W9,中通,2026-10-32,广东,1,1,0,delivered"),
        ["waybills.csv:5: picked_up_on is '2026-10-32'; expected a day such as 2026-10-01"],
    ),
    "a day with 24:30": (
        waybill("W9,中通,2026-10-01 24:30,广东,1,1,0,delivered"),
        ["waybills.csv:5: picked_up_on is '2026-10-01 24:30'; expected a day such as 2026-10-01"],
    ),
    "weight with a fraction": (
        waybill("W9,中通,2026-10-01,广东,1.5,1,0,delivered"),
        ["waybills.csv:5: weight_g is '1.5'; expected a whole number from 0 to 9999999"],
    ),
    "weight in exponents": (
        waybill("W9,中通,2026-10-01,广东,1e3,1,0,delivered"),
        ["waybills.csv:5: weight_g is '1e3'; expected a whole number from 0 to 9999999"],
    ),
    "weight that is no number": (
        waybill("W9,中通,2026-10-01,广东,NaN,1,0,delivered"),
        ["waybills.csv:5: weight_g is 'NaN'; expected a whole number from 0 to 9999999"],
    ),
    "enormous weight": (
        waybill(f"W9,中通,2026-10-01,广东,{'9' * 30},1,0,delivered"),
        [f"waybills.csv:5: weight_g is '{'9' * 30}'; expected a whole number from 0 to 9999999"],
    ),
    "enormous collected amount": (
        waybill("W9,中通,2026-10-01,广东,1,1,10000000000,delivered"),
        ["waybills.csv:5: cod_fen is '10000000000'; expected a whole number from 0 to 9999999999"],
    ),
    "rates empty": (
        {"rates": ""},
        ["rates.csv:1: the file is empty; expected a header line and rows"],
    ),
    "statement empty": (
        {"statement": ""},
        ["statement.csv:1: the file is empty; expected a header line and rows"],
    ),
    "negative volume": (
        waybill("W9,中通,2026-10-01,广东,1,-1,0,delivered"),
        ["waybills.csv:5: volume_cm3 is '-1'; expected a whole number from 0 to 99999999"],
    ),
    "no collected amount": (
        waybill("W9,中通,2026-10-01,广东,1,1,,delivered"),
        ["waybills.csv:5: cod_fen is ''; expected a whole number from 0 to 9999999999"],
    ),
    "unknown status": (
        waybill("W9,中通,2026-10-01,广东,1,1,0,burnt"),
        ["waybills.csv:5: status is 'burnt'; expected delivered, returned, lost"],
    ),
    "our own number spoilt": (
        waybill("7.8E+12,中通,2026-10-01,广东,1,1,0,delivered"),
        ["waybills.csv:5: the waybill number '7.8E+12' was spoilt by a spreadsheet; expected all its digits"],
    ),
    "no number": (
        waybill(",中通,2026-10-01,广东,1,1,0,delivered"),
        ["waybills.csv:5: there is no waybill number; expected one for each charge"],
    ),
    "no courier and no province": (
        waybill("W9,,2026-10-01,,1,1,0,delivered"),
        [
            "waybills.csv:5: courier is empty; expected a value",
            "waybills.csv:5: province is empty; expected a value",
        ],
    ),
    "waybill twice": (
        waybill("7800000000001,中通,2026-10-04,广东,1,1,0,delivered"),
        ["waybills.csv:5: waybill 7800000000001 is also on line 2; expected each waybill once"],
    ),
    "a short line": (
        waybill("W9,中通,2026-10-01,广东"),
        [
            "waybills.csv:5: status is ''; expected delivered, returned, lost",
            "waybills.csv:5: weight_g is ''; expected a whole number from 0 to 9999999",
            "waybills.csv:5: volume_cm3 is ''; expected a whole number from 0 to 99999999",
            "waybills.csv:5: cod_fen is ''; expected a whole number from 0 to 9999999999",
        ],
    ),
    "no card on that day": (
        waybill("W9,中通,2027-01-01,广东,1,1,0,delivered"),
        ["waybills.csv:5: no rate card of 中通 prices 广东 on 2027-01-01; expected one in the rates"],
    ),
    "no card for that province": (
        {"rates": "\n".join(RATES.splitlines()[:2]) + "\n"},
        ["waybills.csv:2: no rate card of 中通 prices 广东 on 2026-10-03; expected one in the rates"],
    ),
    "a quotation mark left open": (
        waybill('"W9,中通,2026-10-01,广东,1,1,0,delivered'),
        ["waybills.csv:5: a cell in quotation marks that is not closed properly; expected CSV"],
    ),
    "rates without a column": (
        {"rates": RATES.replace("round_g", "rounding")},
        [f"rates.csv:1: no column round_g; expected {RATES.splitlines()[0]}"],
    ),
    "rates without a card": (
        {"rates": RATES.splitlines()[0] + "\n"},
        ["rates.csv:1: no rate card below the header; expected at least one"],
    ),
    "steps of nothing": (
        card("圆通,近区,*,1000,400,0,110,0,0,2026-01-01,2026-12-31"),
        [
            "rates.csv:4: step_g is '0'; expected a whole number from 1 to 100000000",
            "rates.csv:4: round_g is '0'; expected a whole number from 1 to 100000000",
        ],
    ),
    "a price in yuan": (
        card("圆通,近区,*,1000,4.00,1000,110,0,1,2026-01-01,2026-12-31"),
        ["rates.csv:4: first_fen is '4.00'; expected a whole number from 0 to 1000000000"],
    ),
    "a card that ends before it begins": (
        card("圆通,近区,*,1000,400,1000,110,0,1,2026-12-31,2026-01-01"),
        ["rates.csv:4: valid_from 2026-12-31 is after valid_to 2026-01-01; expected it on or before"],
    ),
    "a card without an end": (
        card("圆通,近区,*,1000,400,1000,110,0,1,2026-12-31,"),
        ["rates.csv:4: valid_to is ''; expected a day such as 2026-10-01"],
    ),
    "cards that share one day": (
        card("中通,近区,四川省|重庆,1000,400,1000,110,0,1,2026-12-31,2027-12-31"),
        [
            "rates.csv:4: the card of 中通 overlaps the one on line 2, same province and days; "
            "expected one card for each province and day"
        ],
    ),
    "two cards for all others": (
        card(CARD),
        [
            "rates.csv:4: the card of 中通 overlaps the one on line 3, same province and days; "
            "expected one card for each province and day"
        ],
    ),
    "a statement without a header": (
        {"statement": "a,b,c\n1,2,3\n"},
        [
            "statement.csv:1: no header with a waybill column and an amount column in the first 2 rows; "
            "expected headings such as 运单号 and 运费"
        ],
    ),
    "a statement without amounts": (
        {"statement": "运单号,备注\n7800000000001,好\n"},
        [
            "statement.csv:1: no header with a waybill column and an amount column in the first 2 rows; "
            "expected headings such as 运单号 and 运费"
        ],
    ),
    "two columns of freight": (
        {"statement": "运单号,运费,运费\n7800000000001,1.00,2.00\n"},
        ["statement.csv:1: 2 columns are headed '运费'; expected one that counts"],
    ),
    "a statement in UTF-16": (
        {"statement": STATEMENT.encode("utf-16")},
        ["statement.csv:1: the file is UTF-16 text; expected UTF-8 or GB18030"],
    ),
    "bytes that are no text": (
        {"statement": STATEMENT.encode() + b"\xff\xff\x80\n"},
        ["statement.csv:6: bytes that are neither UTF-8 nor GB18030 text; save the file as UTF-8"],
    ),
    "a zero byte": (
        {"statement": STATEMENT.encode() + b"a\0b\n"},
        ["statement.csv:6: a zero byte; expected text in UTF-8 or GB18030"],
    ),
    "a cell of a megabyte": (
        {"statement": STATEMENT + "7800000000001,广东," + "9" * (1 << 20) + ",1.00,\n"},
        ["statement.csv:6: a line of more than 173167 bytes; expected a table of short cells"],
    ),
    "a cell longer than a sheet's": (
        {"statement": "运单号,运费\n7800000000001,1.00\n" + "9" * 40_000 + ",1.00\n"},
        ["statement.csv:3: a cell of more than 32767 characters; expected a table of short cells"],
    ),
    "a statement that never closes a cell": (
        {"statement": STATEMENT + '"7800000000001,广东,1,1.00,\n'},
        ["statement.csv:6: a cell in quotation marks that is not closed properly; expected CSV"],
    ),
    "faults in every file": (
        waybill("W9,中通,never,广东,1,1,0,delivered")
        | card("圆通,近区,*,1000,400,1000,110,0,1,2026-12-31,")
        | {"statement": "a\n"},
        [
            "rates.csv:4: valid_to is ''; expected a day such as 2026-10-01",
            "statement.csv:1: no header with a waybill column and an amount column in the first 1 rows; "
            "expected headings such as 运单号 and 运费",
            "waybills.csv:5: picked_up_on is 'never'; expected a day such as 2026-10-01",
        ],
    ),
    "a workbook under a CSV name": (
        {"statement": b"PK\x03\x04 and more"},
        [
            "statement.csv:1: the file is a ZIP archive (an XLSX workbook?) under a CSV name; "
            "save it with the ending .xlsx"
        ],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    changed, faults = BROKEN[name]
    write_month(tmp_path, **changed)

    run = run_reconcile(tmp_path)

    assert (run.code, run.err, run.out, run.written) == (2, faults, "", [])


OPTIONS: dict[str, tuple[dict[str, str], str]] = {
    "no month": ({"period": "2026-13"}, "--period:1: '2026-13' is not a month; expected one such as 2026-10"),
    "a day": (
        {"period": "2026-10-01"},
        "--period:1: '2026-10-01' is not a month; expected one such as 2026-10",
    ),
    "an unknown courier": (
        {"courier": "中铁"},
        "rates.csv:1: no rate card of courier '中铁'; expected one of 中通",
    ),
    "a missing statement": (
        {"statement": "october.csv"},
        "october.csv:1: there is no such file; expected a table to read",
    ),
    "a folder as statement": (
        {"statement": "."},
        ".:1: is a folder; expected a file, a table to read",
    ),
    "a name too long for a file": (
        {"statement": "y" * 300 + ".csv"},
        f"{'y' * 300}.csv:1: cannot be read (File name too long); expected a table to read",
    ),
    "another kind of file": (
        {"statement": "statement.pdf"},
        "statement.pdf:1: the ending .pdf is not known; expected .csv or .xlsx",
    ),
    "an output over an input": (
        {"out": "waybills.csv"},
        "waybills.csv:1: --out is one of the files to read; expected a file of its own",
    ),
    "an output nowhere": (
        {"out": "nowhere/result.json"},
        "nowhere/result.json:1: --out cannot be written there; expected a file in a folder that exists",
    ),
    "a report that is no workbook": (
        {"report": "report.csv"},
        "report.csv:1: --report has another ending; expected a name that ends in .xlsx",
    ),
    "report and result in one": (
        {"out": "both.xlsx", "report": "both.xlsx"},
        "both.xlsx:1: --report and --out are the same file; expected two",
    ),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_broken_option_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    options, fault = OPTIONS[name]
    write_month(tmp_path)

    run = run_reconcile(tmp_path, **options)

    assert (run.code, run.err, run.written) == (2, [fault], [])
    assert (tmp_path / "waybills.csv").read_text(encoding="utf-8") == WAYBILLS


def test_a_missing_option_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)

    run = run_reconcile(tmp_path, courier="")

    assert (run.code, run.err, run.written) == (2, ["Missing option '--courier'."], [])


def test_very_many_faults_are_counted_not_listed(tmp_path: Path) -> None:
    write_month(tmp_path, waybills=HEAD + "W1,中通,never,广东,1,1,0,delivered\n" * 1_000)

    run = run_reconcile(tmp_path)

    assert (run.code, len(run.err), run.written) == (2, 201, [])
    assert run.err[-1] == "waybills.csv:201: and 800 more faults below; expected none"
