"""Whatever is wrong with the four files: exit 2, a line per fault with file and line, nothing written."""

from pathlib import Path

import click
import pytest

from county.errors import BadInput
from logistics.routes.cli import plan_command
from tests.edges.routes_cli.day import FILE_OPTIONS, SOUND, run_plan, write_day

STATIONS, ROADS = SOUND["stations.csv"], SOUND["roads.csv"]
PARCELS, FLEET = SOUND["parcels.csv"], SOUND["fleet.csv"]
HEAD = PARCELS.splitlines()[0] + "\n"
VAN = FLEET.splitlines()[1]


def parcel(line: str) -> dict[str, str]:
    return {"parcels": HEAD + line + "\n"}


def van(old: str, new: str) -> dict[str, str]:
    return {"fleet": FLEET.replace(old, new)}


BROKEN: dict[str, tuple[dict[str, str | bytes], list[str]]] = {
    "column missing": (
        {"parcels": PARCELS.replace("weight_g", "weight")},
        ["parcels.csv:1: column weight_g is missing, expected it in the header"],
    ),
    "two columns missing": (
        {"fleet": FLEET.replace("stop_s", "s").replace("unit_s", "u")},
        [
            "fleet.csv:1: column stop_s is missing, expected it in the header",
            "fleet.csv:1: column unit_s is missing, expected it in the header",
        ],
    ),
    "column twice": (
        {"roads": ROADS.replace("from,to", "from,from,to").replace("hub,J1", "hub,hub,J1")},
        ["roads.csv:1: column from appears twice, expected it once"],
    ),
    "unknown station": (
        parcel("P1,c1,in,Z,1,100,,"),
        ["parcels.csv:2: station 'Z' is unknown, expected one of the stations file"],
    ),
    "parcel to the hub": (
        parcel("P1,c1,in,hub,1,100,,"),
        ["parcels.csv:2: station 'hub' is the hub, expected a station of kind station"],
    ),
    "parcel twice": (
        {"parcels": PARCELS + "P1,c3,in,A,1,100,,\n"},
        ["parcels.csv:5: parcel 'P1' appears again after line 2, expected it once"],
    ),
    "station twice": (
        {"stations": STATIONS + "A,again,T1,station,32.3,108.9\n"},
        ["stations.csv:5: station 'A' appears again after line 3, expected it once"],
    ),
    "vehicle type twice": (
        {"fleet": FLEET + VAN + "\n"},
        ["fleet.csv:3: vehicle_type 'van' appears again after line 2, expected it once"],
    ),
    "unknown direction": (
        parcel("P1,c1,up,A,1,100,,"),
        ["parcels.csv:2: direction is 'up', expected in or out"],
    ),
    "unknown kind": (
        {"stations": STATIONS.replace("B,石门站,T1,station", "B,石门站,T1,depot")},
        ["stations.csv:4: kind is 'depot', expected hub or station"],
    ),
    "two hubs": (
        {"stations": STATIONS + "C,又一个,T1,hub,32.3,108.9\n"},
        ["stations.csv:5: this is a second hub, expected exactly one"],
    ),
    "no hub": (
        {"stations": STATIONS.replace("T0,hub,", "T0,station,")},
        ["stations.csv:1: there is no hub, expected exactly one line of kind hub"],
    ),
    "negative units": (
        parcel("P1,c1,in,A,-1,100,,"),
        ["parcels.csv:2: units is '-1', expected a whole number from 1 to 1000000000"],
    ),
    "no units": (
        parcel("P1,c1,in,A,0,100,,"),
        ["parcels.csv:2: units is '0', expected a whole number from 1 to 1000000000"],
    ),
    "enormous weight": (
        parcel("P1,c1,in,A,1,9999999999999999999999,,"),
        ["parcels.csv:2: weight_g is '9999999999999999999999', expected a whole number from 0 to 1000000000"],
    ),
    "weight not a number": (
        parcel("P1,c1,in,A,1,NaN,,"),
        ["parcels.csv:2: weight_g is 'NaN', expected a whole number from 0 to 1000000000"],
    ),
    "weight by a spreadsheet": (
        parcel("P1,c1,in,A,1,1.2E+03,,"),
        ["parcels.csv:2: weight_g is '1.2E+03', expected a whole number from 0 to 1000000000"],
    ),
    "full-width digits": (
        parcel("P1,c1,in,A,１,100,,"),
        ["parcels.csv:2: units is '１', expected a whole number from 1 to 1000000000"],
    ),
    "empty parcel name": (
        parcel(",c1,in,A,1,100,,"),
        ["parcels.csv:2: parcel is empty, expected a name"],
    ),
    "empty courier": (
        parcel("P1, ,in,A,1,100,,"),
        ["parcels.csv:2: courier is empty, expected a name"],
    ),
    "due before ready": (
        parcel("P1,c1,in,A,1,100,600,599"),
        ["parcels.csv:2: due_s 599 is before ready_s 600, expected it later or equal"],
    ),
    "time not whole": (
        parcel("P1,c1,in,A,1,100,0.5,"),
        ["parcels.csv:2: ready_s is '0.5', expected a whole number from 0 to 1000000000"],
    ),
    "too few fields": (
        parcel("P1,c1,in"),
        [
            "parcels.csv:2: station is empty, expected a name",
            "parcels.csv:2: units is empty, expected a whole number from 1 to 1000000000",
            "parcels.csv:2: weight_g is empty, expected a whole number from 0 to 1000000000",
        ],
    ),
    "too many fields": (
        parcel("P1,c1,in,A,1,100,,,surplus"),
        ["parcels.csv:2: 9 fields, expected 8 as in the header"],
    ),
    "empty stations": (
        {"stations": ""},
        [
            "stations.csv:1: the file is empty, expected a header with station, name, town, kind",
            "parcels.csv:2: station 'A' is unknown, expected one of the stations file",
            "parcels.csv:3: station 'B' is unknown, expected one of the stations file",
            "parcels.csv:4: station 'B' is unknown, expected one of the stations file",
        ],
    ),
    "empty roads": (
        {"roads": " \n\n"},
        ["roads.csv:1: the file is empty, expected a header with from, to, distance_m, duration_s"],
    ),
    "fleet without a line": (
        {"fleet": FLEET.splitlines()[0] + "\n"},
        ["fleet.csv:1: there is no vehicle type, expected at least one line"],
    ),
    "field of a megabyte": (
        parcel("P1,c1,in,A,1,100,," + "9" * 1_000_000),
        ["parcels.csv:2: not readable as CSV (field larger than field limit (131072)), expected one record"],
    ),
    "name of a thousand characters": (
        parcel("P" * 1_000 + ",c1,in,A,1,100,,"),
        ["parcels.csv:2: parcel has 1000 characters, expected at most 200"],
    ),
    "open quote": (
        parcel('P1,"c1,in,A,1,100,,'),
        ["parcels.csv:2: not readable as CSV (unexpected end of data), expected one record"],
    ),
    "neither UTF-8 nor GB18030": (
        {"stations": STATIONS.encode("utf-8").replace("石门站".encode(), b"\xff\xfe\xff")},
        [
            "stations.csv:4: not readable as text, expected UTF-8 or GB18030",
            "parcels.csv:2: station 'A' is unknown, expected one of the stations file",
            "parcels.csv:3: station 'B' is unknown, expected one of the stations file",
            "parcels.csv:4: station 'B' is unknown, expected one of the stations file",
        ],
    ),
    "control character in a name": (
        parcel("P\x001,c1,in,A,1,100,,"),
        ["parcels.csv:2: parcel contains a control character, expected plain text"],
    ),
    "road to itself": (
        {"roads": ROADS + "A,A,10,10\n"},
        ["roads.csv:5: the road leads from 'A' to itself, expected two places"],
    ),
    "road of negative length": (
        {"roads": ROADS.replace("3000", "-3000")},
        ["roads.csv:2: distance_m is '-3000', expected a whole number from 0 to 10000000"],
    ),
    "shift of nothing": (
        van("32400", "0"),
        ["fleet.csv:2: shift_s is '0', expected a whole number from 1 to 10000000"],
    ),
    "enormous price": (
        van("27500", "27500000000000000000000"),
        ["fleet.csv:2: day_fen is '27500000000000000000000', expected a whole number from 0 to 100000000"],
    ),
    "latitude beyond the pole": (
        {"stations": STATIONS.replace("32.31", "132.31")},
        ["stations.csv:3: lat is '132.31', expected degrees from -90 to 90"],
    ),
    "latitude not a number": (
        {"stations": STATIONS.replace("32.31", "nan")},
        ["stations.csv:3: lat is 'nan', expected degrees from -90 to 90"],
    ),
    "faults in every file": (
        {
            "stations": STATIONS.replace("T1,station,32.35", "T1,shop,32.35"),
            "roads": ROADS.replace("500", "x"),
            "parcels": PARCELS.replace(",2,800", ",two,800"),
            "fleet": FLEET.replace("van,3", "van,-3"),
        },
        [
            "stations.csv:4: kind is 'shop', expected hub or station",
            "roads.csv:4: duration_s is 'x', expected a whole number from 0 to 10000000",
            "parcels.csv:3: units is 'two', expected a whole number from 1 to 1000000000",
            "fleet.csv:2: available is '-3', expected a whole number from 0 to 1000000",
        ],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_refused_by_line_and_nothing_is_written(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, expected = BROKEN[name]
    write_day(tmp_path, **changed)
    before = sorted(tmp_path.iterdir())
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BadInput) as refusal:
        plan_command.main(list(FILE_OPTIONS), standalone_mode=False)

    assert [str(fault) for fault in refusal.value.faults] == expected
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "name", ["column missing", "open quote", "field of a megabyte", "faults in every file"]
)
def test_faults_are_lines_on_standard_error_and_exit_is_2(tmp_path: Path, name: str) -> None:
    changed, expected = BROKEN[name]
    write_day(tmp_path, **changed)
    before = sorted(tmp_path.iterdir())

    result = run_plan(tmp_path)

    assert result.returncode == 2
    assert result.stderr.splitlines() == expected
    assert result.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


def test_degrees_are_needed_where_there_are_no_roads(tmp_path: Path) -> None:
    write_day(tmp_path, stations=STATIONS.replace("32.31,108.95", ","))

    result = run_plan(tmp_path, roads=False)

    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "stations.csv:3: lat is empty, expected degrees from -90 to 90",
        "stations.csv:3: lon is empty, expected degrees from -180 to 180",
    ]
    assert not (tmp_path / "plan.json").exists()


def test_missing_file_is_told(tmp_path: Path) -> None:
    write_day(tmp_path)
    (tmp_path / "fleet.csv").unlink()

    result = run_plan(tmp_path)

    assert result.returncode == 2
    assert result.stderr == "fleet.csv:1: cannot be read (No such file or directory), expected a CSV file\n"
    assert not (tmp_path / "plan.json").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--time-limit", "0"),
        ("--time-limit", "-5"),
        ("--time-limit", "nan"),
        ("--time-limit", "inf"),
        ("--iterations", "0"),
        ("--iterations", "10", "--time-limit", "5"),
        ("--seed", "-1"),
        ("--baseline", "nobody"),
    ],
)
def test_impossible_option_is_refused(
    tmp_path: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_day(tmp_path)
    monkeypatch.chdir(tmp_path)

    with pytest.raises((BadInput, click.BadParameter)):
        plan_command.main([*FILE_OPTIONS, *options], standalone_mode=False)

    assert not (tmp_path / "plan.json").exists()


def test_old_plan_survives_bad_input(tmp_path: Path) -> None:
    write_day(tmp_path, **parcel("P1,c1,in,A,-1,100,,"))
    (tmp_path / "plan.json").write_text("yesterday's plan")

    result = run_plan(tmp_path)

    assert result.returncode == 2
    assert (tmp_path / "plan.json").read_text() == "yesterday's plan"
