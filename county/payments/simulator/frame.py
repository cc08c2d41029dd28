"""The simulator's WSGI application: gateway, cashier and controls under one Flask frame."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request

from county.config import Settings
from county.payments.simulator.cashier import desk, pages, to_cashier
from county.payments.simulator.controls import controls
from county.payments.simulator.desk import Desk
from county.payments.simulator.gateway import Answer

ROOT = Path(__file__).resolve().parents[3]
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
MOST_BODY = 8 * 1024 * 1024


def create_simulator(settings: Settings, *, sends_notices: bool = True) -> Flask:
    """Make the simulator's application with its own database under the instance folder.

    Takes: `sends_notices`, whether a thread sends due notices by itself; without it only
    `POST /simulator/deliver` does.
    """
    app = Flask("county.payments.simulator", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_BODY
    app.register_blueprint(pages)
    app.register_blueprint(controls)
    app.add_url_rule("/gateway.do", view_func=gateway, methods=["GET", "POST"])
    app.after_request(_protect)
    app.wsgi_app = _plain_paths(app.wsgi_app)  # type: ignore[method-assign,assignment]
    parts = Desk(settings)
    app.extensions["simulator"] = parts
    if sends_notices:
        parts.start()
    return app


def gateway() -> Response:
    """Answer `/gateway.do`: always with status 200, except where a fault was asked for."""
    answer = desk().gateway.answer(
        request.environ.get("QUERY_STRING", ""), request.get_data(), request.host_url.rstrip("/")
    )
    desk().wake()
    if answer.fault is not None:
        spoilt = _spoil(answer)
        if spoilt is not None:
            return spoilt
    if answer.visit:
        return to_cashier(answer.visit)
    if answer.error is not None and answer.is_page:
        return Response(render_template("payments/cashier_error.html", error=answer.error))
    return Response(answer.body, content_type=f"text/html;charset={answer.charset}")


def _spoil(answer: Answer) -> Response | None:
    fault = answer.fault
    assert fault is not None
    time.sleep(fault.seconds)
    if fault.kind == "bad_gateway":
        return Response("<html><h1>502 Bad Gateway</h1></html>", status=502)
    if fault.kind in ("dropped", "effect_timeout"):
        # More is promised than is sent: the client sees the connection break.
        return Response(b"{", headers={"Content-Length": "4096", "Connection": "close"})
    return None


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def _plain_paths(inner: Wsgi) -> Wsgi:
    """Accept absolute-form request lines (`POST http://host/gateway.do?… HTTP/1.1`), which the SDK sends."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(("http://", "https://")):
            environ["PATH_INFO"] = urlsplit(path).path
        return inner(environ, start_response)

    return application
