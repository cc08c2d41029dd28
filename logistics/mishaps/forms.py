"""Turns what a clerk or a keeper tells of a parcel into typed values."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from flask import request
from flask_babel import gettext

from logistics.mishaps.types import Report
from logistics.tracking.rules import MISTAKE_MAX
from logistics.tracking.types import Cause, Reason

PICTURE_BYTES = 12_000_000
NOTE_MAX = 200
_NUMBER = re.compile(r"[0-9A-Za-z]{6,40}")


@dataclass
class MishapForm:
    """What was typed, and what is wrong with it; nothing is chosen for somebody who did not choose."""

    reason: str = ""
    cause: str = Cause.UNSAID.value
    note: str = ""
    picture: bytes = b""
    errors: dict[str, str] = field(default_factory=dict)

    def report(self) -> Report:
        """Give what is told; the form has no errors then."""
        return Report(Reason(self.reason), Cause(self.cause), self.note)


@dataclass
class MistakeForm:
    """Which report is taken back and why, and what is wrong with that."""

    event_id: str = ""
    why: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def chosen(self) -> UUID:
        """Give the chosen report; the form has no errors then."""
        return UUID(self.event_id)


def read_number() -> tuple[str, str]:
    """Read the number that was typed or scanned, and what is wrong with it; nothing asked, nothing wrong."""
    number = request.args.get("number", "").strip()[:60]
    if "number" not in request.args or _NUMBER.fullmatch(number):
        return number, ""
    return number, gettext("Please scan or type the number, 6 to 40 letters and digits.")


def read_mistake() -> MistakeForm:
    """Read which report is taken back and why; what is wrong stands in `errors` by field."""
    form = MistakeForm(request.form.get("event_id", "")[:40], request.form.get("why", "").strip())
    try:
        form.chosen()
    except ValueError:
        form.errors["event_id"] = gettext("Please choose what was a mistake.")
    if not 1 <= len(form.why) <= MISTAKE_MAX:
        form.errors["why"] = gettext("Please say in 1 to 200 characters how the mistake came about.")
    return form


def read_mishap() -> MishapForm:
    """Read what is told; what is wrong stands in `errors` by field."""
    given = request.form
    form = MishapForm(
        reason=given.get("reason", "")[:20],
        cause=given.get("cause", "")[:20],
        note=given.get("note", "").strip(),
    )
    upload = request.files.get("picture")
    form.picture = upload.read(PICTURE_BYTES + 1) if upload else b""
    if form.reason not in (Reason.DAMAGED, Reason.LOST):
        form.errors["reason"] = gettext("Please say what is wrong with it.")
    if form.cause not in set(Cause):
        form.errors["cause"] = gettext("Please say where it comes from, or that you do not know.")
    if len(form.note) > NOTE_MAX:
        form.errors["note"] = gettext("Please say it in at most 200 characters.")
    return form
