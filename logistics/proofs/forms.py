"""Turns the station's forms into typed values."""

from flask import request

from logistics.proofs.types import KnownBy


def read_handover() -> tuple[KnownBy, str]:
    """Read how the consignee was known, and the digits that were typed."""
    known_by = KnownBy.IN_PERSON if request.form.get("known_by") == KnownBy.IN_PERSON else KnownBy.PHONE
    return known_by, request.form.get("digits", "").strip()[:4]
