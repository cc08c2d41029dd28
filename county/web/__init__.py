"""The web floor that edges stand on: who is asking, doing things once, values in and out."""

from flask import flash

from county.people.types import Caller
from county.web.access import PUBLIC, SIGNED_IN, allow, body_limit, load_caller, own
from county.web.once import once, once_page
from county.web.openapi import documented, parse
from county.web.values import json_body, page_of, page_wanted, to_json

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "allow",
    "body_limit",
    "caller",
    "documented",
    "flash_said",
    "json_body",
    "once",
    "once_page",
    "own",
    "page_of",
    "page_wanted",
    "parse",
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
