"""Signing in and asking who one is, as JSON."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, jsonify

from county import clock, database, web
from county.people import entry, forms, rules, service
from county.people.types import Role, TokenKind, WrongSignIn
from county.web import PUBLIC, SIGNED_IN, allow, documented
from county.web.access import token_of_request
from county.web.limits import limited

api = Blueprint("county_people_api", __name__)


@dataclass(frozen=True)
class SignedIn:
    """The answer to a sign-in: the bearer token and whose it is."""

    token: str
    expires_at: datetime
    person_id: UUID
    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Me:
    """Who the token belongs to."""

    person_id: UUID
    name: str
    phone: str
    roles: tuple[Role, ...]
    acting_for: UUID | None


@api.post("/sign-in")
@allow(PUBLIC)
@limited("60 per minute")
@documented(takes=forms.SignInBody, gives=SignedIn, refuses=(401, 422, 429))
def sign_in() -> Response:
    """Sign in by phone number and password."""
    asked = web.parse(forms.SignInBody, web.json_body())
    signed = entry.sign_in_by_password(
        phone=forms.clean_phone(asked.phone), password=asked.password, kind=TokenKind.API
    )
    if signed is None:
        raise WrongSignIn()
    person = signed.person
    answer = SignedIn(signed.token, signed.expires_at, person.id, person.name, tuple(sorted(person.roles)))
    return jsonify(web.to_json(answer))


@api.get("/me")
@allow(*SIGNED_IN)
@documented(gives=Me, refuses=(401,))
def show_me() -> Response:
    """Say who is signed in."""
    caller = web.caller()
    with database.reading() as db:
        person = service.get_person(db, person_id=caller.actor_id)
    me = Me(
        person.id,
        person.name,
        rules.mask_phone(person.phone or ""),
        tuple(sorted(person.roles)),
        caller.acting_for,
    )
    return jsonify(web.to_json(me))


@api.post("/sign-out")
@allow(*SIGNED_IN)
@documented(status=204, refuses=(401,))
def sign_out() -> Response:
    """Revoke the token of this request."""
    token = token_of_request() or ""
    with database.transaction() as db:
        service.sign_out(db, token=token, now=clock.now())
    return Response(status=204)
