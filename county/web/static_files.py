"""Sends the frame's own files small and once: compressed, and kept for a year by version."""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_KEPT_S = 365 * 24 * 3600
# Pictures and fonts are compressed already. Pages are not compressed: they hold secrets beside what a
# visitor typed (BREACH).
_PACKED = (".css", ".js", ".svg")


def install(app: Flask) -> None:
    """Pack the answers of the application's static folder."""

    @app.after_request
    def pack(answer: Response) -> Response:
        if request.endpoint != "static" or answer.status_code not in (200, 304):
            return answer
        if request.args.get("v"):
            answer.headers["Cache-Control"] = f"public, max-age={_KEPT_S}, immutable"
        if request.path.endswith(_PACKED):
            answer.vary.add("Accept-Encoding")
            if answer.status_code == 200 and request.accept_encodings["gzip"] and request.method == "GET":
                _compress(answer)
        return answer


def _compress(answer: Response) -> None:
    answer.direct_passthrough = False
    answer.set_data(_gzipped(answer.get_data()))
    answer.headers["Content-Encoding"] = "gzip"
    if tag := answer.get_etag()[0]:
        # Two encodings of one file have the same meaning, not the same bytes.
        answer.set_etag(tag, weak=True)


@lru_cache(maxsize=64)
def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)
