"""The commands of the auditor: invariants and chains, good and broken, with the heads kept outside."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from county import database
from county.audit.invariants import INVARIANTS as AUDIT
from county.audit.types import Actor
from county.checks import heads, jobs, service
from county.checks.cli import audit_verify_command, invariants_command
from county.errors import BadInput
from county.ledger import service as ledger
from county.ledger.invariants import INVARIANTS as LEDGER
from county.room import Invariant, Room
from tests.services.ledger.books import NOW, ORDER, SALE, post, without_guards

pytestmark = pytest.mark.database

ROOM = Room(name="test", invariants=(*LEDGER, *AUDIT))


@pytest.fixture
def run(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """Give a function that runs a command on this test's database, with a fresh ledger and log."""
    monkeypatch.setenv("SHANHUO_DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    from county.audit import service as audit

    for number in (1, 2):
        post(f"pay:{number}")
        with database.transaction() as db:
            audit.record(db, actor=Actor.system("t"), action="a", object=("order", str(number)), now=NOW)
    yield lambda command: CliRunner().invoke(command, [], obj=[ROOM], standalone_mode=False)


def test_invariants_prints_one_line_per_check_when_all_hold(run: Callable[..., Result]) -> None:
    result = run(invariants_command)

    lines = result.output.splitlines()
    assert result.return_value == 0
    assert lines == [f"holds   {each.name}" for each in ROOM.invariants]
    assert len(lines) == 11


@pytest.mark.parametrize(
    ("tamper", "name"),
    [
        ("UPDATE county_posting SET fen = fen + 1 WHERE line = 1", "ledger: every entry balances"),
        ("UPDATE county_posting SET fen = fen + 1 WHERE line = 1", "ledger: every book sums to zero"),
        ("DELETE FROM county_posting", "ledger: every entry has postings"),
        ("DELETE FROM county_entry WHERE key = 'pay:2'", "ledger: every posting has its entry"),
        (
            "UPDATE county_account SET book = 'memo' WHERE code = 'cash:alipay'",
            "ledger: an entry lies in one book",
        ),
        (
            "UPDATE county_entry SET reverses_id = (SELECT id FROM county_entry WHERE key = 'pay:1') "
            "WHERE key = 'pay:2'",
            "ledger: a reversal takes back exactly its first",
        ),
        (
            "INSERT INTO county_period VALUES ('real', '2026-10-01', '2026-11-01', '2026-10-01 00:00:00')",
            "ledger: nothing was booked into a period after it was closed",
        ),
        (
            "INSERT INTO county_period VALUES ('real', '2026-07-01', '2026-08-01', '2026-10-06 00:00:00'), "
            "('real', '2026-09-01', '2026-10-01', '2026-10-06 00:00:00')",
            "ledger: periods follow each other without gaps",
        ),
        ("DELETE FROM county_ledger_seal WHERE sequence = 2", "ledger: every entry is sealed"),
        ("DELETE FROM county_audit_seal WHERE sequence = 2", "audit: every record is sealed"),
    ],
)
def test_each_invariant_shows_the_rows_that_break_it(
    run: Callable[..., Result], tamper: str, name: str
) -> None:
    with database.transaction() as db:
        if not database.is_postgresql(db):
            db.execute(text("PRAGMA defer_foreign_keys=ON"))
    _force(tamper)

    result = run(invariants_command)

    assert result.return_value == 1
    assert any(line.startswith(f"BROKEN  {name}: ") for line in result.output.splitlines()), result.output
    assert "        " in result.output


def _force(statement: str) -> None:
    """Change rows as somebody with full rights would, foreign keys included."""
    engine = database.engine()
    if engine.dialect.name == "sqlite":
        raw = engine.raw_connection()
        try:
            raw.execute("PRAGMA foreign_keys=OFF")
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            raw.execute(statement)
            raw.execute("PRAGMA foreign_keys=ON")
        finally:
            raw.close()
    else:
        without_guards(statement)


def test_a_hold_captured_for_more_than_it_held_breaks_an_invariant(run: Callable[..., Result]) -> None:
    with database.transaction() as db:
        ledger.hold(
            db,
            key="h",
            account="payable:farmer:f1",
            fen=100,
            cause=ORDER,
            expires_at=NOW + timedelta(days=1),
            now=NOW,
        )
        entry = ledger.reverse(db, key="pay:1", new_key="undo:1", cause=ORDER, now=NOW)
        db.execute(
            text(
                "UPDATE county_hold SET state = 'captured', captured_by = (SELECT id FROM county_entry "
                f"WHERE key = '{entry.key}')"
            )
        )

    result = run(invariants_command)

    assert "BROKEN  ledger: a captured hold took no more than it held: 1 row" in result.output
    assert "        h\t100\t5822" in result.output.splitlines()


def test_only_the_first_rows_are_shown_and_all_are_counted(run: Callable[..., Result]) -> None:
    many = Invariant("many", "SELECT a.line FROM county_posting a CROSS JOIN county_posting b")

    with database.reading() as db:
        (finding,) = service.check_invariants(db, invariants=[many])

    assert (finding.count, len(finding.rows), finding.holds) == (100, 20, False)


def test_audit_verify_says_how_long_the_chains_are(run: Callable[..., Result]) -> None:
    result = run(audit_verify_command)

    assert result.return_value == 0
    assert [line.split(", head")[0] for line in result.output.splitlines()] == [
        "audit: 2 seals, 0 heads compared, 0 faults",
        "ledger: 2 seals, 0 heads compared, 0 faults",
    ]


def test_audit_verify_exits_1_and_names_what_was_tampered_with(run: Callable[..., Result]) -> None:
    _force("UPDATE county_audit SET role = 'farmer' WHERE object_ref = '2'")

    result = run(audit_verify_command)

    assert result.return_value == 1
    assert result.output.splitlines()[1].startswith("  audit record ")
    assert result.output.splitlines()[1].endswith(" does not fit its seal 2")


def test_daily_heads_outside_betray_a_rewritten_end(run: Callable[..., Result], tmp_path: Path) -> None:
    jobs.write_heads(NOW)
    path = tmp_path / "instance" / heads.NAME
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(line["chain"], line["sequence"], line["restores"]) for line in lines] == [
        ("audit", 2, 0),
        ("ledger", 2, 0),
    ]
    assert run(audit_verify_command).return_value == 0

    for statement in (
        "DELETE FROM county_ledger_seal WHERE sequence = 2",
        "DELETE FROM county_posting WHERE entry_id IN (SELECT id FROM county_entry WHERE key = 'pay:2')",
        "DELETE FROM county_entry WHERE key = 'pay:2'",
    ):
        _force(statement)
    result = run(audit_verify_command)

    assert result.return_value == 1
    assert "  ledger seal 2 was written out as head but is missing" in result.output.splitlines()


def test_heads_of_another_database_and_from_before_a_restore_are_not_compared(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "instance" / heads.NAME
    good = {"database": jobs.database_name(), "restores": 0}
    heads.append_heads(path, **{**good, "database": "sqlite:///other.db"}, heads={"audit": (2, "x")}, now=NOW)
    heads.append_heads(path, **{**good, "restores": 1}, heads={"audit": (2, "x")}, now=NOW)

    assert run(audit_verify_command).return_value == 0
    heads.append_heads(path, **good, heads={"audit": (2, "x")}, now=NOW)
    assert run(audit_verify_command).return_value == 1


def test_a_spoilt_heads_file_is_bad_input_with_its_line(run: Callable[..., Result], tmp_path: Path) -> None:
    jobs.write_heads(NOW)
    path = tmp_path / "instance" / heads.NAME
    path.write_text(path.read_text(encoding="utf-8") + "nonsense\n", encoding="utf-8")

    result = run(audit_verify_command)

    assert isinstance(result.exception, BadInput)
    assert [str(fault) for fault in result.exception.faults] == [
        f"{path}:3: is not a line with the head of a chain"
    ]


def test_the_nightly_bells_log_what_is_broken(
    run: Callable[..., Result], caplog: pytest.LogCaptureFixture
) -> None:
    service.install(ROOM.invariants)
    jobs.check_invariants(NOW)
    jobs.verify_chains(NOW)
    assert caplog.messages == []

    _force("UPDATE county_posting SET fen = fen + 1 WHERE line = 1")
    jobs.check_invariants(NOW)
    jobs.verify_chains(NOW)

    assert [message.split(":")[0] for message in caplog.messages] == ["invariant broken"] * 2 + [
        "chain broken"
    ] * 2
    service.install(())


def test_what_the_ledger_posts_is_unaffected_by_a_look(run: Callable[..., Result]) -> None:
    run(invariants_command)
    run(audit_verify_command)

    with database.transaction() as db:
        assert ledger.post(db, key="pay:1", cause=ORDER, postings=SALE, now=NOW).key == "pay:1"
        assert ledger.balance(db, account="cash:alipay") == 2 * 7650
