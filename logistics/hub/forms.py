"""Turns hub scans into typed values."""

import re

from flask import request

from county.errors import BadInput, Fault
from logistics.hub.types import HubScan

_NUMBER = re.compile(r"[0-9A-Za-z]{6,40}")
SCANS_MAX = 200


def read_scans() -> tuple[list[str], HubScan]:
    """Read scanned numbers, one per line or blank, and what was done; refuses `BadInput`."""
    numbers = request.form.get("numbers", "").split()
    faults = [
        Fault(f"numbers:{line}", f"{number[:40]!r} is not a number of 6 to 40 letters and digits")
        for line, number in enumerate(numbers, 1)
        if not _NUMBER.fullmatch(number)
    ]
    if not numbers:
        faults.append(Fault("numbers", "expected at least one number"))
    if len(numbers) > SCANS_MAX:
        faults.append(Fault("numbers", f"expected at most {SCANS_MAX} numbers at once"))
    try:
        what = HubScan(request.form.get("what", ""))
    except ValueError:
        what = HubScan.ARRIVED
        faults.append(Fault("what", "expected arrived, loaded or departed"))
    if faults:
        raise BadInput(faults)
    return list(dict.fromkeys(numbers)), what
