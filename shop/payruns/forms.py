"""Turns the forms of pay runs into typed values."""

from flask import request

from county.errors import NotFound
from shop.payruns.types import RunKind


def read_kind() -> RunKind:
    """Read whose money is meant; the growers' when nothing is said."""
    text = request.form.get("kind") or request.args.get("kind") or RunKind.GROWERS.value
    try:
        return RunKind(text)
    except ValueError:
        raise NotFound(what="pay run") from None


def read_version() -> int:
    """Read which version of a run was looked at; 0, which no run has, when it is no number."""
    version = request.form.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0


def read_reason() -> str:
    """Read why a run is cancelled."""
    return request.form.get("reason", "").strip()[:200]
