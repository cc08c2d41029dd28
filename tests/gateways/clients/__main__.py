"""Walks with the official SDK on port 80, which is all it knows: runs inside a network namespace of its own.

Prints one JSON list of the steps; `test_official_sdk.py` starts it and looks at them.
"""

import json
import logging
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path

from werkzeug.serving import make_server

from county import config
from county.payments import keys
from county.payments.simulator import create_simulator
from tests.gateways.clients.asking import OFFICIAL, walking
from tests.gateways.clients.whole import walk_through
from tests.gateways.simulating import Simulator, notice_box


def main(folder: Path) -> None:
    """Serve the simulator on port 80 and walk through it."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    settings = config.load({}, root=folder, demo=True)
    keys.make_demo_keys(settings)
    server = make_server("127.0.0.1", 80, create_simulator(settings, sends_notices=False), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    simulator = Simulator(replace(settings, alipay_gateway="http://127.0.0.1/gateway.do"), "http://127.0.0.1")
    words = [sys.executable, "-m", "tests.gateways.clients.speaks_official"]
    with notice_box() as box, walking(OFFICIAL, words, simulator, box) as walk:
        walk_through(walk)
    print(json.dumps([asdict(step) for step in walk.steps], ensure_ascii=False))
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
