"""People, roles, consents and the refusals of signing in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused

PersonId = NewType("PersonId", UUID)


class Role(StrEnum):
    """What a person may be in the county; a person may have several roles."""

    BUYER = "buyer"
    FARMER = "farmer"
    VILLAGE_AGENT = "village_agent"
    STREAMER = "streamer"
    COURIER_CLERK = "courier_clerk"
    HUB_CLERK = "hub_clerk"
    DRIVER = "driver"
    STATION_KEEPER = "station_keeper"
    ASSOCIATION_ADMIN = "association_admin"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """What a village agent may do for a farmer; a payout account is never among them."""

    LIST_PRODUCTS = "list_products"
    PACK_ORDERS = "pack_orders"
    SEE_MONEY = "see_money"
    REQUEST_SESSIONS = "request_sessions"
    ANSWER_CLAIMS = "answer_claims"


class TokenKind(StrEnum):
    """Where a sign-in lives: in a browser's cookie or in a program."""

    BROWSER = "browser"
    API = "api"


@dataclass(frozen=True)
class Person:
    """A person as other features see them."""

    id: PersonId
    name: str
    phone: str | None
    roles: frozenset[Role]
    locale: str | None


@dataclass(frozen=True)
class Consent:
    """A farmer's written consent that an agent acts for them, within a scope and a time."""

    id: UUID
    farmer_id: PersonId
    farmer_name: str
    agent_id: PersonId
    agent_name: str
    scopes: frozenset[Scope]
    paper_ref: str
    starts_at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class SignIn:
    """A fresh sign-in: the secret token (shown once) and whose it is."""

    token: str
    person: Person
    expires_at: datetime


@dataclass(frozen=True)
class Caller:
    """Who makes a request: the signed-in person, and the farmer they act for, if any."""

    person_id: PersonId | None
    name: str
    roles: frozenset[Role]
    acting_for: PersonId | None
    acting_for_name: str
    scopes: frozenset[Scope]
    address: str
    request_id: str

    @property
    def actor_id(self) -> PersonId:
        """Give the person who sits at the device."""
        if self.person_id is None:
            raise SignInNeeded()
        return self.person_id

    @property
    def subject_id(self) -> PersonId:
        """Give the person whose objects this request is about."""
        subject = self.acting_for or self.person_id
        if subject is None:
            raise SignInNeeded()
        return subject


class SignInNeeded(Refused):
    """Nobody is signed in and this needs somebody."""

    code = "sign_in_needed"
    says = N_("Please sign in first.")
    status = 401


class NotAllowed(Refused):
    """The signed-in person has no role that may do this."""

    code = "not_allowed"
    says = N_("Your account may not do this. Ask the association if you think it should.")
    status = 403


class WrongSignIn(Refused):
    """Phone number, password or code do not fit together."""

    code = "wrong_sign_in"
    says = N_("Phone number and password or code do not fit together.")
    status = 401


class TooManyTries(Refused):
    """Too many wrong sign-ins from here or for this number; waiting helps."""

    code = "too_many_tries"
    says = N_("Too many wrong tries. Please wait {minutes} minutes and try again.")
    status = 429


class PhoneTaken(Refused):
    """A person with this phone number exists already."""

    code = "phone_taken"
    says = N_("This phone number already has an account.")


class NoConsent(Refused):
    """The farmer's consent is missing, over, withdrawn, or does not cover this."""

    code = "no_consent"
    says = N_("There is no valid consent of this farmer for this step.")
    status = 403


class SamePerson(Refused):
    """A change that needs two people was confirmed by the one who proposed it."""

    code = "same_person"
    says = N_("A second person must confirm this.")
    status = 403
