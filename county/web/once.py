"""Doing a request's work once: one transaction, its idempotency key inside it, the first answer again."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, redirect, request
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from county import clock, database
from county.web.access import load_caller
from county.web.tables import AnswerRow
from county.web.types import IdempotencyKeyMissing, IdempotencyKeyReused, StillRunning


def once(work: Callable[[Session], tuple[int, Any]], *, required: bool = False) -> Response:
    """Do an API request's work in one transaction, once per Idempotency-Key.

    Takes: `work`, gets the database session and gives status and a JSON-ready body; `required`, whether
    the key must be there.
    Refuses: `IdempotencyKeyMissing`, `IdempotencyKeyReused` (same key, other body).
    """
    key = require_key() if required else _key()
    body_hash = _hash(request.method, request.path, request.get_data(cache=True))

    def unit(db: Session) -> tuple[int, str]:
        if not key:
            status, body = work(db)
            return status, json.dumps(body, ensure_ascii=False)
        return _claimed(db, key="api:" + key, body_hash=body_hash, work=work, now=clock.now())

    status, body = database.in_transaction(unit)
    return Response(body, status=status, mimetype="application/json")


def require_key() -> str:
    """Give the request's idempotency key; refuses `IdempotencyKeyMissing` before the body is looked at."""
    key = _key()
    if not key:
        raise IdempotencyKeyMissing()
    return key


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if key and not (len(key) <= 200 and key.isascii() and key.isprintable()):
        raise IdempotencyKeyMissing()
    return key


def once_page(work: Callable[[Session], str]) -> Response:
    """Do a form's work in one transaction, once per form token, and redirect to the address it gives."""
    token = request.form.get("form_token", "")[:100]
    fields = sorted(
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in ("csrf_token", "form_token")
    )
    body_hash = _hash(request.method, request.path, json.dumps(fields).encode())

    def unit(db: Session) -> tuple[int, str]:
        if not token:
            return 303, json.dumps(work(db))
        return _claimed(
            db, key="form:" + token, body_hash=body_hash, work=lambda db: (303, work(db)), now=clock.now()
        )

    _status, body = database.in_transaction(unit)
    return redirect(json.loads(body), code=303)  # type: ignore[return-value]


def _claimed(
    db: Session, *, key: str, body_hash: str, work: Callable[[Session], tuple[int, Any]], now: datetime
) -> tuple[int, str]:
    caller = load_caller()
    owner = str(caller.person_id or "address:" + caller.address)
    values = {
        "owner": owner, "key": key, "body_hash": body_hash, "status": 0, "body": "", "created_at": now,
    }  # fmt: skip
    # On PostgreSQL this insert waits for a first request still running; on SQLite the transaction did.
    if not database.insert_once(db, AnswerRow, values):
        row = db.scalars(select(AnswerRow).where(AnswerRow.owner == owner, AnswerRow.key == key)).one()
        if row.body_hash != body_hash:
            raise IdempotencyKeyReused()
        if row.status == 0:
            raise StillRunning()
        return row.status, row.body
    status, body = work(db)
    text = json.dumps(body, ensure_ascii=False)
    db.execute(
        update(AnswerRow)
        .where(AnswerRow.owner == owner, AnswerRow.key == key)
        .values(status=status, body=text)
    )
    return status, text


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
