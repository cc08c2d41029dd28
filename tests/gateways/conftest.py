"""Fixtures: a simulator and the address that it tells, alone or together with the web application."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from county import config
from county.payments import alipay, keys
from county.payments.types import PaymentLine
from tests.gateways.shopping import make_shop_app
from tests.gateways.simulating import NoticeBox, Simulator, notice_box, running_simulator, serving


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Make one set of demo keys for all tests: making them takes most of a second."""
    settings = config.load({}, root=tmp_path_factory.mktemp("keys"), demo=True)
    keys.make_demo_keys(settings)
    return sorted(settings.instance.glob("*.pem"))


@pytest.fixture(autouse=True)
def ready_keys(key_files: list[Path], tmp_path: Path) -> None:
    """Lay the keys where the settings of this test look for them."""
    (tmp_path / "instance").mkdir(exist_ok=True)
    for path in key_files:
        shutil.copy(path, tmp_path / "instance")


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


@pytest.fixture
def shop_app(settings: config.Settings) -> Flask:
    """Give the web application on a fresh database, with order A1 of 76.50 open."""
    return make_shop_app(settings, PaymentLine("A1", 7_650, "高山茶"))


@pytest.fixture
def post(shop_app: Flask) -> FlaskClient:
    """Give a client of that application."""
    return shop_app.test_client()


@pytest.fixture
def whole(shop_app: Flask, settings: config.Settings, tmp_path: Path) -> Iterator[Simulator]:
    """Give a simulator that tells the web application, both served over HTTP."""
    with serving(shop_app) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        with running_simulator(tmp_path, notify=url) as simulator:
            alipay.connect(replace(simulator.settings, database_url=settings.database_url))
            yield simulator
