"""The database: engine, transactions opened by edges, and the column types every table shares."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import (
    CheckConstraint,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Result,
    String,
    create_engine,
    event,
    literal_column,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from county import clock

ATTEMPTS = 3
_BEFORE_COMMIT = "before_commit"
T = TypeVar("T")


class Base(DeclarativeBase):
    """What every row class derives from; constraints get names so that migrations keep them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at = clock.require_aware(value).astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum stored by its value; add `one_of(column, Enum)` to the table's constraints."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self.kind(value)


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """Make the CHECK that keeps a column to the values of an enum."""
    values = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


class _Current:
    engine: Engine | None = None
    factory: sessionmaker[Session] | None = None


def make_engine(url: str) -> Engine:
    """Make an engine: SQLite with WAL, full synchronous and foreign keys; PostgreSQL with pre-ping."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=16, max_overflow=16, pool_pre_ping=True)
    path = url.removeprefix("sqlite:///")
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # BEGIN is ours (below): the driver's own would open read transactions that cannot become writers.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "busy_timeout=30000",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("shanhuo_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def connect(url: str) -> Engine:
    """Make this process use the database at `url` for all its transactions."""
    disconnect()
    _Current.engine = make_engine(url)
    _Current.factory = sessionmaker(_Current.engine, expire_on_commit=False)
    return _Current.engine


def disconnect() -> None:
    """Close the connections of this process."""
    if _Current.engine is not None:
        _Current.engine.dispose()
    _Current.engine = _Current.factory = None


def engine() -> Engine:
    """Give the engine in use."""
    if _Current.engine is None:
        raise RuntimeError("no database: call database.connect first")
    return _Current.engine


def is_postgresql(db: Session) -> bool:
    """Tell whether a database session speaks to PostgreSQL."""
    return db.get_bind().dialect.name == "postgresql"


def before_commit(db: Session, name: str, work: Callable[[Session], None]) -> None:
    """Have `work` done once, as the last thing before this transaction commits.

    Hash chains use this: they lock the head of the chain, so they take that lock last and briefly.
    """
    db.info.setdefault(_BEFORE_COMMIT, {}).setdefault(name, work)


def finish(db: Session) -> None:
    """Do what was registered by `before_commit`; `transaction` calls this, tests may."""
    while waiting := db.info.pop(_BEFORE_COMMIT, None):
        for name in sorted(waiting):
            waiting[name](db)
    db.flush()


def insert_once(db: Session, table: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row unless one of its unique keys exists; tell whether it was inserted."""
    insert = postgresql_insert if is_postgresql(db) else sqlite_insert
    statement: Any = insert(table).values(**values).on_conflict_do_nothing().returning(literal_column("1"))
    # Not the row count: where a column has a default, SQLAlchemy fetches it back and the count is unknown.
    return db.execute(statement).first() is not None


def changed_rows(result: Result[Any]) -> int:
    """Give how many rows a guarded UPDATE, INSERT or DELETE changed."""
    return int(cast(CursorResult[Any], result).rowcount)


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the one writing transaction of an edge: commit at the end, roll back on any exception."""
    if _Current.factory is None:
        raise RuntimeError("no database: call database.connect first")
    with _Current.factory() as db:
        try:
            yield db
            finish(db)
            db.commit()
        except BaseException:
            db.rollback()
            raise


@contextmanager
def reading() -> Iterator[Session]:
    """Open a transaction that only reads; whatever it changed is rolled back."""
    if _Current.factory is None:
        raise RuntimeError("no database: call database.connect first")
    with _Current.factory() as db:
        db.connection(execution_options={"shanhuo_reading": True})
        try:
            yield db
        finally:
            db.rollback()


def may_retry(error: DBAPIError) -> bool:
    """Tell whether the database asks for the whole unit of work again (deadlock, serialization, busy)."""
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01") or "database is locked" in str(error.orig)


def in_transaction(work: Callable[[Session], T]) -> T:
    """Do `work` in one transaction; again from the start, at most 3 times, when the database asks for it."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction() as db:
                return work(db)
        except DBAPIError as error:
            if attempt == ATTEMPTS or not may_retry(error):
                raise
    raise AssertionError("unreachable")
