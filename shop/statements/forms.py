"""Turns the queries of statements into typed values."""

from flask import request


def read_month(*, usual: str) -> str:
    """Read which month is meant; the service refuses what is none."""
    return request.args.get("month", "").strip()[:10] or usual


def read_quarter(*, usual: str) -> str:
    """Read which quarter is meant; the service refuses what is none."""
    return request.args.get("quarter", "").strip()[:10] or usual
