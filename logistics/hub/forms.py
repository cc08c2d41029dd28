"""Turns hub scans into typed values."""

import re
from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext

from logistics.hub.types import HubScan

_NUMBER = re.compile(r"[0-9A-Za-z]{6,40}")
SCANS_MAX = 200


@dataclass
class ScanForm:
    """What was typed into the scan form, and what is wrong with it."""

    what: str = HubScan.ARRIVED.value
    typed: str = ""
    numbers: tuple[str, ...] = ()
    scan: HubScan = HubScan.ARRIVED
    errors: dict[str, str] = field(default_factory=dict)


def read_shown() -> ScanForm:
    """Read which scan the page is asked to offer."""
    return ScanForm(what=request.args.get("what", HubScan.ARRIVED.value)[:20])


def read_scans() -> ScanForm:
    """Read scanned numbers, one per line or blank, and what was done with the parcels."""
    typed = request.form.get("numbers", "")
    numbers = tuple(dict.fromkeys(typed.split()))
    form = ScanForm(request.form.get("what", "")[:20], typed, numbers)
    wrong = [number[:40] for number in numbers if not _NUMBER.fullmatch(number)]
    if not numbers:
        form.errors["numbers"] = gettext("Please scan or type at least one number.")
    elif wrong:
        form.errors["numbers"] = gettext(
            "These are no numbers of 6 to 40 letters and digits: %(wrong)s", wrong="、".join(wrong[:5])
        )
    elif len(numbers) > SCANS_MAX:
        form.errors["numbers"] = gettext("At most %(most)s numbers at once, please.", most=SCANS_MAX)
    try:
        form.scan = HubScan(form.what)
    except ValueError:
        form.errors["what"] = gettext("Please say what happens to them.")
    return form
