"""HTTP to the gateway: any port, connections kept alive per thread, one time limit for each step."""

import http.client
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

MOST_BYTES = 64 * 1024 * 1024


class NothingSent(Exception):
    """The gateway was never reached, so nothing can have happened there."""


class AnswerLost(Exception):
    """The request went out and no whole answer came back: nobody knows what happened."""


class Transport:
    """Sends requests to one address; each thread has a connection of its own."""

    def __init__(self, address: str, *, timeout_s: float) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        self.host, self.path, self.timeout_s = parts.hostname, parts.path or "/", timeout_s
        self.is_https = parts.scheme == "https"
        self.port = parts.port or (443 if self.is_https else 80)
        self._local = threading.local()

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self.is_https else http.client.HTTPConnection
        connection = kind(self.host, self.port, timeout=self.timeout_s)
        try:
            connection.connect()
        except OSError as error:
            raise NothingSent(f"{type(error).__name__}: {error}") from error
        return connection

    def post(self, query: str, body: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Post a form and give status and content.

        Refuses: `NothingSent` when no connection came about, `AnswerLost` when the answer did not come whole.
        """
        kept: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if kept is not None:
            try:
                return self._exchange(kept, query, body, headers)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # A kept connection that the other side had closed; every call bears being sent twice.
                kept.close()
        connection = self._connect()
        try:
            return self._exchange(connection, query, body, headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise AnswerLost(f"{type(error).__name__}: {error}") from error

    def _exchange(
        self, connection: http.client.HTTPConnection, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        try:
            connection.request(
                "POST", f"{self.path}?{query}", body=body.encode("ascii"), headers=dict(headers)
            )
            answer = connection.getresponse()
            content = _whole(answer)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            raise
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise AnswerLost(f"{type(error).__name__}: {error}") from error
        if answer.will_close:
            connection.close()
        else:
            self._local.connection = connection
        return answer.status, content

    def close(self) -> None:
        """Close this thread's connection."""
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None


def _whole(answer: http.client.HTTPResponse) -> bytes:
    content = answer.read(MOST_BYTES)
    # read() with a limit says nothing when the connection ends before all that was promised.
    if answer.length or answer.read(1):
        raise http.client.IncompleteRead(content)
    return content


def download(address: str, *, timeout_s: float) -> bytes:
    """Fetch a file that the gateway pointed to.

    Refuses: `AnswerLost` when it does not come whole with status 200.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AnswerLost(f"{address!r} is not an address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout_s)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET", target)
        answer = connection.getresponse()
        content = _whole(answer)
    except (OSError, http.client.HTTPException) as error:
        raise AnswerLost(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise AnswerLost(f"status {answer.status}, {len(content)} bytes")
    return content
