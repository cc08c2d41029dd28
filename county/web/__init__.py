"""The web floor that edges stand on: who is asking, doing things once, values in and out."""

from flask import Response, flash, redirect

from county.audit.types import Actor
from county.people.types import Caller, Role
from county.web.access import PUBLIC, SIGNED_IN, allow, body_limit, load_caller, own
from county.web.once import once, once_page, require_key
from county.web.openapi import documented, parse
from county.web.values import json_body, page_by_instant, page_of, page_wanted, to_json

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "actor",
    "allow",
    "body_limit",
    "caller",
    "documented",
    "flash_said",
    "go",
    "json_body",
    "once",
    "once_page",
    "own",
    "page_by_instant",
    "page_of",
    "page_wanted",
    "parse",
    "require_key",
    "signed_in",
    "to_json",
]


def caller() -> Caller:
    """Give who makes this request; nobody signed in is a caller without id and roles."""
    return load_caller()


def signed_in() -> bool:
    """Tell whether somebody is signed in."""
    return load_caller().person_id is not None


def flash_said(sentence: str, kind: str = "good") -> None:
    """Show a sentence on the next page: `good`, `warn` or `bad`."""
    flash(sentence, kind)


def actor(role: Role) -> Actor:
    """Give the actor of this request for the audit log: who, in which role, on whose behalf."""
    asking = load_caller()
    shown = Role.VILLAGE_AGENT if asking.acting_for else role
    return Actor(asking.actor_id, shown.value, asking.acting_for, asking.request_id)


def go(address: str) -> Response:
    """Send the browser to another page after a form."""
    return redirect(address, code=303)  # type: ignore[return-value]
