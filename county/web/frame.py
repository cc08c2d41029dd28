"""Assembles the web application: settings, rooms, access, headers, errors, limits."""

import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.exceptions import NotFound as NotFoundHere

from county import config, database, money, process
from county.errors import N_, BadInput, Phrase, Refused, Unreachable
from county.people import words
from county.people.types import SignInNeeded
from county.room import Room, load
from county.web import access, catalogs, filters, language, openapi
from county.web.texts import CountyRequest

ROOT = Path(__file__).resolve().parents[2]
BODY_BYTES = 8_000_000
FORM_BYTES = 1_000_000
_log = logging.getLogger("shanhuo.web")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

csrf = CSRFProtect()


class CountyFlask(Flask):
    """Flask that does a request again when the database asks for it (deadlock, serialization)."""

    request_class = CountyRequest

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view; at most three times when the database asks for the whole unit again."""
        for attempt in range(1, database.ATTEMPTS + 1):
            try:
                return super().dispatch_request()
            except DBAPIError as error:
                if attempt == database.ATTEMPTS or not database.may_retry(error):
                    raise
        raise AssertionError("unreachable")


def make_app(settings: config.Settings, rooms: Sequence[Room]) -> Flask:
    """Make the application of these rooms and connect this process to its database."""
    app = CountyFlask(
        "shanhuo",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    is_https = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=config.make_secret_key(settings),
        MAX_CONTENT_LENGTH=BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_NAME="shanhuo",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=is_https,
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_HEADERS_ENABLED=True,
        BABEL_DEFAULT_LOCALE=settings.locale,
        SHANHUO=settings,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    process.connect(settings, rooms)
    language.install(app)
    filters.install(app)
    words.install(app)
    _install_requests(app, settings)
    csrf.init_app(app)
    limiter = Limiter(_limit_key, default_limits=["120 per minute"], default_limits_exempt_when=_reads)
    limiter.init_app(app)
    app.extensions["county_limiter"] = limiter  # views hold it weakly
    _register(app, rooms, limiter)
    _install_errors(app)
    openapi.install(app)
    return app


def settings() -> config.Settings:
    """Give the settings of the running application."""
    found: config.Settings = current_app.config["SHANHUO"]
    return found


def _register(app: Flask, rooms: Sequence[Room], limiter: Limiter) -> None:
    for room in rooms:
        for name in room.blueprints:
            app.register_blueprint(load(name))
        for name in room.api:
            blueprint = load(name)
            csrf.exempt(blueprint)
            app.register_blueprint(blueprint, url_prefix="/api/v1")
    for endpoint, view in app.view_functions.items():
        if limit := getattr(view, "limit", None):
            app.view_functions[endpoint] = cast(Any, limiter.limit(limit)(view))
        if getattr(view, "csrf_exempt", False):
            csrf.exempt(view)


def _limit_key() -> str:
    person_id = access.load_caller().person_id
    return str(person_id) if person_id else request.remote_addr or ""


def _reads() -> bool:
    return request.method in ("GET", "HEAD", "OPTIONS")


def _install_requests(app: Flask, settings: config.Settings) -> None:
    relay = urlsplit(settings.relay_url)
    policy = (
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; "
        f"frame-ancestors 'none'; form-action 'self'; connect-src 'self' {relay.scheme}://{relay.netloc}"
    )

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        view = app.view_functions.get(request.endpoint or "")
        if limit := getattr(view, "body_limit", None):
            request.max_content_length = limit
        if "\0" in request.path:
            raise NotFoundHere()
        access.enforce()
        is_proved_otherwise = getattr(view, "csrf_exempt", False)
        values = request.args if is_proved_otherwise else request.values
        # PostgreSQL cannot store the character, and nobody types it.
        if any("\0" in value for pair in values.items(multi=True) for value in pair):
            raise BadRequest()

    @app.after_request
    def seal(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Request-Id"] = g.get("request_id", "")
        if settings.public_url.startswith("https://"):
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response

    @app.context_processor
    def caller_in_templates() -> dict[str, Any]:
        return {"caller": access.load_caller() if "request_id" in g else None, "settings": settings}


def _install_errors(app: Flask) -> None:
    @app.errorhandler(SignInNeeded)
    def sign_in_first(error: SignInNeeded) -> ResponseReturnValue:
        if request.method == "GET" and not _wants_json():
            return redirect(url_for("people.show_sign_in", next=request.full_path.rstrip("?")), code=303)
        return refused(error)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return problem(error.code, sentence(error), error.status, facts(error))

    @app.errorhandler(CSRFError)
    def no_csrf(error: CSRFError) -> ResponseReturnValue:
        return problem(
            "csrf", gettext("This form is too old. Please load the page again and send it once more."), 400
        )

    @app.errorhandler(Unreachable)
    def unreachable(error: Unreachable) -> ResponseReturnValue:
        _log.warning("unreachable: %s", error)
        text = gettext(
            "We could not reach a service we need. Nothing is lost; we are checking and try again."
        )
        return problem("unreachable", text, 503)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        code, text = _HTTP.get(status, ("http_error", "The request cannot be answered."))
        answer = problem(code, gettext(text), status)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def our_mistake(error: Exception) -> ResponseReturnValue:
        _log.exception("request %s failed", g.get("request_id"))
        # The page of the error must not ask the database, which may be what failed.
        g.caller = access.nobody()
        return problem(
            "internal_error",
            gettext("Something went wrong on our side. Please tell us the number below."),
            500,
        )


_HTTP = {
    400: ("bad_request", N_("The request could not be understood.")),
    401: ("sign_in_needed", N_("Please sign in first.")),
    403: ("not_allowed", N_("Your account may not do this.")),
    404: ("not_found", N_("There is nothing at this address.")),
    405: ("method_not_allowed", N_("This address does not take this kind of request.")),
    413: ("too_large", N_("The file or form is too large.")),
    415: ("unsupported_media_type", N_("This kind of content is not taken here.")),
    429: ("too_many_requests", N_("Too many requests. Please wait a moment and try again.")),
}


def sentence(error: Refused) -> str:
    """Say a refusal in the reader's language, with its facts filled in; facts that are words are said too."""
    return fill(error.says, error.facts)


def fill(says: str, facts: Mapping[str, Any]) -> str:
    """Say a message in the reader's language; its facts that are words of ours are said so too."""
    spoken = {name: _spoken(name, fact) for name, fact in facts.items()}
    return money.fill(gettext(says), spoken)


def _spoken(name: str, fact: object) -> object:
    if isinstance(fact, Phrase):
        return fill(fact.says, fact.facts)
    return gettext(fact) if name in catalogs.WORDS and fact != "" else fact


def facts(error: Refused) -> dict[str, Any]:
    """Give the facts of a refusal as JSON values."""
    from county.web.values import to_json

    if isinstance(error, BadInput):
        return {fault.where: fault.what for fault in error.faults}
    return {
        name: value if isinstance(value, int | str | bool | None) else to_json(_plain(value))
        for name, value in error.facts.items()
    }


def _plain(fact: object) -> object:
    return str(fact) if isinstance(fact, Phrase) else fact


def _wants_json() -> bool:
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def problem(code: str, message: str, status: int, fields: dict[str, Any] | None = None) -> Response:
    """Answer a refusal: problem JSON under /api, a page elsewhere."""
    if _wants_json():
        response = jsonify({"code": code, "message": message, "fields": fields or {}})
    else:
        page = render_template(
            "errors/error.html", status=status, code=code, message=message, reference=g.get("request_id", "")
        )
        response = Response(page, mimetype="text/html")
    response.status_code = status
    if status == 429:
        response.headers.setdefault("Retry-After", "60")
    return response
