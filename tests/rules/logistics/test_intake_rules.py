"""Daily files in the couriers' layouts, what is wrong with rows, and which station an address means."""

from pathlib import Path

import pytest

from county.errors import BadInput
from county.sheets import read_sheet
from logistics.intake import rules
from logistics.intake.service import read_file
from logistics.intake.types import Field
from logistics.routes.types import Station, StationKind
from tests.makers.logistics import HEAD, daily_row, write_csv, write_workbook

PLACES = [
    Station("hub", "县分拨中心", "城关镇", StationKind.HUB, 32.3, 108.9),
    Station("S1", "竹园村", "城关镇", StationKind.STATION, 32.3, 108.9),
    Station("S2", "石门村", "石门镇", StationKind.STATION, 32.3, 108.9),
    Station("S3", "大石门村", "石门镇", StationKind.STATION, 32.3, 108.9),
    Station("S4", "红星村", "石门镇", StationKind.STATION, 32.3, 108.9),
    Station("S5", "红星村", "民主镇", StationKind.STATION, 32.3, 108.9),
]
ADDRESS = "城关镇竹园村3号"


def read(path: Path):
    return read_file(path, name="日单", places=PLACES).content


def faults_of(folder: Path, *rows) -> list[tuple[int, str]]:
    found = read(write_csv(folder, [HEAD, *rows]))
    return [(each.row, each.what.format(**each.facts)) for each in found.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_below_title_rows_is_read_in_its_encoding(tmp_path, encoding):
    rows = [
        ("中通快递派件清单",),
        ("单号", "派送地址", "收货人", "手机", "实际重量（KG）", "件数", "代收款"),
        ("78001001", ADDRESS, "李明", "13900001234", "2.5", "2", "¥35.5"),
        ("合计", "", "", "", "2.5", "2", ""),
    ]

    found = read(write_csv(tmp_path, rows, encoding=encoding))

    (parcel,) = found.parcels
    assert found.faults == ()
    assert (parcel.row, parcel.waybill, parcel.station) == (3, "78001001", "S1")
    assert (parcel.weight_g, parcel.units, parcel.cod_fen) == (2_500, 2, 3_550)
    assert (parcel.consignee.name, parcel.consignee.phone) == ("李明", "13900001234")
    assert parcel.consignee.detail == ADDRESS


def test_workbook_is_read_and_says_what_the_eye_does_not_see(tmp_path):
    rows = [HEAD, (78001001, "李明", 13900001234, ADDRESS, 0.35, 1, None), daily_row("78001002", ADDRESS)]

    found = read(write_workbook(tmp_path, rows, hidden_row=3))

    assert [(each.waybill, each.weight_g) for each in found.parcels] == [
        ("78001001", 350),
        ("78001002", 1_500),
    ]
    assert found.parcels[0].consignee.phone == "13900001234"
    assert (found.hidden_rows, found.hidden_sheets) == ((3,), ("旧表",))


def test_merged_and_formula_cells_are_faults_with_their_rows(tmp_path):
    rows = [
        HEAD,
        daily_row("78001001", ADDRESS),
        ("78001002", "李明", "13900001234", ADDRESS, "=1+1", 1, 0),
        daily_row("78001003", ADDRESS),
        daily_row("78001004", ADDRESS),
    ]

    found = read(write_workbook(tmp_path, rows, merged="D4:D5"))

    assert [each.waybill for each in found.parcels] == ["78001001"]
    assert [(each.row, each.what) for each in found.faults] == [
        (row, rules.UNREADABLE_CELL) for row in (3, 4, 5)
    ]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (
            daily_row("7.8E+13"),
            "waybill 7.8E+13 was spoilt by a spreadsheet; expected the whole number as text",
        ),
        (daily_row("12 34"), "waybill “12 34” is not a number of 6 to 30 letters and digits"),
        (daily_row(""), "waybill “” is not a number of 6 to 30 letters and digits"),
        (
            daily_row("７８００１００１"),
            "waybill “７８００１００１” is not a number of 6 to 30 letters and digits",
        ),
        (
            daily_row("78001001", phone="1.39E+10"),
            "the phone number was spoilt by a spreadsheet; expected eleven digits as text",
        ),
        (daily_row("78001001", ""), "there is no address"),
        (
            daily_row("78001001", phone="139" * 7),
            "one of name, phone and address is too long; expected at most 20 characters",
        ),
        (
            daily_row("78001001", "竹" * 201),
            "one of name, phone and address is too long; expected at most 200 characters",
        ),
        (daily_row("78001001", weight="半斤"), "weight “半斤” is not a number of kg above 0 and up to 1000"),
        (daily_row("78001001", weight="0"), "weight “0” is not a number of kg above 0 and up to 1000"),
        (
            daily_row("78001001", weight="1000.1"),
            "weight “1000.1” is not a number of kg above 0 and up to 1000",
        ),
        (daily_row("78001001", pieces="1.5"), "pieces “1.5” is not a whole number from 1 to 1000"),
        (daily_row("78001001", pieces="0"), "pieces “0” is not a whole number from 1 to 1000"),
        (
            daily_row("78001001", cod="1.234"),
            "cash on delivery “1.234” is not an amount in yuan up to 100,000",
        ),
        (daily_row("78001001", cod="-1"), "cash on delivery “-1” is not an amount in yuan up to 100,000"),
        (
            daily_row("78001001", cod="9e999999"),
            "cash on delivery “9e999999” is not an amount in yuan up to 100,000",
        ),
        (
            daily_row("78001001", cod="100000.01"),
            "cash on delivery “100000.01” is not an amount in yuan up to 100,000",
        ),
    ],
)
def test_row_that_cannot_be_taken_in_says_why(tmp_path, row, what):
    assert faults_of(tmp_path, row) == [(2, what)]


def test_province_longer_than_its_column_is_a_fault(tmp_path):
    path = write_csv(tmp_path, [("运单号", "省份", "收件地址"), ("78001001", "陕" * 41, ADDRESS)])

    assert [each.facts for each in read(path).faults] == [{"most": 40}]


def test_waybill_twice_counts_once_and_names_the_first_row(tmp_path):
    rows = [daily_row("78001001"), daily_row("78001002"), daily_row("'78001001")]

    found = read(write_csv(tmp_path, [HEAD, *rows]))

    assert [each.row for each in found.parcels] == [2, 3]
    assert faults_of(tmp_path, *rows) == [(4, "waybill 78001001 stands in row 2 already")]


def test_marks_of_spreadsheets_on_numbers_are_taken_off():
    assert [rules.clean_waybill(each) for each in ("'78001", " 78001.0 ", "`78001")] == ["78001"] * 3


def test_missing_weight_and_pieces_have_a_default(tmp_path):
    (parcel,) = read(write_csv(tmp_path, [("运单号", "收件地址"), ("78001001", ADDRESS)])).parcels

    assert (parcel.weight_g, parcel.units, parcel.cod_fen) == (1_000, 1, 0)


def test_header_is_the_row_that_names_the_most_fields(tmp_path):
    rows = [("运单号", "地址"), HEAD, daily_row("78001001", ADDRESS)]

    header = rules.find_header(read_sheet(write_csv(tmp_path, rows)))

    assert header is not None
    assert (header[0], header[1][Field.WAYBILL], header[1][Field.COD]) == (1, 0, 6)


def test_file_without_header_is_refused_under_its_senders_name(tmp_path):
    with pytest.raises(BadInput) as refusal:
        read(write_csv(tmp_path, [("甲", "乙"), ("78001001", ADDRESS)]))

    (fault,) = refusal.value.faults
    assert fault.where == "日单:1"
    assert "运单号" in fault.what


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("table.csv", b"", "the file is empty"),
        ("table.csv", b"PK\x03\x04rest", "ZIP archive"),
        ("table.csv", b"\xd0\xcf\x11\xe0rest", "old .xls"),
        ("table.csv", "运单号".encode("utf-16"), "UTF-16"),
        ("table.csv", b"\xff\xff\xff,1\n", "neither UTF-8 nor GB18030"),
        ("table.csv", b'a,"b\n', "quotation marks"),
        ("table.xlsx", b"not a workbook", "not an XLSX workbook"),
        ("table.xlsx", b"PK\x03\x04broken", "damaged"),
        (
            "table.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_broken_file_is_refused_and_nothing_tells_where_it_lies(tmp_path, name, content, what):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(BadInput) as refusal:
        read(path)

    (fault,) = refusal.value.faults
    assert what in fault.what
    assert fault.where.startswith("日单:")


@pytest.mark.parametrize(
    ("address", "station"),
    [
        ("城关镇竹园村3号", "S1"),
        ("竹园村3号", "S1"),
        ("石门镇石门村口", "S2"),
        ("石门镇大石门村2组", "S3"),
        ("石门镇红星村", "S4"),
        ("民主镇红星村", "S5"),
        ("红星村5号", None),
        ("民主镇竹园村", None),
        ("竹园村和石门村之间", None),
        ("城关镇河街", None),
        ("县分拨中心", None),
        ("", None),
    ],
)
def test_address_names_one_station_or_a_person_chooses(address, station):
    assert rules.Resolver(PLACES).station_of(address) == station
