"""The one lock by which one clerk of many leads."""

import fcntl
import logging
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

_log = logging.getLogger("shanhuo.clerk")
# One number among PostgreSQL's advisory locks of this database.
_NUMBER = 7219000
_TAKE = text("SELECT pg_try_advisory_lock(:number)")
_STILL = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :number "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND pid = pg_backend_pid() AND granted"
)


class LeaderLock(Protocol):
    """Held by at most one process."""

    def take(self) -> bool:
        """Take the lock if nobody has it; tell whether it is ours."""

    def is_ours(self) -> bool:
        """Look again whether the lock is still ours."""

    def give_back(self) -> None:
        """Let others take the lock."""


class FileLock:
    """A lock on a file beside the database, for SQLite on one machine."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Take the lock if nobody has it; tell whether it is ours."""
        if self._handle is not None:
            return self.is_ours()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return self.is_ours()

    def is_ours(self) -> bool:
        """Look whether the file we locked is still the one with this name."""
        if self._handle is None:
            return False
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            found = None
        ours = os.fstat(self._handle)
        if found is not None and (found.st_ino, found.st_dev) == (ours.st_ino, ours.st_dev):
            return True
        self.give_back()
        return False

    def give_back(self) -> None:
        """Let others take the lock."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class AdvisoryLock:
    """PostgreSQL's advisory lock, on a connection that does nothing else: it ends with the connection."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            # A dead network must be noticed in seconds, not when TCP gives up.
            connect_args={
                "connect_timeout": 5,
                "tcp_user_timeout": 5000,
                "options": "-c statement_timeout=5000",
            },
        )
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the lock if nobody has it; tell whether it is ours."""
        if self._connection is not None:
            return self.is_ours()
        try:
            connection = self._engine.connect()
            is_taken = bool(connection.execute(_TAKE, {"number": _NUMBER}).scalar_one())
        except SQLAlchemyError as error:
            _log.warning("the leader's lock cannot be asked for: %s", error)
            return False
        if not is_taken:
            connection.close()
            return False
        self._connection = connection
        return True

    def is_ours(self) -> bool:
        """Ask the database whether this connection still holds the lock."""
        if self._connection is None:
            return False
        try:
            if self._connection.execute(_STILL, {"number": _NUMBER}).scalar_one() == 1:
                return True
        except SQLAlchemyError as error:
            _log.warning("the leader's connection is gone: %s", error)
        self.give_back()
        return False

    def give_back(self) -> None:
        """Let others take the lock."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()


def leader_lock(database_url: str, *, instance: Path) -> LeaderLock:
    """Make the lock that suits the database."""
    if database_url.startswith("sqlite"):
        return FileLock(instance / "clerk.lock")
    return AdvisoryLock(database_url)
