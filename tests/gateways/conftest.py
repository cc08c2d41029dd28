"""Fixtures: a simulator and the address that it tells."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateways.simulating import NoticeBox, Simulator, notice_box, running_simulator


@pytest.fixture
def box() -> Iterator[NoticeBox]:
    """Give a notify address that keeps what it gets."""
    with notice_box() as box:
        yield box


@pytest.fixture
def simulator(tmp_path: Path, box: NoticeBox) -> Iterator[Simulator]:
    """Give a simulator whose notices go to `box` when they are delivered."""
    with running_simulator(tmp_path, notify=box.url) as simulator:
        yield simulator
