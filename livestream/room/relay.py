"""The relay: sends each session's events to its viewers as Server-Sent Events; keeps no state of its own."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from county import database
from county.config import Settings
from county.errors import NotFound
from livestream.attribution.service import SOLD_IN
from livestream.room import rules, service
from livestream.sessions import service as sessions

POLL_S = 0.3
HEARTBEAT_S = 15.0
BACKLOG_BYTES = 64_000
KEPT = 500
REQUEST_BYTES = 16_000
STALL_S = 10.0
_PATH = re.compile(r"/live/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/events")


@dataclass
class Hub:
    """The newest events of one session, shared by its viewers; `last` is the number of the newest."""

    session_id: UUID
    last: int
    viewers: int = 0
    recent: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=KEPT))
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)


class Relay:
    """Serves `/live/{session_id}/events` and `/healthz` on one port."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hubs: dict[UUID, Hub] = {}
        self._stopping = asyncio.Event()

    async def run(self, *, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop` is called."""
        server = await asyncio.start_server(
            self._serve, self._settings.bind, self._settings.relay_port, limit=REQUEST_BYTES
        )
        polling = asyncio.create_task(self._poll())
        ready()
        await self._stopping.wait()
        server.close()
        polling.cancel()
        for hub in list(self._hubs.values()):
            async with hub.changed:
                hub.changed.notify_all()

    def stop(self) -> None:
        """Make `run` return; viewers' connections are closed."""
        self._stopping.set()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            hubs = [hub for hub in self._hubs.values() if hub.viewers]
            if not hubs:
                continue
            try:
                fresh = await asyncio.to_thread(_read_fresh, {hub.session_id: hub.last for hub in hubs})
            except DBAPIError:
                continue  # The database is away for a moment; the numbers tell where to go on.
            for hub in hubs:
                if events := fresh.get(hub.session_id):
                    hub.recent.extend(events)
                    hub.last = events[-1][0]
                    async with hub.changed:
                        hub.changed.notify_all()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            await self._answer(request.decode("latin-1"), writer)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, request: str, writer: asyncio.StreamWriter) -> None:
        lines = request.split("\r\n")
        method, _, target = lines[0].partition(" ")
        path = target.split(" ")[0].split("?")[0]
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }
        match = _PATH.fullmatch(path)
        if method != "GET":
            await _reply(writer, "405 Method Not Allowed", '{"code": "method_not_allowed"}')
        elif path in ("/healthz", "/"):
            await _reply(writer, "200 OK", '{"status": "ok"}')
        elif match is None:
            await _reply(writer, "404 Not Found", '{"code": "not_found"}')
        else:
            await self._follow(UUID(match[1]), headers.get("last-event-id", ""), writer)

    async def _follow(self, session_id: UUID, last_id: str, writer: asyncio.StreamWriter) -> None:
        start = int(last_id) if last_id.isascii() and last_id.isdigit() and len(last_id) < 16 else None
        opening = await asyncio.to_thread(_opening, session_id)
        if opening is None:
            await _reply(writer, "404 Not Found", '{"code": "not_found"}')
            return
        last, present = opening
        writer.write(
            (
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                f"Access-Control-Allow-Origin: {self._settings.public_url}\r\n"
                "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nretry: 2000\n\n"
            ).encode()
        )
        hub = self._hubs.setdefault(session_id, Hub(session_id, last))
        hub.viewers += 1
        try:
            # A number that was never given, such as one from before a restored backup: begin afresh.
            at = start if start is not None and start <= last else None
            if at is None:
                writer.write(b"".join(present))
                at = last
            await self._stream(hub, at, writer)
        finally:
            hub.viewers -= 1
            if not hub.viewers:
                self._hubs.pop(session_id, None)

    async def _stream(self, hub: Hub, at: int, writer: asyncio.StreamWriter) -> None:
        # What a returning viewer missed may be more than the backlog allowed to one who is there.
        is_behind = True
        while not self._stopping.is_set():
            batch = await self._after(hub, at)
            for number, sse in batch:
                writer.write(sse)
                at = number
                if _backlog(writer) > BACKLOG_BYTES and (not is_behind or not await _drained(writer)):
                    break
            if _backlog(writer) > BACKLOG_BYTES or writer.is_closing():
                writer.transport.abort()  # A slow viewer comes back with Last-Event-ID.
                return
            if batch:
                continue
            is_behind = False
            try:
                await asyncio.wait_for(self._news(hub, at), HEARTBEAT_S)
            except TimeoutError:
                writer.write(b": still here\n\n")

    async def _news(self, hub: Hub, at: int) -> None:
        """Wait until a session has events after `at`, or the relay stops."""
        async with hub.changed:
            await hub.changed.wait_for(lambda: hub.last > at or self._stopping.is_set())

    async def _after(self, hub: Hub, at: int) -> list[tuple[int, bytes]]:
        if at >= hub.last:
            return []
        if hub.recent and hub.recent[0][0] <= at + 1:
            return [each for each in hub.recent if each[0] > at]
        fresh = await asyncio.to_thread(_read_fresh, {hub.session_id: at})
        return fresh.get(hub.session_id, [])


def _backlog(writer: asyncio.StreamWriter) -> int:
    return writer.transport.get_write_buffer_size()


async def _drained(writer: asyncio.StreamWriter) -> bool:
    """Wait until a viewer who catches up has taken what was sent; False when they do not."""
    try:
        await asyncio.wait_for(writer.drain(), STALL_S)
    except (TimeoutError, ConnectionError):
        return False
    return True


def _read_fresh(after: dict[UUID, int]) -> dict[UUID, list[tuple[int, bytes]]]:
    with database.reading() as db:
        newest = service.last_numbers(db, session_ids=list(after))
        return {
            session_id: [
                (event.number, rules.as_sse(event))
                for event in service.list_events(db, session_id=session_id, after=number)
            ]
            for session_id, number in after.items()
            if newest.get(session_id, 0) > number
        }


def _opening(session_id: UUID) -> tuple[int, list[bytes]] | None:
    with database.reading() as db:
        try:
            session = sessions.get_session(db, session_id=session_id)
        except NotFound:
            return None
        if session.state not in SOLD_IN:
            return None
        last = service.last_numbers(db, session_ids=[session_id]).get(session_id, 0)
        return last, [rules.as_sse(event) for event in service.present_state(db, session_id=session_id)]


async def _reply(writer: asyncio.StreamWriter, status: str, body: str) -> None:
    writer.write(
        (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}"
        ).encode()
    )
    await writer.drain()
