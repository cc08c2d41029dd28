"""Pretend programs for the supervisor's tests: `serve PORT`, `stubborn FILE`, `die FILE`, `hello`."""

import http.server
import os
import signal
import sys
import threading
from pathlib import Path


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def log_message(self, *_: object) -> None:
        pass


def main(what: str, argument: str = "") -> None:
    """Behave like the asked program."""
    if what == "serve":
        http.server.ThreadingHTTPServer(("127.0.0.1", int(argument)), _Answer).serve_forever()
    elif what == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Path(argument).write_text(str(os.getpid()))
        threading.Event().wait()
    elif what == "die":
        with open(argument, "a") as file:
            file.write(f"{os.getpid()}\n")
        print("the cupboard is bare", flush=True)
        sys.exit(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
