"""`kill -9` at every commit of an order's money, after every effect at Alipay: then as if nothing was."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import POSTGRESQL

ROOT = Path(__file__).resolve().parents[2]
BOTH = ["before the commit", "after the commit"]
CALLED = ["after the effect at Alipay"]
# Every stage with its points in the order of the work, and on which sides of each the process is killed.
POINTS = {
    "order": {"order placed": BOTH},
    "give up": {
        "close planned": BOTH,
        "job claimed": BOTH,
        "close sent": BOTH,
        "close called": CALLED,
        "close recorded": BOTH,
        "job done": BOTH,
    },
    "pay": {"notice recorded": BOTH, "notice answered": ["after the answer"]},
    "refund": {
        "refund planned": BOTH,
        "refund sent": BOTH,
        "refund called": CALLED,
        "refund recorded": BOTH,
    },
    "release": {
        "confirm planned and order released": BOTH,
        "confirm sent": BOTH,
        "confirm called": CALLED,
        "split planned and confirm recorded": BOTH,
        "split sent": BOTH,
        "split called": CALLED,
        "bind planned and split recorded": BOTH,
        "bind sent": BOTH,
        "bind called": CALLED,
        "split planned and bind recorded": BOTH,
        "split recorded": BOTH,
        "outbox handled": BOTH,
    },
    "bill": {"bill recorded": BOTH, "outbox handled": BOTH},
    "transfer": {
        "transfer planned": BOTH,
        "transfer sent": BOTH,
        "transfer called": CALLED,
        "transfer recorded": BOTH,
    },
}


@pytest.fixture(scope="module")
def found(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what came of every point, and how every stage stands when nobody kills it."""
    words = [str(tmp_path_factory.mktemp("kill")), *([POSTGRESQL] if database_kind == "postgresql" else [])]
    done = subprocess.run(
        [sys.executable, "-m", "tests.gateways.kill_points", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_every_named_point_kills(found: dict[str, Any]) -> None:
    killed: dict[str, dict[str, list[str]]] = {}
    for stage, name, side, was_killed, _differs in found["points"]:
        assert was_killed, (stage, name, side)
        killed.setdefault(stage, {}).setdefault(name, []).append(side)

    assert killed == POINTS


def test_after_a_kill_anywhere_everything_stands_as_if_nobody_had_killed(found: dict[str, Any]) -> None:
    others = [point for point in found["points"] if point[4]]

    assert others == []


def test_what_it_is_compared_with_is_right(found: dict[str, Any]) -> None:
    stands = found["stands"]
    facts = ("orders", "stock", "ours", "borne", "theirs", "instructions")

    # The live room does not know the link of the pretended order: what it is told of it waits.
    assert {name for one in stands.values() for name in one["jobs"]} == {"due"}
    assert [(one["total"], one["broken"], one["faults"]) for one in stands.values()] == [
        (200_000_001, [], [])
    ] * 8
    assert {
        name: [stands[name][fact] for fact in facts] for name in ("give up", "refund", "bill", "transfer")
    } == {
        "give up": [{"cancelled expired": 1}, {"left": 50}, {}, {}, {}, {"close done": 1}],
        "refund": [
            {"paid ": 1},
            {"left": 49},
            {"cash": 5_650, "order": -5_650},
            {},
            {"pending": 5_604, "available": 12, "fees": 34},
            {"refund done": 1},
        ],
        "bill": [
            {"completed ": 1},
            {"left": 49},
            {},
            {"fee": 46, "owed": -46},
            {"available": 5_776, "association": 1_143, "streamer": 685, "fees": 46},
            {"bind done": 1, "confirm done": 1, "split done": 1, "split refused": 1},
        ],
        "transfer": [
            {"completed ": 1},
            {"left": 49},
            {},
            {},
            {"available": 5_776, "association": 1_043, "streamer": 785, "fees": 46},
            {"bind done": 1, "confirm done": 1, "split done": 1, "split refused": 1, "transfer done": 1},
        ],
    }
