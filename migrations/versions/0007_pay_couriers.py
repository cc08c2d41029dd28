"""Let a pay run pay couriers: accounts and payments belong to a person or to a carrier.

SQLite makes a table anew where a constraint changes, with its indexes; none of these has guards. Downwards a
database that has paid a courier, or keeps a courier's account, refuses: nothing else could say whose it is.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BEFORE = "'growers', 'streamers', 'compensation', 'fees'"
AFTER = "'growers', 'streamers', 'compensation', 'fees', 'couriers'"

RUN = """CREATE TABLE shop_pay_run_anew (
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
)"""
RUN_COLUMNS = "id, number, kind, state, month, version, created_by, created_at, confirmed_by, confirmed_at, exported_at, sent_at, cancel_reason"
RUN_INDEXES = (
    """CREATE INDEX ix_shop_pay_run_created_at ON shop_pay_run (created_at)""",
    """CREATE UNIQUE INDEX uq_shop_pay_run_open ON shop_pay_run (kind) WHERE state IN ('draft', 'confirmed', 'exported')""",
)

ACCOUNT = """CREATE TABLE shop_payee_account_anew (
    id CHAR(32) NOT NULL,
{payee}
    kind VARCHAR(40) NOT NULL,
    number TEXT NOT NULL,
    holder VARCHAR(60) NOT NULL,
    bank VARCHAR(60) NOT NULL,
    branch VARCHAR(60) NOT NULL,
    state VARCHAR(40) NOT NULL,
    consent_paper VARCHAR(60) NOT NULL,
    version INTEGER NOT NULL,
    proposed_by CHAR(32) NOT NULL,
    proposed_at DATETIME NOT NULL,
    confirmed_by CHAR(32),
    confirmed_at DATETIME,
    usable_from DATETIME,
    CONSTRAINT pk_shop_payee_account PRIMARY KEY (id),
    CONSTRAINT ck_shop_payee_account_kind_known CHECK (kind IN ('bank', 'alipay')),
    CONSTRAINT ck_shop_payee_account_state_known CHECK (state IN ('proposed', 'confirmed', 'rejected', 'replaced')),
    CONSTRAINT ck_shop_payee_account_two_people CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by),
    CONSTRAINT ck_shop_payee_account_not_by_owner CHECK (confirmed_by IS NULL OR confirmed_by <> person_id),
    CONSTRAINT ck_shop_payee_account_usable_when_confirmed CHECK ((state IN ('confirmed', 'replaced')) = (usable_from IS NOT NULL)),
    CONSTRAINT ck_shop_payee_account_cooling_off CHECK (usable_from IS NULL OR (confirmed_by IS NOT NULL AND usable_from > confirmed_at)),
{rules}
    CONSTRAINT fk_shop_payee_account_person_id FOREIGN KEY(person_id) REFERENCES county_person (id),
    CONSTRAINT fk_shop_payee_account_proposed_by FOREIGN KEY(proposed_by) REFERENCES county_person (id),
    CONSTRAINT fk_shop_payee_account_confirmed_by FOREIGN KEY(confirmed_by) REFERENCES county_person (id)
)"""
ACCOUNT_COLUMNS = "id, person_id, kind, number, holder, bank, branch, state, consent_paper, version, proposed_by, proposed_at, confirmed_by, confirmed_at, usable_from"
ACCOUNT_RULES = {
    "ck_shop_payee_account_one_payee": "CHECK ((person_id IS NULL) <> (carrier_id IS NULL))",
    "ck_shop_payee_account_firms_have_a_bank": "CHECK (carrier_id IS NULL OR kind = 'bank')",
    "fk_shop_payee_account_carrier_id": "FOREIGN KEY(carrier_id) REFERENCES logistics_carrier (id)",
}
ACCOUNT_INDEXES = (
    """CREATE INDEX ix_shop_payee_account_person_id ON shop_payee_account (person_id)""",
    """CREATE INDEX ix_shop_payee_account_state ON shop_payee_account (state)""",
    """CREATE UNIQUE INDEX uq_shop_payee_account_proposal ON shop_payee_account (person_id, kind) WHERE state = 'proposed'""",
    """CREATE UNIQUE INDEX uq_shop_payee_account_current ON shop_payee_account (person_id, kind) WHERE state = 'confirmed'""",
)
ACCOUNT_INDEXES_NEW = (
    """CREATE INDEX ix_shop_payee_account_carrier_id ON shop_payee_account (carrier_id)""",
    """CREATE UNIQUE INDEX uq_shop_payee_account_carrier_proposal ON shop_payee_account (carrier_id, kind) WHERE state = 'proposed'""",
    """CREATE UNIQUE INDEX uq_shop_payee_account_carrier_current ON shop_payee_account (carrier_id, kind) WHERE state = 'confirmed'""",
)

ITEM = """CREATE TABLE shop_pay_item_anew (
    id CHAR(32) NOT NULL,
    number VARCHAR(20) NOT NULL,
    run_id CHAR(32) NOT NULL,
{payee}
    payee_account_id CHAR(32) NOT NULL,
    account VARCHAR(200) NOT NULL,
    gross_fen BIGINT NOT NULL,
    withheld_fen BIGINT NOT NULL,
    state VARCHAR(40) NOT NULL,
    reason VARCHAR(200) NOT NULL,
    settled_at DATETIME,
    retry_at DATETIME,
    CONSTRAINT pk_shop_pay_item PRIMARY KEY (id),
    CONSTRAINT ck_shop_pay_item_state_known CHECK (state IN ('planned', 'sent', 'paid', 'returned', 'cancelled')),
    CONSTRAINT uq_shop_pay_item_person UNIQUE (run_id, person_id),
    CONSTRAINT ck_shop_pay_item_gross_positive CHECK (gross_fen > 0),
    CONSTRAINT ck_shop_pay_item_withheld_less CHECK (withheld_fen >= 0 AND withheld_fen < gross_fen),
    CONSTRAINT ck_shop_pay_item_settled_at CHECK ((state IN ('paid', 'returned')) = (settled_at IS NOT NULL)),
{rules}
    CONSTRAINT uq_shop_pay_item_number UNIQUE (number),
    CONSTRAINT fk_shop_pay_item_run_id FOREIGN KEY(run_id) REFERENCES shop_pay_run (id),
    CONSTRAINT fk_shop_pay_item_person_id FOREIGN KEY(person_id) REFERENCES county_person (id),
    CONSTRAINT fk_shop_pay_item_payee_account_id FOREIGN KEY(payee_account_id) REFERENCES shop_payee_account (id)
)"""
ITEM_COLUMNS = "id, number, run_id, person_id, payee_account_id, account, gross_fen, withheld_fen, state, reason, settled_at, retry_at"
ITEM_RULES = {
    "uq_shop_pay_item_carrier": "UNIQUE (run_id, carrier_id)",
    "ck_shop_pay_item_one_payee": "CHECK ((person_id IS NULL) <> (carrier_id IS NULL))",
    "fk_shop_pay_item_carrier_id": "FOREIGN KEY(carrier_id) REFERENCES logistics_carrier (id)",
}
ITEM_INDEXES = (
    """CREATE INDEX ix_shop_pay_item_person_id ON shop_pay_item (person_id)""",
    """CREATE INDEX ix_shop_pay_item_run_id ON shop_pay_item (run_id)""",
)
ITEM_INDEXES_NEW = ("""CREATE INDEX ix_shop_pay_item_carrier_id ON shop_pay_item (carrier_id)""",)

PAYEE_BEFORE = "    person_id CHAR(32) NOT NULL,"
PAYEE_AFTER = "    person_id CHAR(32),\n    carrier_id CHAR(32),"


def upgrade() -> None:
    """Give accounts and payments a carrier in place of a person, and let runs be of the kind `couriers`."""
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(kinds=AFTER, is_up=True)
        return
    for table, rules in (("shop_payee_account", ACCOUNT_RULES), ("shop_pay_item", ITEM_RULES)):
        _do(f"ALTER TABLE {table} ALTER COLUMN person_id DROP NOT NULL")
        _do(f"ALTER TABLE {table} ADD COLUMN carrier_id UUID")
        for name, rule in rules.items():
            _do(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
    _do(*ACCOUNT_INDEXES_NEW, *ITEM_INDEXES_NEW)
    _allow_kinds(AFTER)


def downgrade() -> None:
    """Take it back; refused by the tables themselves when a courier has an account or a payment."""
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(kinds=BEFORE, is_up=False)
        return
    _allow_kinds(BEFORE)
    for table in ("shop_pay_item", "shop_payee_account"):
        _do(f"ALTER TABLE {table} ALTER COLUMN person_id SET NOT NULL")
        _do(f"ALTER TABLE {table} DROP COLUMN carrier_id CASCADE")


def _make_anew(*, kinds: str, is_up: bool) -> None:
    payee = PAYEE_AFTER if is_up else PAYEE_BEFORE
    _replace("shop_pay_run", RUN.format(kinds=kinds), RUN_COLUMNS)
    _replace(
        "shop_payee_account", ACCOUNT.format(payee=payee, rules=_lines(ACCOUNT_RULES, is_up)), ACCOUNT_COLUMNS
    )
    _replace("shop_pay_item", ITEM.format(payee=payee, rules=_lines(ITEM_RULES, is_up)), ITEM_COLUMNS)
    _do(*RUN_INDEXES, *ACCOUNT_INDEXES, *ITEM_INDEXES)
    if is_up:
        _do(*ACCOUNT_INDEXES_NEW, *ITEM_INDEXES_NEW)


def _lines(rules: dict[str, str], is_up: bool) -> str:
    return "\n".join(f"    CONSTRAINT {name} {rule}," for name, rule in rules.items()) if is_up else ""


def _replace(table: str, made_anew: str, columns: str) -> None:
    """Put a table made anew in the place of the old one, with the old one's rows."""
    _do(
        made_anew,
        f"INSERT INTO {table}_anew ({columns}) SELECT {columns} FROM {table}",
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_anew RENAME TO {table}",
    )


def _allow_kinds(kinds: str) -> None:
    _do(
        "ALTER TABLE shop_pay_run DROP CONSTRAINT ck_shop_pay_run_kind_known",
        f"ALTER TABLE shop_pay_run ADD CONSTRAINT ck_shop_pay_run_kind_known CHECK (kind IN ({kinds}))",
    )


def _do(*statements: str) -> None:
    connection = op.get_bind().execution_options(no_parameters=True)
    for statement in statements:
        connection.exec_driver_sql(statement)
