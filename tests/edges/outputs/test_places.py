"""No command that writes a file takes a folder or one of its inputs for it, and says so before it works."""

import os
from pathlib import Path

import pytest

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import database, outputs
from county.errors import BadInput
from tests.edges.planner_cli.evening import SOUND, write
from tests.edges.routes_cli.day import write_day
from tests.edges.statements_cli.month import write_month

DAY = (
    "--stations",
    "stations.csv",
    "--roads",
    "roads.csv",
    "--parcels",
    "parcels.csv",
    "--fleet",
    "fleet.csv",
)
MONTH = ("--waybills", "waybills.csv", "--rates", "rates.csv", "--statement", "statement.csv")
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "logistics plan": (DAY, "--out"),
    "logistics allocate": ((*DAY, "--bill-fen", "100", "--method", "volume"), "--out"),
    "logistics reconcile": ((*MONTH, "--courier", "中通", "--period", "2026-10"), "--out"),
    "livestream plan": (("--instance", "instance.json"), "--out"),
    "ledger export": (("--format", "hledger"), "--out"),
    "backup": ((), "FILE"),
}
INPUTS = [
    *(("logistics plan", f"{name}.csv") for name in ("stations", "roads", "parcels", "fleet")),
    *(("logistics allocate", f"{name}.csv") for name in ("stations", "roads", "parcels", "fleet")),
    *(("logistics reconcile", f"{name}.csv") for name in ("waybills", "rates", "statement")),
    ("livestream plan", "instance.json"),
    ("ledger export", "county.db"),
    ("backup", "county.db"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with the inputs of all commands, and stand in it."""
    write_day(tmp_path)
    write_month(tmp_path)
    write(tmp_path, SOUND)
    (tmp_path / "county.db").write_bytes(b"")
    (tmp_path / "taken").mkdir()
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setenv("SHANHUO_DATABASE_URL", f"sqlite:///{tmp_path / 'county.db'}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, place: str) -> int:
    options, name = COMMANDS[command]
    try:
        return front_door.main(
            [*command.split(), *options, *([name, place] if name.startswith("--") else [place])]
        )
    finally:
        database.disconnect()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() if path.is_file() else b"" for path in folder.iterdir()}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("taken", "is a folder; expected a file in a folder that exists"),
        ("pipe", "is no plain file; expected a file in a folder that exists"),
        ("none/out.json", "cannot be written there; expected a file in a folder that exists"),
        ("x" * 300, "cannot be written there (File name too long); expected a file in a folder that exists"),
    ],
)
def test_what_is_no_place_for_a_file_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, place: str, says: str
) -> None:
    before = contents(folder)

    code = run(command, place)

    assert code == 2
    assert capsys.readouterr() == ("", f"{place}:1: {COMMANDS[command][1]} {says}\n")
    assert contents(folder) == before


@pytest.mark.parametrize(("command", "place"), INPUTS)
def test_no_input_is_written_over(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, place: str
) -> None:
    before = contents(folder)
    (folder / "again").symlink_to(place)

    codes = [run(command, each) for each in (place, "again")]

    assert codes == [2, 2]
    assert capsys.readouterr() == (
        "",
        "".join(
            f"{each}:1: {COMMANDS[command][1]} is one of the files to read; expected a file of its own\n"
            for each in (place, "again")
        ),
    )
    (folder / "again").unlink()
    assert contents(folder) == before


def test_schedule_that_is_kept_may_be_replaced(folder: Path) -> None:
    (folder / "schedule.json").write_text('{"sessions": []}', encoding="utf-8")

    code = front_door.main(
        [
            *("livestream", "plan", "--instance", "instance.json", "--iterations", "1"),
            *("--keep", "schedule.json", "--out", "schedule.json"),
        ]
    )

    assert code == 0
    assert '"objective"' in (folder / "schedule.json").read_text(encoding="utf-8")


def test_unknown_migration_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = front_door.main(["migrate", "--to", "9999"])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.splitlines()[-1] == (
        "migrate: Can't locate revision identified by '9999'; expected a migration such as 0001"
    )


def test_failing_write_leaves_the_places_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "first").write_text("old")

    def fail(beside: Path) -> None:
        beside.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput) as refusal:
        outputs.write_files({tmp_path / "first": lambda beside: None, tmp_path / "second": fail})

    assert [str(fault) for fault in refusal.value.faults] == [
        f"{tmp_path / 'second'}:1: cannot be written (No space left on device);"
        " expected a place with room for the file"
    ]
    assert contents(tmp_path) == {"first": b"old"}


def test_counted_things_are_said_as_people_say_them() -> None:
    assert [outputs.counted(number, "line") for number in (0, 1, 2)] == ["0 lines", "1 line", "2 lines"]
