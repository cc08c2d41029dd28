"""The official SDK, unmodified, against the simulator: it knows port 80 only, so it gets its own network."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateways.clients.asking import Step
from tests.gateways.clients.whole import wrong_steps

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = ["unshare", "--map-root-user", "--net"]


def why_no_namespace() -> str:
    """Say why this machine gives us no network of our own; empty when it does."""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return "unshare or ip is not installed"
    tried = subprocess.run([*NAMESPACE, "ip", "link", "set", "lo", "up"], capture_output=True, text=True)
    return tried.stderr.strip() if tried.returncode else ""


def test_every_step_of_the_official_sdk_is_answered_as_alipay_does(tmp_path: Path) -> None:
    reason = why_no_namespace()
    if reason and not os.environ.get("CI"):
        pytest.skip(f"no network namespace here: {reason}")
    assert reason == ""
    script = 'ip link set lo up && exec "$0" -m tests.gateways.clients "$1"'

    done = subprocess.run(
        [*NAMESPACE, "sh", "-c", script, sys.executable, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    steps = [Step(**step) for step in json.loads(done.stdout)]
    assert wrong_steps(steps) == []
    assert len(steps) == 110
