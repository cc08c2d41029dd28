"""The command from outside: options, exit codes, files written whole or not at all, re-planning."""

import json
from pathlib import Path

import pytest

import app as front_door  # noqa: TID251 - the tests stand outside the house
from tests.edges.planner_cli.evening import SOUND, Raw, run_plan, spoil, write
from tests.solvers.planner.checker import check_schedule


def _read(folder: Path, name: str = "schedule.json") -> Raw:
    written: Raw = json.loads((folder / name).read_text(encoding="utf-8"))
    return written


def test_sound_instance_is_planned_from_outside(tmp_path: Path) -> None:
    write(tmp_path, SOUND)

    run = run_plan(tmp_path, "--time-limit", "5")

    schedule = _read(tmp_path)
    assert run.returncode == 0, run.stderr
    assert check_schedule(SOUND, schedule) == []
    # 19:30 to 21:30 on Monday and on Tuesday: 4 slots of 100 each, values 2 and 1, one farmer.
    assert (schedule["objective"], schedule["upper_bound"], schedule["gap_bp"]) == (1600, 1600, 0)
    assert set(schedule) == {
        "sessions", "unplaced", "objective", "upper_bound", "gap_bp", "seconds", "seed",
    }  # fmt: skip
    assert schedule["sessions"][0]["starts_at"][:11] == "2026-10-05T"
    assert schedule["sessions"][0]["starts_at"][16:] == ":00+08:00"
    assert "2 of 2 requests placed, objective 1600, upper bound 1600, gap 0.00 %" in run.stdout
    assert "objective" in run.stderr and "upper bound" in run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["instance.json", "schedule.json"]


def test_unplaced_requests_exit_with_one(tmp_path: Path) -> None:
    instance = spoil("products.0.sessions", 1)
    write(tmp_path, instance)

    run = run_plan(tmp_path, "--iterations", "1")

    schedule = _read(tmp_path)
    assert run.returncode == 1
    assert check_schedule(instance, schedule) == []
    assert [(row["request"], row["reason"]) for row in schedule["unplaced"]] == [
        ("Q2", "product_sessions_used")
    ]
    assert "product P1 is already in the 1 sessions" in schedule["unplaced"][0]["detail"]
    assert "needs attention: 1 request not placed: product_sessions_used 1" in run.stdout


def test_counted_steps_write_the_same_bytes_again(tmp_path: Path) -> None:
    write(tmp_path, spoil("rest_slots", 3))
    options = ("--iterations", "3", "--seed", "9")

    run_plan(tmp_path, *options)
    first = (tmp_path / "schedule.json").read_text(encoding="utf-8").splitlines()
    run_plan(tmp_path, *options, out="again.json")
    second = (tmp_path / "again.json").read_text(encoding="utf-8").splitlines()

    differing = {line.split(":")[0].strip() for line in set(first) ^ set(second)}
    assert len(first) == len(second) and differing <= {'"seconds"'}
    assert _read(tmp_path)["seed"] == 9


def test_byte_order_mark_and_unknown_members_are_taken(tmp_path: Path) -> None:
    text = json.dumps({**SOUND, "note": {"by": "admin"}}, ensure_ascii=False)
    write(tmp_path, b"\xef\xbb\xbf" + text.encode())

    run = run_plan(tmp_path, "--iterations", "0")

    assert run.returncode == 0 and len(_read(tmp_path)["sessions"]) == 2


@pytest.mark.parametrize(
    "words", [("--cancel", "Q1"), ("--cancel", "Q1", "--cancel", "Q1"), ("--cancel", "Q1", "Q1")]
)
def test_cancelled_request_leaves_and_nobody_moves(words: tuple[str, ...], tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    run_plan(tmp_path, "--iterations", "1", out="first.json")
    first = _read(tmp_path, "first.json")

    run = run_plan(tmp_path, "--keep", "first.json", *words)

    schedule = _read(tmp_path)
    assert run.returncode == 0, run.stderr
    assert check_schedule(SOUND, schedule, cancelled=frozenset(["Q1"])) == []
    assert schedule["moved"] == [] and schedule["unplaced"] == []
    assert schedule["sessions"] == [row for row in first["sessions"] if row["request"] == "Q2"]
    assert "0 kept sessions moved" in run.stdout


def test_schedule_may_be_written_over_the_kept_one(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    run_plan(tmp_path, "--iterations", "1")

    run = run_plan(tmp_path, "--iterations", "1", "--keep", "schedule.json", "--cancel", "Q1", "Q2")

    schedule = _read(tmp_path)
    assert run.returncode == 0
    assert schedule["sessions"] == schedule["unplaced"] == schedule["moved"] == []


def test_closed_window_moves_the_session(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    run_plan(tmp_path, "--iterations", "1", out="first.json")
    closed = spoil("streamers.0.available.0.to", "20:00")
    write(tmp_path, closed)

    run_plan(tmp_path, "--iterations", "1", "--keep", "first.json")

    monday = [r["request"] for r in _read(tmp_path, "first.json")["sessions"] if "10-05" in r["starts_at"]]
    schedule = _read(tmp_path)
    assert check_schedule(closed, schedule) == []
    assert schedule["moved"] == monday and len(monday) == 1


OPTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "limit of zero": (("--time-limit", "0"), "--time-limit: '0' is no time limit, expected seconds above 0"),
    "limit that is no number": (("--time-limit", "nan"), "--time-limit: 'nan' is no time limit"),
    "endless limit": (("--time-limit", "inf"), "--time-limit: 'inf' is no time limit"),
    "negative iterations": (
        ("--iterations", "-1"),
        "--iterations: '-1' is not a number, expected one from 0",
    ),
    "seed in words": (("--seed", "one"), "--seed: 'one' is not a number, expected one from 0"),
    "enormous seed": (("--seed", "9" * 50), "--seed: '9999"),
    "both limits": (
        ("--time-limit", "5", "--iterations", "5"),
        "--iterations: stands beside --time-limit, expected",
    ),
    "cancel without keep": (("--cancel", "Q1"), "--cancel: stands without --keep, expected"),
    "word without option": (("Q1",), "Q1: is not an option, expected"),
    "unknown request": (
        ("--keep", "kept.json", "--cancel", "Q7"),
        '--cancel: "Q7" is no request of the instance',
    ),
    "out in no folder": (
        ("--out", "nowhere/schedule.json"),
        "nowhere/schedule.json:1: --out cannot be written there; expected",
    ),
    "out over the instance": (
        ("--out", "./instance.json"),
        "instance.json:1: --out is one of the files to read; expected",
    ),
    "keep that is missing": (("--keep", "none.json"), "none.json:1: cannot be read"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_wrong_option_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words, says = OPTIONS[name]
    write(tmp_path, SOUND)
    (tmp_path / "kept.json").write_text('{"sessions": []}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    code = front_door.main(
        ["livestream", "plan", "--instance", "instance.json", "--out", "schedule.json", *words]
    )

    said = capsys.readouterr()
    assert code == 2 and said.out == ""
    assert said.err.startswith(says) and said.err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_missing_options_are_all_named(capsys: pytest.CaptureFixture[str]) -> None:
    code = front_door.main(["livestream", "plan"])

    assert code == 2
    assert capsys.readouterr().err.splitlines() == [
        "--instance: is missing, expected the path of instance.json",
        "--out: is missing, expected the path of the schedule to write",
    ]


SESSION = {
    "request": "Q1",
    "streamer": "主播-1",
    "studio": "直播间-1",
    "starts_at": "2026-10-05T19:30:00+08:00",
    "slots": 4,
}
KEPT: dict[str, tuple[object, str]] = {
    "no object": ([], "kept.json:1: the document is a list, expected an object"),
    "no sessions": ({}, "kept.json:1: the document has no member 'sessions', expected one"),
    "unknown request": (
        {"sessions": [{**SESSION, "request": "Q9"}]},
        'sessions[0] is for "Q9", expected a request',
    ),
    "request twice": (
        {"sessions": [SESSION, SESSION]},
        'sessions[1] is for "Q1" again, expected each request once',
    ),
    "start without zone": ({"sessions": [{**SESSION, "starts_at": "2026-10-05T19:30:00"}]}, "starts_at is"),
    "start at no hour": (
        {"sessions": [{**SESSION, "starts_at": "2026-10-05T25:30:00+08:00"}]},
        "which is no time",
    ),
    "start with seconds": (
        {"sessions": [{**SESSION, "starts_at": "2026-10-05T19:30:07+08:00"}]},
        "has seconds",
    ),
    "slots as text": (
        {"sessions": [{**SESSION, "slots": "4"}]},
        'sessions[0].slots is "4", expected a whole number',
    ),
    "missing studio": (
        {"sessions": [{k: SESSION[k] for k in SESSION if k != "studio"}]},
        "no member 'studio'",
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_spoilt_kept_schedule_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content, says = KEPT[name]
    write(tmp_path, SOUND)
    (tmp_path / "kept.json").write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    code = front_door.main(
        ["livestream", "plan", "--instance", "instance.json", "--out", "schedule.json", "--keep", "kept.json"]
    )

    said = capsys.readouterr()
    assert code == 2 and said.out == ""
    assert says in said.err and said.err.startswith("kept.json:")
    assert not (tmp_path / "schedule.json").exists()


def test_start_in_another_zone_is_the_same_instant(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    abroad = {**SESSION, "starts_at": "2026-10-05T11:30:00Z"}
    (tmp_path / "kept.json").write_text(json.dumps({"sessions": [abroad]}), encoding="utf-8")

    run_plan(tmp_path, "--iterations", "0", "--keep", "kept.json")

    schedule = _read(tmp_path)
    assert schedule["moved"] == []
    assert SESSION in schedule["sessions"]
