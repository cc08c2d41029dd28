"""Add withdrawals: money that arrived in the bank account; and pay runs of Alipay's fees, as of 2026-11-28."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE = "'growers', 'streamers', 'compensation'"
AFTER = "'growers', 'streamers', 'compensation', 'fees'"

TABLE = """CREATE TABLE shop_withdrawal (
    id {uuid} NOT NULL,
    seller_id {uuid} NOT NULL,
    source VARCHAR(40) NOT NULL,
    fen BIGINT NOT NULL,
    arrived_on DATE NOT NULL,
    reference VARCHAR(60) NOT NULL,
    entry_key VARCHAR(200) NOT NULL,
    booked_by {uuid} NOT NULL,
    booked_at {instant} NOT NULL,
    reversed_by {uuid},
    reversed_at {instant},
    reverse_reason VARCHAR(200) NOT NULL,
    CONSTRAINT pk_shop_withdrawal PRIMARY KEY (id),
    CONSTRAINT ck_shop_withdrawal_source_known CHECK (source IN ('alipay', 'own')),
    CONSTRAINT ck_shop_withdrawal_fen_positive CHECK (fen > 0),
    CONSTRAINT ck_shop_withdrawal_reversed_by_somebody_for_a_reason CHECK ((reversed_at IS NULL) = (reversed_by IS NULL) AND (reversed_at IS NULL) = (reverse_reason = '')),
    CONSTRAINT uq_shop_withdrawal_entry_key UNIQUE (entry_key),
    CONSTRAINT fk_shop_withdrawal_seller_id FOREIGN KEY(seller_id) REFERENCES shop_seller (id),
    CONSTRAINT fk_shop_withdrawal_booked_by FOREIGN KEY(booked_by) REFERENCES county_person (id),
    CONSTRAINT fk_shop_withdrawal_reversed_by FOREIGN KEY(reversed_by) REFERENCES county_person (id)
)"""
INDEXES = (
    """CREATE INDEX ix_shop_withdrawal_booked_at ON shop_withdrawal (booked_at)""",
    """CREATE UNIQUE INDEX uq_shop_withdrawal_in_force ON shop_withdrawal (seller_id, reference) WHERE reversed_at IS NULL""",
)

# SQLite changes no CHECK: the table is made anew. It has no triggers; its rows and their names stay as they are.
RUNS_ANEW = (
    """CREATE TABLE shop_pay_run_anew (
    id CHAR(32) NOT NULL,
    number VARCHAR(20) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    state VARCHAR(40) NOT NULL,
    month VARCHAR(7) NOT NULL,
    version INTEGER NOT NULL,
    created_by CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    confirmed_by CHAR(32),
    confirmed_at DATETIME,
    exported_at DATETIME,
    sent_at DATETIME,
    cancel_reason VARCHAR(200) NOT NULL,
    CONSTRAINT pk_shop_pay_run PRIMARY KEY (id),
    CONSTRAINT ck_shop_pay_run_kind_known CHECK (kind IN ({kinds})),
    CONSTRAINT ck_shop_pay_run_state_known CHECK (state IN ('draft', 'confirmed', 'exported', 'sent', 'done', 'cancelled')),
    CONSTRAINT ck_shop_pay_run_two_people CHECK (confirmed_by IS NULL OR confirmed_by <> created_by),
    CONSTRAINT ck_shop_pay_run_confirmed_first CHECK (state NOT IN ('confirmed', 'exported', 'sent', 'done') OR confirmed_by IS NOT NULL),
    CONSTRAINT ck_shop_pay_run_sent_with_time CHECK ((state IN ('sent', 'done')) = (sent_at IS NOT NULL)),
    CONSTRAINT uq_shop_pay_run_number UNIQUE (number),
    CONSTRAINT fk_shop_pay_run_created_by FOREIGN KEY(created_by) REFERENCES county_person (id),
    CONSTRAINT fk_shop_pay_run_confirmed_by FOREIGN KEY(confirmed_by) REFERENCES county_person (id)
)""",
    """INSERT INTO shop_pay_run_anew SELECT id, number, kind, state, month, version, created_by, created_at, confirmed_by, confirmed_at, exported_at, sent_at, cancel_reason FROM shop_pay_run""",
    """DROP TABLE shop_pay_run""",
    """ALTER TABLE shop_pay_run_anew RENAME TO shop_pay_run""",
    """CREATE INDEX ix_shop_pay_run_created_at ON shop_pay_run (created_at)""",
    """CREATE UNIQUE INDEX uq_shop_pay_run_open ON shop_pay_run (kind) WHERE state IN ('draft', 'confirmed', 'exported')""",
)
KINDS_ANEW = (
    """ALTER TABLE shop_pay_run DROP CONSTRAINT ck_shop_pay_run_kind_known""",
    """ALTER TABLE shop_pay_run ADD CONSTRAINT ck_shop_pay_run_kind_known CHECK (kind IN ({kinds}))""",
)


def upgrade() -> None:
    """Make the table, and let runs be of the kind `fees`."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    uuid, instant = ("CHAR(32)", "DATETIME") if is_sqlite else ("UUID", "TIMESTAMP WITH TIME ZONE")
    _do((TABLE.format(uuid=uuid, instant=instant), *INDEXES))
    _allow_kinds(AFTER)


def downgrade() -> None:
    """Take both back; a database with a run of fees refuses, since nothing else could say what it paid."""
    _allow_kinds(BEFORE)
    _do(("DROP TABLE shop_withdrawal",))


def _allow_kinds(kinds: str) -> None:
    statements = RUNS_ANEW if op.get_bind().dialect.name == "sqlite" else KINDS_ANEW
    _do(tuple(each.replace("{kinds}", kinds) for each in statements))


def _do(statements: tuple[str, ...]) -> None:
    connection = op.get_bind().execution_options(no_parameters=True)
    for statement in statements:
        connection.exec_driver_sql(statement)
