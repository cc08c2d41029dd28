"""What of the time limit is gone before the command's first line runs."""

import os
from pathlib import Path

import pytest

from logistics.routes.cli import MOST_DELAYED, gone_s


def _write_proc(folder: Path, begun_s: float, up_s: float) -> None:
    ticks = round(begun_s * os.sysconf("SC_CLK_TCK"))
    (folder / "self").mkdir()
    fields = ["S", *["0"] * 18, str(ticks), "0"]
    (folder / "self/stat").write_text(f"7 (python) (3)) {' '.join(fields)}", encoding="ascii")
    (folder / "uptime").write_text(f"{up_s} 1.0\n", encoding="ascii")


def _used_s(monkeypatch: pytest.MonkeyPatch, user: float, system: float) -> None:
    times = os.times_result((user, system, 0.0, 0.0, 0.0))
    monkeypatch.setattr(os, "times", lambda: times)


def test_waiting_for_the_processor_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_proc(tmp_path, begun_s=1_000, up_s=1_007.5)
    _used_s(monkeypatch, 0.5, 0.25)

    assert gone_s(tmp_path) == 7.5


def test_what_the_process_was_before_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_proc(tmp_path, begun_s=1_000, up_s=1_400)
    _used_s(monkeypatch, 0.5, 0.5)

    assert gone_s(tmp_path) == MOST_DELAYED * 1.0


@pytest.mark.parametrize("text", ["", "7 (python) S 0", "nonsense"])
def test_processor_time_counts_where_the_system_does_not_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/stat").write_text(text, encoding="ascii")
    _used_s(monkeypatch, 0.5, 0.5)

    assert gone_s(tmp_path) == 1.0
