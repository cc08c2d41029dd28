"""Kills a process at every named point, starts another, and compares with one that nobody killed.

`python -m tests.gateways.kill_points FOLDER [SERVER-URL]` prints one JSON object: the points with their
results, and how every stage stands at its end. SQLite below FOLDER, or databases of a PostgreSQL server that
are dropped again. One thread only, so that copies of this process are cheap; the simulator is one, too.
"""

import gc
import json
import logging
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from werkzeug.serving import make_server

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import config, database, process
from county.payments import alipay, keys
from county.payments.simulator import create_simulator
from shop.sellers.types import MoneyMode
from tests.conftest import ENVIRON
from tests.gateways.kill_stages import STAGES, Stage, World, deliver, judge, place_order, release
from tests.gateways.killing import EVERY_JOB, Killer, Point, in_child, start_child
from tests.gateways.market import Market, open_market, wire
from tests.gateways.simulating import Simulator
from tests.makers.people import make_buyer
from tests.makers.tours import make_network
from tests.makers.web import make_token


@dataclass(frozen=True)
class Place:
    """Where a stage runs: its folder, with the simulator's books and the keys, and its database."""

    folder: Path
    database_url: str

    @property
    def settings(self) -> config.Settings:
        """Give the settings of a process that works here."""
        return config.load(
            {**ENVIRON, "SHANHUO_DATABASE_URL": self.database_url}, root=self.folder, demo=True
        )


class Runner:
    """Makes places, and lets processes work in them."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.server = folder, server
        self.gateway, self.notify = _listening(), _listening()
        self.made: list[str] = []
        self.base = self._new_place()
        _, (self.market, self.token) = in_child(self._found)
        # After the copy that made it has gone: this process itself never opens the database.
        self.web: Flask = front_door.create_app(self.base.settings)
        database.disconnect()
        wire(self.market)
        self._warm_up()

    def _warm_up(self) -> None:
        """Do once in this process what every copy of it would have to load and compile for itself."""
        read, known = keys.read_private_key, {}

        def read_once(path: Path) -> rsa.RSAPrivateKey:
            content = path.read_bytes()
            return known.get(content) or known.setdefault(content, read(path))

        keys.read_private_key = read_once
        place = self._new_place(self.base)
        with self._simulator(place):
            world = self._world(place, Killer())
            place_order(world)
            world.market.pay(world.order())
            deliver(world)
            release(world)
            judge(world)
        database.disconnect()
        self._forget(place)
        # The copies are short-lived: looking through what they inherit would only copy its pages.
        gc.collect()
        gc.freeze()
        gc.disable()

    def _new_place(self, like: Place | None = None) -> Place:
        """Make a place, empty or as another one is now."""
        folder = self.folder / uuid4().hex[:8]
        if like is None:
            (folder / "instance").mkdir(parents=True)
        else:
            shutil.copytree(like.folder, folder)
        if not self.server:
            return Place(folder, "")
        name = f"shanhuo_test_kill_{uuid4().hex[:12]}"
        template = f" TEMPLATE {make_url(like.database_url).database}" if like else ""
        self._on_server(f"CREATE DATABASE {name}{template}")
        self.made.append(name)
        return Place(folder, make_url(self.server).set(database=name).render_as_string(hide_password=False))

    def _on_server(self, statement: str) -> None:
        engine = create_engine(make_url(self.server).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def close(self) -> None:
        """Drop what was made on a server."""
        for name in self.made:
            self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _forget(self, place: Place) -> None:
        shutil.rmtree(place.folder)
        if self.server:
            name = make_url(place.database_url).database
            self._on_server(f"DROP DATABASE {name} WITH (FORCE)")
            self.made.remove(str(name))

    def _found(self) -> tuple[Market, str]:
        settings = self.base.settings
        database.connect(settings.database_url)
        process.load_tables(front_door.ROOMS)
        database.Base.metadata.create_all(database.engine())
        with open_market(settings, self.base.folder, MoneyMode.SUB_MERCHANT) as market:
            with database.transaction() as db:
                buyer = make_buyer(db)
                make_network(db)
            token = make_token(buyer)
        database.disconnect()
        return market, token

    @contextmanager
    def _simulator(self, place: Place) -> Iterator[None]:
        """Run Alipay beside what is killed; it goes on living."""

        def serve() -> None:
            simulated = create_simulator(place.settings, sends_notices=False)
            make_server("127.0.0.1", 0, simulated, threaded=True, fd=self.gateway.fileno()).serve_forever()

        child = start_child(serve)
        try:
            yield
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def _work(self, place: Place, stage: Stage, target: Point | None, *, looks: bool) -> Any:
        """Be a fresh process that does a stage; gives what it passed, and how it stands when it looks."""
        killer = Killer(target)
        world = self._world(place, killer)
        if looks:
            # The lease of a job whose worker was killed is over by then.
            world = replace(world, later=world.later + timedelta(hours=10))
        killer.follow()
        server = make_server("127.0.0.1", 0, self.web, threaded=True, fd=self.notify.fileno())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stage.does(world)
        return killer.passed, judge(world) if looks else None

    def _world(self, place: Place, killer: Killer) -> World:
        """Connect this process to a place."""
        database.connect(place.settings.database_url)
        url = f"http://127.0.0.1:{self.gateway.getsockname()[1]}"
        settings = replace(
            place.settings,
            alipay_gateway=f"{url}/gateway.do",
            public_url=f"http://127.0.0.1:{self.notify.getsockname()[1]}",
        )
        alipay.connect(settings)
        market = replace(self.market, simulator=Simulator(settings, url))
        return World(market, self.token, self.web, killer)

    def end_of(self, stage: Stage, begin: Place) -> tuple[Place, list[Point], dict[str, Any]]:
        """Do a stage twice and unharmed: where it ended, the points that it passed, how it stands then."""
        place = self._new_place(begin)
        with self._simulator(place):
            _, (passed, _stands) = in_child(lambda: self._work(place, stage, None, looks=False))
            _, (_passed, stands) = in_child(lambda: self._work(place, stage, None, looks=True))
        return place, passed, stands

    def killed_at(self, stage: Stage, begin: Place, point: Point) -> tuple[bool, dict[str, Any]]:
        """Kill a stage at a point and do it again in a new process: whether it was killed, how it stands."""
        place = self._new_place(begin)
        with self._simulator(place):
            ended, _ = in_child(lambda: self._work(place, stage, point, looks=False))
            _, (_passed, stands) = in_child(lambda: self._work(place, stage, None, looks=True))
        self._forget(place)
        return ended == signal.SIGKILL, stands


def _listening() -> socket.socket:
    """Open a socket that every copy of this process shares, so that its port outlives each of them."""
    made = socket.create_server(("127.0.0.1", 0), backlog=64)
    made.set_inheritable(True)
    return made


def run_all(folder: Path, server: str) -> dict[str, Any]:
    """Run every stage once unharmed, then once for every point that it passed."""
    runner = Runner(folder, server)
    ends: dict[str, Place] = {"": runner.base}
    found: dict[str, Any] = {"points": [], "stands": {}}
    seen: set[str] = set()
    try:
        for stage in STAGES:
            begin = ends[stage.begins_after]
            ends[stage.name], passed, stands = runner.end_of(stage, begin)
            found["stands"][stage.name] = stands
            for point in passed:
                if point.name in EVERY_JOB and f"{point}" in seen:
                    continue
                seen.add(f"{point}")
                killed, after = runner.killed_at(stage, begin, point)
                differs = {key: [stands[key], after[key]] for key in stands if stands[key] != after[key]}
                found["points"].append([stage.name, point.name, point.side, killed, differs])
    finally:
        runner.close()
    return found


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    print(json.dumps(run_all(Path(sys.argv[1]), *(sys.argv[2:] or [""])), ensure_ascii=False))
