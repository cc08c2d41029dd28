"""The rows of the ledger, and the guards that make the database itself refuse what must never happen."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from county import guards
from county.database import Base, EnumText, UtcDateTime, one_of
from county.ledger.types import MOST_FEN, AccountKind, Book, HoldState

_REVERSES = text("reverses_id IS NOT NULL")
SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


class AccountRow(Base):
    """One account of one book, opened on its first use."""

    __tablename__ = "county_account"

    id: Mapped[int] = mapped_column(SEQUENCE, primary_key=True)
    book: Mapped[Book] = mapped_column(EnumText(Book))
    code: Mapped[str] = mapped_column(String(200))
    kind: Mapped[AccountKind] = mapped_column(EnumText(AccountKind))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("book", "code", name="uq_county_account_book_code"),
        one_of("book", Book),
        one_of("kind", AccountKind),
        CheckConstraint(
            "code = kind OR substr(code, 1, length(kind) + 1) = kind || ':'", name="code_has_kind"
        ),
    )


class EntryRow(Base):
    """One movement of money; its postings are written before it and checked when it is."""

    __tablename__ = "county_entry"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    book: Mapped[Book] = mapped_column(EnumText(Book))
    cause_kind: Mapped[str] = mapped_column(String(100))
    cause_ref: Mapped[str] = mapped_column(String(200))
    memo: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    effective_on: Mapped[date]
    late_for_on: Mapped[date | None]
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_entry.id"))
    content_hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("key", name="uq_county_entry_key"),
        one_of("book", Book),
        CheckConstraint("key <> '' AND cause_kind <> '' AND cause_ref <> ''", name="names_its_cause"),
        CheckConstraint("late_for_on < effective_on", name="late_is_later"),
        CheckConstraint("reverses_id <> id", name="reverses_another"),
        # Partial: an index full of NULLs makes SQLite, after ANALYZE, read the whole table instead.
        Index(
            "uq_county_entry_reverses_id",
            "reverses_id",
            unique=True,
            sqlite_where=_REVERSES,
            postgresql_where=_REVERSES,
        ),
        Index("ix_county_entry_cause", "cause_kind", "cause_ref"),
        Index("ix_county_entry_effective_on", "effective_on"),
    )


class PostingRow(Base):
    """One line of an entry."""

    __tablename__ = "county_posting"

    # Deferred: postings come first, so that the entry can be refused when they do not balance.
    entry_id: Mapped[UUID] = mapped_column(
        ForeignKey("county_entry.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    line: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("county_account.id"))
    fen: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint(f"fen <> 0 AND fen BETWEEN -{MOST_FEN} AND {MOST_FEN}", name="fen_in_range"),
        CheckConstraint("line >= 1", name="line_from_one"),
        # The amount is in the index, so that a balance is read from it alone.
        Index("ix_county_posting_account_id_fen", "account_id", "fen"),
    )


class HoldRow(Base):
    """Money of an account that is spoken for."""

    __tablename__ = "county_hold"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int] = mapped_column(ForeignKey("county_account.id"))
    fen: Mapped[int] = mapped_column(BigInteger)
    cause_kind: Mapped[str] = mapped_column(String(100))
    cause_ref: Mapped[str] = mapped_column(String(200))
    state: Mapped[HoldState] = mapped_column(EnumText(HoldState))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    captured_by: Mapped[UUID | None] = mapped_column(ForeignKey("county_entry.id"))

    __table_args__ = (
        UniqueConstraint("key", name="uq_county_hold_key"),
        one_of("state", HoldState),
        CheckConstraint("fen > 0", name="fen_positive"),
        CheckConstraint("expires_at > held_at", name="expires_later"),
        CheckConstraint("(state = 'captured') = (captured_by IS NOT NULL)", name="captured_by_an_entry"),
        Index("ix_county_hold_account_id", "account_id", "state", "expires_at"),
    )


class PeriodRow(Base):
    """A closed period of a book."""

    __tablename__ = "county_period"

    book: Mapped[Book] = mapped_column(EnumText(Book), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    ends_on: Mapped[date]
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        one_of("book", Book),
        UniqueConstraint("book", "ends_on", name="uq_county_period_book_ends_on"),
        CheckConstraint("ends_on > starts_on", name="has_days"),
    )


class LedgerSealRow(Base):
    """One link of the chain, written as the last thing before the commit."""

    __tablename__ = "county_ledger_seal"

    sequence: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("county_entry.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    __table_args__ = (CheckConstraint("sequence >= 1", name="from_one"),)


ACCOUNTS = Base.metadata.tables["county_account"]
ENTRIES = Base.metadata.tables["county_entry"]
POSTINGS = Base.metadata.tables["county_posting"]
HOLDS = Base.metadata.tables["county_hold"]
PERIODS = Base.metadata.tables["county_period"]
SEALS = Base.metadata.tables["county_ledger_seal"]


def _refuse(
    table: type[Base], name: str, *, when: str, says: str, on: str = "INSERT", before: str = ""
) -> None:
    """Declare a guard that refuses a new row for which `when` is true, with the same words on both."""
    there = table.__tablename__
    guards.guard(
        table,
        name,
        sqlite=(
            f"CREATE TRIGGER {name} BEFORE {on} ON {there} WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{says}'); END",
        ),
        postgresql=(
            # Its plan is kept: one made while the table was small must not read all of it ever after.
            f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql "
            f"SET enable_seqscan = off AS $$ BEGIN {before} "
            f"IF {when} THEN RAISE EXCEPTION '{says}' USING ERRCODE = 'restrict_violation'; END IF; "
            f"RETURN NEW; END $$",
            f"CREATE TRIGGER {name} BEFORE {on} ON {there} FOR EACH ROW EXECUTE FUNCTION {name}_refuse()",
        ),
    )


def _no_replace(table: type[Base], name: str, *keys: tuple[str, ...]) -> None:
    """Refuse INSERT OR REPLACE over other unique keys than the primary one (SQLite only knows it)."""
    same = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table.__tablename__} "
        f"WHERE {' AND '.join(f'{column} = NEW.{column}' for column in key)})"
        for key in keys
    )
    says = f"{table.__tablename__} has this key already"
    statement = (
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table.__tablename__} "
        f"WHEN {same} BEGIN SELECT RAISE(ABORT, '{says}'); END"
    )
    guards.guard(table, name, sqlite=(statement,), postgresql=())


# Closing a period waits for entries under way, and entries wait for it.
_PERIOD_LOCK = 7219002

for _table, _name in (
    (AccountRow, "county_account_kept"),
    (EntryRow, "county_entry_kept"),
    (PostingRow, "county_posting_kept"),
    (PeriodRow, "county_period_kept"),
    (LedgerSealRow, "county_ledger_seal_kept"),
):
    guards.append_only(_table, _name)
_no_replace(AccountRow, "county_account_one", ("book", "code"))
_no_replace(EntryRow, "county_entry_one", ("key",), ("reverses_id",))
_no_replace(PeriodRow, "county_period_one", ("book", "ends_on"))
_no_replace(LedgerSealRow, "county_ledger_seal_one", ("entry_id",), ("hash",))
_no_replace(HoldRow, "county_hold_one", ("key",), ("id",))
_refuse(
    PostingRow,
    "county_posting_before_entry",
    when="EXISTS (SELECT 1 FROM county_entry WHERE id = NEW.entry_id)",
    says="county_entry takes no further postings",
)
_refuse(
    EntryRow,
    "county_entry_balanced",
    # The account is looked up row by row: after ANALYZE a join could read an account's whole history.
    when="(SELECT count(*) < 2 OR coalesce(sum(p.fen), 1) <> 0 OR sum(CASE WHEN NEW.book = "
    "(SELECT a.book FROM county_account a WHERE a.id = p.account_id) THEN 0 ELSE 1 END) > 0 "
    "FROM county_posting p WHERE p.entry_id = NEW.id)",
    says="county_entry needs two or more postings of its book that sum to 0",
)
_refuse(
    EntryRow,
    "county_entry_in_open_period",
    when="EXISTS (SELECT 1 FROM county_period WHERE book = NEW.book AND ends_on > NEW.effective_on)",
    says="county_entry falls into a closed period",
    before=f"PERFORM pg_advisory_xact_lock_shared({_PERIOD_LOCK});",
)
_refuse(
    PeriodRow,
    "county_period_contiguous",
    when="NEW.starts_on <> (SELECT max(ends_on) FROM county_period WHERE book = NEW.book)",
    says="county_period begins where the last one ended",
    before=f"PERFORM pg_advisory_xact_lock({_PERIOD_LOCK});",
)
_refuse(
    LedgerSealRow,
    "county_ledger_seal_contiguous",
    when="NEW.sequence <> 1 + coalesce((SELECT max(sequence) FROM county_ledger_seal), 0)",
    says="county_ledger_seal has no gaps",
)
_refuse(
    HoldRow,
    "county_hold_closes_once",
    on="UPDATE",
    when="OLD.state <> 'held' OR NEW.state = 'held' OR NEW.fen <> OLD.fen OR NEW.key <> OLD.key "
    "OR NEW.account_id <> OLD.account_id OR NEW.expires_at <> OLD.expires_at OR NEW.id <> OLD.id",
    says="county_hold is closed once and not changed otherwise",
)
guards.guard(
    HoldRow,
    "county_hold_no_delete",
    sqlite=(
        "CREATE TRIGGER county_hold_no_delete BEFORE DELETE ON county_hold "
        "BEGIN SELECT RAISE(ABORT, 'county_hold is kept'); END",
    ),
    postgresql=(
        "CREATE FUNCTION county_hold_no_delete_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'county_hold is kept' USING ERRCODE = 'restrict_violation'; END $$",
        "CREATE TRIGGER county_hold_no_delete BEFORE DELETE OR TRUNCATE ON county_hold "
        "FOR EACH STATEMENT EXECUTE FUNCTION county_hold_no_delete_refuse()",
    ),
)
