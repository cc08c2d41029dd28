"""Turns what a clerk or a keeper tells of a parcel into typed values."""

import re
from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext

from logistics.mishaps.types import Report
from logistics.tracking.types import Cause, Reason

PICTURE_BYTES = 12_000_000
NOTE_MAX = 200
_NUMBER = re.compile(r"[0-9A-Za-z]{6,40}")


@dataclass
class MishapForm:
    """What was typed, and what is wrong with it."""

    number: str = ""
    reason: str = Reason.DAMAGED.value
    cause: str = Cause.UNSAID.value
    note: str = ""
    picture: bytes = b""
    errors: dict[str, str] = field(default_factory=dict)

    def report(self) -> Report:
        """Give what is told; the form has no errors then."""
        return Report(Reason(self.reason), Cause(self.cause), self.note)


def read_mishap(*, has_number: bool) -> MishapForm:
    """Read what is told; what is wrong stands in `errors` by field.

    Takes: `has_number`, when the parcel's number is typed or scanned into the form.
    """
    given = request.form
    form = MishapForm(
        number=given.get("number", "").strip()[:60],
        reason=given.get("reason", "")[:20],
        cause=given.get("cause", "")[:20],
        note=given.get("note", "").strip(),
    )
    upload = request.files.get("picture")
    form.picture = upload.read(PICTURE_BYTES + 1) if upload else b""
    if has_number and not _NUMBER.fullmatch(form.number):
        form.errors["number"] = gettext("Please scan or type the number, 6 to 40 letters and digits.")
    if form.reason not in (Reason.DAMAGED, Reason.LOST):
        form.errors["reason"] = gettext("Please say what is wrong with it.")
    if form.cause not in set(Cause):
        form.errors["cause"] = gettext("Please say where it comes from, or that you do not know.")
    if len(form.note) > NOTE_MAX:
        form.errors["note"] = gettext("Please say it in at most 200 characters.")
    return form
