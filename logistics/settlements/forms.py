"""Turns the forms of statements and settlement into typed values."""

from flask import request


def read_period() -> str:
    """Read which month is meant; the service refuses what is no month."""
    return request.form.get("period", "").strip()[:20]


def read_version() -> int:
    """Read which version of a thing was looked at; 0, which no thing has, when it is no number."""
    version = request.form.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
