"""Let damage and loss that was told by mistake be taken back; find what shows a picture by it.

Downwards what was taken back stands again, as it did before.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TABLE logistics_tracking_mistake (
    event_id CHAR(32) NOT NULL,
    why VARCHAR(200) NOT NULL,
    taken_back_at DATETIME NOT NULL,
    CONSTRAINT pk_logistics_tracking_mistake PRIMARY KEY (event_id),
    CONSTRAINT ck_logistics_tracking_mistake_why_said CHECK (why <> ''),
    CONSTRAINT fk_logistics_tracking_mistake_event_id FOREIGN KEY(event_id) REFERENCES logistics_tracking_event (id)
)""",
    """CREATE TRIGGER logistics_tracking_mistake_no_update BEFORE UPDATE ON logistics_tracking_mistake BEGIN SELECT RAISE(ABORT, 'logistics_tracking_mistake is append-only'); END""",
    """CREATE TRIGGER logistics_tracking_mistake_no_delete BEFORE DELETE ON logistics_tracking_mistake BEGIN SELECT RAISE(ABORT, 'logistics_tracking_mistake is append-only'); END""",
    """CREATE TRIGGER logistics_tracking_mistake_no_replace BEFORE INSERT ON logistics_tracking_mistake WHEN EXISTS (SELECT 1 FROM logistics_tracking_mistake WHERE event_id = NEW.event_id) BEGIN SELECT RAISE(ABORT, 'logistics_tracking_mistake is append-only'); END""",
    """CREATE INDEX ix_shop_product_picture_id ON shop_product (picture_id)""",
    """CREATE INDEX ix_logistics_tracking_event_picture_id ON logistics_tracking_event (picture_id) WHERE picture_id IS NOT NULL""",
)

SQLITE_BACK = (
    """DROP INDEX ix_logistics_tracking_event_picture_id""",
    """DROP INDEX ix_shop_product_picture_id""",
    """DROP TABLE logistics_tracking_mistake""",
)

POSTGRESQL = (
    """CREATE TABLE logistics_tracking_mistake (
    event_id UUID NOT NULL,
    why VARCHAR(200) NOT NULL,
    taken_back_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_logistics_tracking_mistake PRIMARY KEY (event_id),
    CONSTRAINT ck_logistics_tracking_mistake_why_said CHECK (why <> ''),
    CONSTRAINT fk_logistics_tracking_mistake_event_id FOREIGN KEY(event_id) REFERENCES logistics_tracking_event (id)
)""",
    """CREATE FUNCTION logistics_tracking_mistake_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'logistics_tracking_mistake is append-only' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER logistics_tracking_mistake_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON logistics_tracking_mistake FOR EACH STATEMENT EXECUTE FUNCTION logistics_tracking_mistake_refuse()""",
    """CREATE INDEX ix_shop_product_picture_id ON shop_product (picture_id)""",
    """CREATE INDEX ix_logistics_tracking_event_picture_id ON logistics_tracking_event (picture_id) WHERE picture_id IS NOT NULL""",
)

POSTGRESQL_BACK = (
    """DROP INDEX ix_logistics_tracking_event_picture_id""",
    """DROP INDEX ix_shop_product_picture_id""",
    """DROP FUNCTION logistics_tracking_mistake_refuse() CASCADE""",
    """DROP TABLE logistics_tracking_mistake CASCADE""",
)


def upgrade() -> None:
    """Make the table with its guards, and the indexes."""
    _do(SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL)


def downgrade() -> None:
    """Drop what `upgrade` made, the last thing first."""
    _do(SQLITE_BACK if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_BACK)


def _do(statements: tuple[str, ...]) -> None:
    connection = op.get_bind().execution_options(no_parameters=True)
    for statement in statements:
        connection.exec_driver_sql(statement)
