"""Let every line of the bank's statement be booked: withdrawals become one kind of it.

Own money is no seller's any more, and a reference stands on a statement once: where two sellers had the same in
force, the later line's gets an end such as /2. Downwards a database that holds what the old table cannot say
refuses by that table's own rules: what went out, what couriers paid, own money whose seller nothing names.
"""

from alembic import op
from sqlalchemy import text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LINE = """CREATE TABLE shop_bank_line (
    id {uuid} NOT NULL,
    kind VARCHAR(40) NOT NULL,
    seller_id {uuid},
    carrier_id {uuid},
    fen BIGINT NOT NULL,
    moved_on DATE NOT NULL,
    reference VARCHAR(64) NOT NULL,
    note VARCHAR(80) NOT NULL,
    entry_key VARCHAR(200) NOT NULL,
    booked_by {uuid} NOT NULL,
    booked_at {instant} NOT NULL,
    reversed_by {uuid},
    reversed_at {instant},
    reverse_reason VARCHAR(200) NOT NULL,
    CONSTRAINT pk_shop_bank_line PRIMARY KEY (id),
    CONSTRAINT ck_shop_bank_line_kind_known CHECK (kind IN ('alipay', 'own_in', 'courier_in', 'tax', 'service', 'freight', 'spending', 'own_out')),
    CONSTRAINT ck_shop_bank_line_fen_positive CHECK (fen > 0),
    CONSTRAINT ck_shop_bank_line_party_of_its_kind CHECK ((kind = 'alipay') = (seller_id IS NOT NULL) AND (kind = 'courier_in') = (carrier_id IS NOT NULL)),
    CONSTRAINT ck_shop_bank_line_spent_on_something CHECK (kind <> 'spending' OR note <> ''),
    CONSTRAINT ck_shop_bank_line_reversed_by_somebody_for_a_reason CHECK ((reversed_at IS NULL) = (reversed_by IS NULL) AND (reversed_at IS NULL) = (reverse_reason = '')),
    CONSTRAINT uq_shop_bank_line_entry_key UNIQUE (entry_key),
    CONSTRAINT fk_shop_bank_line_seller_id FOREIGN KEY(seller_id) REFERENCES shop_seller (id),
    CONSTRAINT fk_shop_bank_line_carrier_id FOREIGN KEY(carrier_id) REFERENCES logistics_carrier (id),
    CONSTRAINT fk_shop_bank_line_booked_by FOREIGN KEY(booked_by) REFERENCES county_person (id),
    CONSTRAINT fk_shop_bank_line_reversed_by FOREIGN KEY(reversed_by) REFERENCES county_person (id)
)"""
FROM_WITHDRAWALS = """INSERT INTO shop_bank_line (id, kind, seller_id, fen, moved_on, reference, note, entry_key, booked_by, booked_at, reversed_by, reversed_at, reverse_reason) SELECT id, CASE source WHEN 'own' THEN 'own_in' ELSE source END, CASE source WHEN 'own' THEN NULL ELSE seller_id END, fen, arrived_on, reference, '', entry_key, booked_by, booked_at, reversed_by, reversed_at, reverse_reason FROM shop_withdrawal"""
LINE_INDEXES = (
    """CREATE INDEX ix_shop_bank_line_booked_at ON shop_bank_line (booked_at)""",
    """CREATE UNIQUE INDEX uq_shop_bank_line_in_force ON shop_bank_line (reference) WHERE reversed_at IS NULL""",
)

WITHDRAWAL = """CREATE TABLE shop_withdrawal (
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
# The key of a line that was a withdrawal names its seller: `withdrawal:<seller>:<reference>`.
FROM_LINES = """INSERT INTO shop_withdrawal (id, seller_id, source, fen, arrived_on, reference, entry_key, booked_by, booked_at, reversed_by, reversed_at, reverse_reason) SELECT id, CASE WHEN seller_id IS NOT NULL THEN seller_id WHEN entry_key LIKE 'withdrawal:%' THEN {seller} END, CASE kind WHEN 'own_in' THEN 'own' ELSE kind END, fen, moved_on, reference, entry_key, booked_by, booked_at, reversed_by, reversed_at, reverse_reason FROM shop_bank_line"""
WITHDRAWAL_INDEXES = (
    """CREATE INDEX ix_shop_withdrawal_booked_at ON shop_withdrawal (booked_at)""",
    """CREATE UNIQUE INDEX uq_shop_withdrawal_in_force ON shop_withdrawal (seller_id, reference) WHERE reversed_at IS NULL""",
)


def upgrade() -> None:
    """Make the table of lines from that of withdrawals."""
    _do(LINE.format(**_types()), FROM_WITHDRAWALS)
    _tell_references_apart()
    _do(*LINE_INDEXES, "DROP TABLE shop_withdrawal")


def downgrade() -> None:
    """Make the table of withdrawals from that of lines; it refuses lines that are none."""
    words = _types()
    _do(WITHDRAWAL.format(uuid=words["uuid"], instant=words["instant"]))
    _do(FROM_LINES.format(seller=words["seller"]), *WITHDRAWAL_INDEXES, "DROP TABLE shop_bank_line")


def _tell_references_apart() -> None:
    """Give the later of two lines in force with one reference an end: the first of /2, /3 … that is free."""
    connection = op.get_bind()
    lines = connection.execute(
        text(
            "SELECT id, reference FROM shop_bank_line WHERE reversed_at IS NULL ORDER BY booked_at, entry_key"
        )
    ).all()
    taken, seen = {line.reference for line in lines}, set()
    for line in lines:
        reference, number = line.reference, 1
        if reference in seen:
            while reference in taken:
                number += 1
                reference = f"{line.reference}/{number}"
            connection.execute(
                text("UPDATE shop_bank_line SET reference = :reference WHERE id = :id"),
                {"reference": reference, "id": line.id},
            )
        taken.add(reference)
        seen.add(reference)


def _types() -> dict[str, str]:
    """Say the types, and how a seller's id is read from a key, as this database does."""
    if op.get_bind().dialect.name == "sqlite":
        seller = "replace(substr(entry_key, 12, 36), '-', '')"
        return {"uuid": "CHAR(32)", "instant": "DATETIME", "seller": seller}
    seller = "CAST(substr(entry_key, 12, 36) AS UUID)"
    return {"uuid": "UUID", "instant": "TIMESTAMP WITH TIME ZONE", "seller": seller}


def _do(*statements: str) -> None:
    connection = op.get_bind().execution_options(no_parameters=True)
    for statement in statements:
        connection.exec_driver_sql(statement)
