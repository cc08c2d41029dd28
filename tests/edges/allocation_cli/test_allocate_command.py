"""`logistics allocate`: writes what CONTRACTS.md §5 fixes, and on bad input says where and writes nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from county.errors import BadInput
from logistics.allocation.cli import allocate_command

FILES = {
    "stations": "station,name,town,kind\nhub,Hub,T00,hub\nA,安,T01,station\nB,白,T01,station\n",
    "roads": "from,to,distance_m,duration_s\nhub,A,5000,400\nA,B,3000,300\n",
    "parcels": (
        "parcel,courier,direction,station,units,weight_g\n"
        "p1,zto,in,A,2,900\np2,yunda,in,B,1,400\np3,zto,out,B,3,2500\n"
    ),
    "fleet": (
        "vehicle_type,available,capacity_units,capacity_g,shift_s,day_fen,km_fen,stop_fen,stop_s,unit_s,"
        "reload_s\nvan,2,380,700000,32400,27500,104,134,248,5,900\n"
    ),
    "couriers": "courier,subcontract_fen\nzto,\nyunda,5000\nidle,80\n",
}


def run(folder: Path, *, bill: str = "10001", method: str = "shapley", **changed: str | None) -> Result:
    """Write the files, with some of them changed or left away, and run the command on them."""
    arguments = ["--bill-fen", bill, "--method", method, "--out", str(folder / "allocation.json")]
    for name, text in {**FILES, **changed}.items():
        if text is not None:
            (folder / f"{name}.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
            arguments += [f"--{name}", str(folder / f"{name}.csv")]
    return CliRunner().invoke(allocate_command, arguments)


@pytest.mark.parametrize("method", ["shapley", "equal-saving", "volume"])
def test_the_result_has_the_fixed_shape(tmp_path: Path, method: str) -> None:
    result = run(tmp_path, method=method)

    assert result.exit_code == 0, result.output
    answer = json.loads((tmp_path / "allocation.json").read_text(encoding="utf-8"))
    assert list(answer) == ["method", "cost_rule", "bill_fen", "shares", "stability"]
    assert (answer["method"], answer["cost_rule"], answer["bill_fen"]) == (method, "bound-v1", 10_001)
    assert [(s["courier"], s["parcels"], s["units"]) for s in answer["shares"]] == [
        ("idle", 0, 0),
        ("yunda", 1, 1),
        ("zto", 2, 5),
    ]
    assert all(set(s) == {"courier", "share_fen", "alone_fen", "parcels", "units"} for s in answer["shares"])
    assert sum(s["share_fen"] for s in answer["shares"]) == 10_001
    assert answer["shares"][0]["share_fen"] == answer["shares"][0]["alone_fen"] == 0
    assert set(answer["stability"]) == {"pays_more_than_alone", "blocking_coalitions", "worst"}
    assert set(answer["stability"]["worst"]) == {"couriers", "excess_fen"}
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".csv"] == ["allocation.json"]


def test_shares_of_a_case_worked_by_hand(tmp_path: Path) -> None:
    # zto alone: a day 27,500, 16 km there and back 1,664, two stops 268 = 29,432. yunda alone has one stop
    # less: 29,298, but sub-contracts its one unit for 5,000. Both together: 29,432. Shapley: 26,932 + 2,500.
    run(tmp_path, bill="29432")

    answer = json.loads((tmp_path / "allocation.json").read_text(encoding="utf-8"))

    assert [(s["courier"], s["share_fen"], s["alone_fen"]) for s in answer["shares"]] == [
        ("idle", 0, 0),
        ("yunda", 2_500, 5_000),
        ("zto", 26_932, 29_432),
    ]
    assert answer["stability"] == {
        "pays_more_than_alone": [],
        "blocking_coalitions": 0,
        "worst": {"couriers": ["zto"], "excess_fen": -2_500},
    }


def test_couriers_and_roads_are_optional(tmp_path: Path) -> None:
    stations = (
        "station,name,town,kind,lat,lon\nhub,Hub,T00,hub,32.3,108.9\n"
        "A,安,T01,station,32.4,108.9\nB,白,T01,station,32.4,109.0\n"
    )

    result = run(tmp_path, stations=stations, roads=None, couriers=None)

    assert result.exit_code == 0, result.output
    answer = json.loads((tmp_path / "allocation.json").read_text(encoding="utf-8"))
    assert [s["courier"] for s in answer["shares"]] == ["yunda", "zto"]


def test_couriers_in_gb18030_are_read(tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_bytes("courier\n中通\n韵达\n".encode("gb18030"))
    parcels = FILES["parcels"].replace("zto", "中通").replace("yunda", "韵达")

    result = run(
        tmp_path,
        parcels=parcels,
        couriers=(tmp_path / "names.csv").read_bytes().decode("utf-8", "surrogateescape"),
    )

    assert result.exit_code == 0, result.output
    answer = json.loads((tmp_path / "allocation.json").read_text(encoding="utf-8"))
    assert [s["courier"] for s in answer["shares"]] == ["中通", "韵达"]


def test_parcels_that_fit_nothing_are_said_and_exit_with_one(tmp_path: Path) -> None:
    result = run(tmp_path, parcels=FILES["parcels"] + "p4,zto,in,A,381,5\n")

    assert result.exit_code == 1
    assert result.output == "left out, for want of a vehicle that fits or of a road: 1 parcel\n"
    assert (tmp_path / "allocation.json").exists()


BROKEN = [
    ("couriers", "courier\n\nzto\nyunda\nzto\n", "couriers.csv:5: courier 'zto' appears again after line 3"),
    ("couriers", "courier\nzto\n", "couriers.csv:1: courier 'yunda' of"),
    ("couriers", "name\nzto\n", "couriers.csv:1: column courier is missing"),
    ("couriers", "courier,courier\nzto,zto\n", "couriers.csv:1: column courier appears twice"),
    ("couriers", "courier,subcontract_fen\nzto,-5\nyunda,\n", "couriers.csv:2: subcontract_fen is '-5'"),
    ("couriers", "courier,subcontract_fen\nzto,1.5\nyunda,\n", "couriers.csv:2: subcontract_fen is '1.5'"),
    ("couriers", "courier,subcontract_fen\nzto,９\nyunda,\n", "couriers.csv:2: subcontract_fen is '９'"),
    ("couriers", "courier,subcontract_fen\nzto,200000000\nyunda,\n", "couriers.csv:2: subcontract_fen is"),
    ("couriers", "courier,subcontract_fen\n,5\nzto,\nyunda,\n", "couriers.csv:2: courier is empty"),
    ("couriers", "courier\nzto,1,2\nyunda\n", "couriers.csv:2: 2 fields too many"),
    ("couriers", "", "couriers.csv:1: the file is empty"),
    ("couriers", 'courier\n"zto\nyunda\n', "couriers.csv:3: not readable as CSV"),
    ("couriers", "courier\nzto\nyunda\n" + "x" * 201 + "\n", "couriers.csv:4: courier is no plain text"),
    ("couriers", "courier\nzto\nyunda\nab\x07c\n", "couriers.csv:4: courier is no plain text"),
    ("couriers", "courier\nzto\nyunda\n\udcff\udcff\n", "couriers.csv:4: not readable as text"),
    ("couriers", "courier\nzto\nyunda\n" + "x" * (1 << 20) + "\n", "couriers.csv:4: not readable as CSV"),
    ("couriers", "courier,subcontract_fen\nzto,NaN\nyunda,\n", "couriers.csv:2: subcontract_fen is 'NaN'"),
    ("couriers", "courier,subcontract_fen\nzto,1e3\nyunda,\n", "couriers.csv:2: subcontract_fen is '1e3'"),
    ("couriers", f"courier,subcontract_fen\nzto,{'9' * 400}\nyunda,\n", "couriers.csv:2: subcontract_fen is"),
    ("couriers", "\udcff\udcfec\0o\0", "couriers.csv:1: "),
    ("parcels", FILES["parcels"] + "p4,zto,in,A,1,NaN\n", "parcels.csv:5: "),
    ("parcels", FILES["parcels"] + f"p4,zto,in,A,{'9' * 30},1\n", "parcels.csv:5: "),
    ("parcels", FILES["parcels"] + "p4,zto,in,A,-1,1\n", "parcels.csv:5: "),
    ("parcels", FILES["parcels"] + "x" * (1 << 20) + ",zto,in,A,1,1\n", "parcels.csv:"),
    ("parcels", "", "parcels.csv:1: "),
    ("stations", "", "stations.csv:1: "),
    ("stations", FILES["stations"] + "A,安,T01,station\n", "stations.csv:5: "),
    ("roads", FILES["roads"] + "A,B,inf,300\n", "roads.csv:4: "),
    ("fleet", FILES["fleet"].replace("capacity_g", "capacity"), "fleet.csv:1: "),
    ("parcels", "parcel,courier,direction,station,units,weight_g\n", "parcels.csv:1: There is a bill"),
    ("parcels", FILES["parcels"] + "p3,zto,in,A,1,1\n", "parcels.csv:5: "),
    ("parcels", FILES["parcels"] + "p4,zto,in,Nowhere,1,1\n", "parcels.csv:5: "),
    ("parcels", FILES["parcels"] + "p4,zto,up,A,1,1\n", "parcels.csv:5: "),
    ("parcels", FILES["parcels"] + "p4,zto,in,A,zero,1\n", "parcels.csv:5: "),
    ("parcels", FILES["parcels"] + "p4,,in,A,1,1\n", "parcels.csv:5: "),
    ("parcels", FILES["parcels"] + "p4,zto,in,hub,1,1\n", "parcels.csv:5: "),
    ("stations", FILES["stations"] + "hub2,Hub,T00,hub\n", "stations.csv:5: "),
    ("stations", "station,name,town,kind\nA,安,T01,station\nB,白,T01,station\n", "stations.csv:1: "),
    ("roads", "from,to,distance_m\nhub,A,5000\n", "roads.csv:1: "),
    ("roads", FILES["roads"] + "A,B,-3,300\n", "roads.csv:4: "),
    ("fleet", FILES["fleet"].split("\n")[0] + "\n", "fleet.csv:1: "),
    ("fleet", FILES["fleet"].replace("27500", "27500.5"), "fleet.csv:2: "),
    ("fleet", FILES["fleet"].replace("van,2,", "van,0,"), "parcels.csv:1: There is a bill"),
    ("roads", "from,to,distance_m,duration_s\nA,B,3000,300\n", "parcels.csv:1: There is a bill"),
]


@pytest.mark.parametrize(("name", "text", "says"), BROKEN)
def test_bad_input_is_named_by_file_and_line_and_nothing_is_written(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    result = run(tmp_path, **{name: text})

    assert isinstance(result.exception, BadInput)
    faults = [str(fault).removeprefix(f"{tmp_path}/") for fault in result.exception.faults]
    assert any(fault.startswith(says) for fault in faults), faults
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{name}.csv" for name in FILES)


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        couriers="courier,subcontract_fen\nzto,x\n,5\n",
        parcels=FILES["parcels"] + "p4,zto,up,Nowhere,zero,1\n",
    )

    assert isinstance(result.exception, BadInput)
    where = [fault.where.removeprefix(f"{tmp_path}/") for fault in result.exception.faults]
    assert where.count("parcels.csv:5") == 3
    assert where[-2:] == ["couriers.csv:2", "couriers.csv:3"]


def test_more_than_twenty_one_couriers_are_bad_input(tmp_path: Path) -> None:
    rows = "".join(f"q{i},c{i:02d},in,A,1,1\n" for i in range(20))

    result = run(tmp_path, parcels=FILES["parcels"] + rows, couriers=None)

    assert isinstance(result.exception, BadInput)
    assert [fault.what for fault in result.exception.faults] == [
        "22 couriers have parcels, expected at most 21 for exact shares."
    ]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"bill": "-1"}, "--bill-fen"),
        ({"bill": "12.5"}, "--bill-fen"),
        ({"bill": "1000000000001"}, "--bill-fen"),
        ({"method": "nucleolus"}, "--method"),
    ],
)
def test_a_wrong_option_is_refused(tmp_path: Path, changed: dict[str, str], says: str) -> None:
    result = run(tmp_path, **changed)  # type: ignore[arg-type]

    assert result.exit_code == 2
    assert says in result.output
    assert not (tmp_path / "allocation.json").exists()


def test_a_result_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "allocation.json").mkdir()

    result = run(tmp_path)

    assert isinstance(result.exception, BadInput)
    assert str(result.exception.faults[0]).startswith(f"{tmp_path}/allocation.json:1: --out is a folder;")
    assert not list(tmp_path.glob(".allocation*"))
