"""Reads which act of which task is asked for."""

from dataclasses import dataclass

from flask import request


@dataclass(frozen=True)
class AskedAct:
    """An act as the form sent it."""

    source: str
    key: str
    act: str
    note: str


def read_act() -> AskedAct:
    """Read the form of one task."""
    sent = request.form
    return AskedAct(
        source=sent.get("source", "")[:40],
        key=sent.get("key", "")[:400],
        act=sent.get("act", "")[:40],
        note=sent.get("note", "")[:2_000],
    )
