"""The plugins of the test run bite: a skip fails the run under CI=true, far addresses are refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import loopback_only
from tests.house.reading import ROOT

PASSING = '"""A made-up test."""\n\n\ndef test_it_is_so():\n    assert True\n'
# Put together, so that the house does not find a skip in this file.
SKIPPING = '"""A made-up test."""\nimport pytest\n\n\n@pytest.mark.' + 'skip(reason="no browser")\n'
SKIPPING += "def test_it_is_so():\n    assert True\n"


def run(folder: Path, text: str, *more: str) -> subprocess.CompletedProcess[str]:
    file = folder / "test_made_up.py"
    file.write_text(text)
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        "/dev/null",
        "-p",
        "tests.house.nothing_skipped",
        *more,
    ]
    # The other plugins take seconds to import and have no part in this.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*words, str(file)], cwd=ROOT, env=alone, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("more", [(), ("-p", "xdist", "-n", "1")])
def test_a_skipped_test_fails_the_run_and_is_named(tmp_path: Path, more: tuple[str, ...]) -> None:
    done = run(tmp_path, SKIPPING, *more)

    assert done.returncode == 1
    assert "test_made_up.py::test_it_is_so: Skipped: no browser" in done.stdout


def test_a_run_without_skips_still_passes(tmp_path: Path) -> None:
    done = run(tmp_path, PASSING)

    assert done.returncode == 0
    assert "skipped" not in done.stdout


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost", "", "0.0.0.0"])
def test_this_machine_is_near(host: str) -> None:
    assert loopback_only.is_near(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "openapi.alipay.com", "8.8.8.8", "2001:db8::1"])
def test_any_other_machine_is_far(host: str) -> None:
    assert not loopback_only.is_near(host)

    with pytest.raises(PermissionError, match="tests reach loopback only"):
        loopback_only.refuse_far_addresses("socket.connect", (None, (host, 443)))
