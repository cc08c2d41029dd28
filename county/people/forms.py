"""Turns sign-in and consent requests into typed values."""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import request
from pydantic import BaseModel, ConfigDict, Field

from county.errors import NotFound

# A path of this site: a second slash or a backslash would make browsers read the rest as a host.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")


class SignInBody(BaseModel):
    """The JSON body of an API sign-in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    phone: str = Field(max_length=20)
    password: str = Field(max_length=200)


@dataclass(frozen=True)
class SignInForm:
    """What was typed into the sign-in page."""

    phone: str
    password: str
    code: str
    next: str

    @staticmethod
    def empty() -> "SignInForm":
        """Give the form as it is first shown."""
        return SignInForm("", "", "", own_path(request.args.get("next", "")))


def read_sign_in() -> SignInForm:
    """Read the sign-in form."""
    return SignInForm(
        phone=clean_phone(request.form.get("phone", "")),
        password=request.form.get("password", "")[:200],
        code=request.form.get("code", "").strip()[:10],
        next=own_path(request.form.get("next", "")),
    )


def read_farmer_id() -> UUID | None:
    """Read for whom to act; nobody when the field is empty."""
    text = request.form.get("farmer_id", "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what="person") from None


def own_path(text: str) -> str:
    """Give a path of this site unchanged and anything else as nothing."""
    return text if _OWN_PATH.fullmatch(text) else ""


def clean_phone(text: str) -> str:
    """Drop the spaces, dashes and country code that people type into phone numbers."""
    digits = text.strip().replace(" ", "").replace("-", "")
    return digits.removeprefix("+86")[:20]
