"""The official SDK for Node, unmodified, in an environment of its own, against the simulator."""

import os

import pytest

from tests.gateways.clients import environments
from tests.gateways.clients.asking import NODE, walking
from tests.gateways.clients.whole import walk_through, wrong_steps
from tests.gateways.simulating import NoticeBox, Simulator


def test_every_step_of_the_node_sdk_is_answered_as_alipay_does(simulator: Simulator, box: NoticeBox) -> None:
    try:
        words = environments.node_alipay()
    except environments.CannotMake as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no environment for this client here: {error}")

    with walking(NODE, words, simulator, box) as walk:
        walk_through(walk)

    assert wrong_steps(walk.steps) == []
    assert len(walk.steps) == 112
