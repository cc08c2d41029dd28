"""What `logistics plan` writes, says and answers when its input is sound."""

import json
from pathlib import Path

import pytest

from tests.edges.routes_cli.day import SOUND, run_plan, write_day
from tests.solvers.routes.checker import check

STATIONS, PARCELS, FLEET = SOUND["stations.csv"], SOUND["parcels.csv"], SOUND["fleet.csv"]


def test_plan_is_written_checked_and_told(tmp_path: Path) -> None:
    write_day(tmp_path)

    result = run_plan(tmp_path, "--time-limit", "3")

    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert result.returncode == 0
    assert check(tmp_path, tmp_path / "plan.json") == []
    assert plan["totals"] == {
        "cost_fen": 27_500 + 1_872 + 2 * 134,
        "distance_m": 18_000,
        "duration_s": 300 + 250 + 253 + 250 + 500 + 273 + 800,
        "vehicles": 1,
        "trips": 1,
        "stops": 2,
        "parcels": 3,
    }
    assert plan["gap_bp"] == 0
    assert "gap" in result.stderr
    assert result.stdout.startswith("3 parcels, 1 vehicle, 1 trip, 2 stops, 18.0 km, cost 296.40 yuan")


def test_same_seed_and_iterations_give_the_same_bytes(tmp_path: Path) -> None:
    from tests.solvers.routes.small import write_small

    write_small(tmp_path, 5, stations=12, parcels=90)
    texts = []
    for _ in range(2):
        result = run_plan(tmp_path, "--iterations", "300", "--seed", "7", "--baseline", "alone")
        assert result.returncode in (0, 1)
        plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
        plan["solver"]["seconds"] = 0
        texts.append(json.dumps(plan))

    assert texts[0] == texts[1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_other_encodings_column_orders_and_line_ends_are_read(tmp_path: Path, encoding: str) -> None:
    text = "kind,remark,town,station,name\r\nhub,x,城关,hub,分拨中心\r\nstation,y,蔺河,A,蔺河站\r\n"
    write_day(
        tmp_path,
        stations=text.encode(encoding),
        parcels="units,parcel,courier,direction,station,weight_g\n1,P1,中通,in,A,5\n".encode(encoding),
    )

    result = run_plan(tmp_path, "--iterations", "10")

    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert result.returncode == 0
    assert [trip["stops"][0]["deliver"] for trip in plan["trips"]] == [["P1"]]


def test_great_circles_serve_where_no_roads_are_given(tmp_path: Path) -> None:
    write_day(tmp_path)

    result = run_plan(tmp_path, "--iterations", "50", roads=False)

    assert result.returncode == 0
    assert check(tmp_path, tmp_path / "plan.json", with_roads=False) == []


def test_unserved_parcels_carry_their_reasons_and_exit_1(tmp_path: Path) -> None:
    write_day(
        tmp_path,
        stations=STATIONS + "C,孤岛,T2,station,32.4,108.9\n",
        parcels=PARCELS
        + "P4,c1,in,A,381,100,,\n"
        + "P5,c1,in,A,1,700001,,\n"
        + "P6,c1,out,C,1,100,,\n"
        + "P7,c1,in,B,1,100,0,799\n"
        + "P8,c1,out,A,1,100,32000,\n",
    )

    result = run_plan(tmp_path, "--iterations", "20")

    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert result.returncode == 1
    assert plan["unserved"] == [
        {"parcel": "P4", "reason": "over_capacity"},
        {"parcel": "P5", "reason": "over_capacity"},
        {"parcel": "P6", "reason": "unreachable"},
        {"parcel": "P7", "reason": "due_impossible"},
        {"parcel": "P8", "reason": "due_impossible"},
    ]
    assert check(tmp_path, tmp_path / "plan.json") == []
    assert "unserved, the plan says why: 5 parcels" in result.stdout


def test_no_vehicle_at_all_leaves_everything_with_a_bound_of_nothing(tmp_path: Path) -> None:
    write_day(tmp_path, fleet=FLEET.replace("van,3", "van,0"))

    result = run_plan(tmp_path, "--iterations", "20")

    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert result.returncode == 1
    assert plan["trips"] == []
    assert [item["reason"] for item in plan["unserved"]] == ["no_vehicle_left"] * 3
    assert (plan["lower_bound"]["cost_fen"], plan["gap_bp"]) == (0, 0)
    assert result.stdout.splitlines() == [
        "0 parcels, 0 vehicles, 0 trips, 0 stops, 0.0 km, cost 0.00 yuan",
        "unserved, the plan says why: 3 parcels",
    ]


def test_day_without_parcels_is_an_empty_plan(tmp_path: Path) -> None:
    write_day(tmp_path, parcels=PARCELS.splitlines()[0] + "\n")

    result = run_plan(tmp_path, "--iterations", "20", "--baseline", "alone", "--baseline", "third-day")

    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert result.returncode == 0
    assert (plan["trips"], plan["unserved"], plan["gap_bp"]) == ([], [], 0)
    assert [baseline["cost_fen"] for baseline in plan["baselines"]] == [0, 0]


def test_all_baselines_stand_beside_the_plan(tmp_path: Path) -> None:
    write_day(tmp_path)
    names = ["alone", "third-day", "town-only", "separate-collection"]

    result = run_plan(tmp_path, "--iterations", "60", *(x for name in names for x in ("--baseline", name)))

    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    by_name = {baseline["name"]: baseline for baseline in plan["baselines"]}
    assert result.returncode == 0
    assert list(by_name) == names
    # c1 goes to A and B, c2 to B alone: two vans, 18 km and 14 km.
    assert by_name["alone"]["cost_fen"] == 2 * 27_500 + 1_872 + 1_456 + 3 * 134
    # A is the town's station (nearest to the hub): both couriers go there and back, 10 km each.
    assert by_name["town-only"]["cost_fen"] == 2 * 27_500 + 2 * 1_040 + 2 * 134
    # One van delivers to A and B, another collects from B.
    assert by_name["separate-collection"]["cost_fen"] == 2 * 27_500 + 1_872 + 1_456 + 3 * 134
    # c1: A daily, B every third day; c2: B every third day. Three days: 2 × 10 km, 18 km and 14 km.
    assert by_name["third-day"]["cost_fen"] == -(-(4 * 27_500 + 2 * 1_040 + 1_872 + 1_456 + 5 * 134) // 3)
