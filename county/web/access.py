"""Who may call which route: declared on the view, denied by default."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, g, request

from county import clock, database
from county.people import service as people
from county.people.types import Caller, NotAllowed, Role, SignInNeeded

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Grant:
    """A role that may call a route; `is_own` when it reaches only its own objects there."""

    role: Role
    is_own: bool = False

    def __str__(self) -> str:
        return f"{self.role}:own" if self.is_own else str(self.role)


class Public:
    """Stands for everybody, signed in or not."""

    def __str__(self) -> str:
        return "public"


PUBLIC = Public()
Allowed = Grant | Public


def own(role: Role) -> Grant:
    """Make the grant of a role that reaches only its own objects."""
    return Grant(role, is_own=True)


SIGNED_IN: tuple[Grant, ...] = tuple(own(role) for role in Role)


def allow(*grants: Role | Grant | Public) -> Callable[[View], View]:
    """Declare who may call a view; a view without this is refused for everybody."""
    if not grants:
        raise ValueError("allow needs at least one role, own(role) or PUBLIC")
    allowed = tuple(Grant(grant) if isinstance(grant, Role) else grant for grant in grants)

    def mark(view: View) -> View:
        view.allowed = allowed  # type: ignore[attr-defined]
        return view

    return mark


def body_limit(megabytes: int) -> Callable[[View], View]:
    """Declare that a view takes bodies larger than the usual 8 MB (statements, tables)."""

    def mark(view: View) -> View:
        view.body_limit = megabytes * 1_000_000  # type: ignore[attr-defined]
        return view

    return mark


def token_of_request() -> str | None:
    """Give the sign-in token: of the Authorization header under /api, else of the cookie.

    Pictures are fetched by pages and by clients of the API, so there the header is read when there is one.
    """
    is_file = request.path.startswith("/files/") and "Authorization" in request.headers
    if is_file or request.path.startswith("/api/"):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token else None
    from flask import session

    return session.get("token")


def load_caller() -> Caller:
    """Find out who makes this request, once."""
    if "caller" not in g:
        token = token_of_request()
        address = request.remote_addr or ""
        found = None
        if token:
            with database.reading() as db:
                found = people.find_caller(
                    db, token=token, address=address, request_id=g.request_id, now=clock.now()
                )
        g.caller = found or nobody()
    caller: Caller = g.caller
    return caller


def nobody() -> Caller:
    """Give the caller of a request with which nobody signed in comes."""
    return Caller(
        person_id=None,
        name="",
        roles=frozenset(),
        acting_for=None,
        acting_for_name="",
        scopes=frozenset(),
        address=request.remote_addr or "",
        request_id=g.get("request_id", ""),
    )


def enforce() -> None:
    """Refuse the request when the view does not allow its caller; run before every request."""
    if request.endpoint is None or request.endpoint.endswith("static"):
        return
    view = current_app.view_functions[request.endpoint]
    allowed: tuple[Allowed, ...] = getattr(view, "allowed", ())
    if any(isinstance(grant, Public) for grant in allowed):
        return
    caller = load_caller()
    if caller.person_id is None:
        raise SignInNeeded()
    roles = effective_roles(caller)
    if not any(isinstance(grant, Grant) and grant.role in roles for grant in allowed):
        raise NotAllowed()


def effective_roles(caller: Caller) -> frozenset[Role]:
    """Give the roles of a request: acting for a farmer adds the farmer's role to the agent's."""
    return caller.roles | {Role.FARMER} if caller.acting_for else caller.roles
