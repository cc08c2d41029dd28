"""Making and reading source tokens; how long they count."""

import base64
import hashlib
import hmac
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

from livestream.attribution.types import Source

# A buyer may think it over for a week after the session has ended.
WINDOW = timedelta(days=7)
_SIGNATURE_BYTES = 16


def make_token(source: Source, *, key: bytes) -> str:
    """Sign a source: 36 bytes in URL-safe base64, HMAC-SHA256 cut to 128 bits."""
    body = source.session_id.bytes + struct.pack(">I", int(source.made_at.timestamp()))
    return base64.urlsafe_b64encode(body + _sign(body, key)).decode().rstrip("=")


def read_token(token: str, *, key: bytes) -> Source | None:
    """Read a source whose signature is right; None for anything else."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, TypeError):
        return None
    if len(raw) != 20 + _SIGNATURE_BYTES:
        return None
    body, signature = raw[:20], raw[20:]
    if not hmac.compare_digest(signature, _sign(body, key)):
        return None
    if token != base64.urlsafe_b64encode(raw).decode().rstrip("="):
        return None
    (seconds,) = struct.unpack(">I", body[16:])
    return Source(session_id=UUID(bytes=body[:16]), made_at=datetime.fromtimestamp(seconds, UTC))


def counts(*, ended_at: datetime, now: datetime) -> bool:
    """Tell whether a link of a session that ends at `ended_at` still earns commission."""
    return now < ended_at + WINDOW


def _sign(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"livestream source" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
