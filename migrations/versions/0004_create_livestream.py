"""Create livestream, as of 2026-11-28."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TABLE livestream_studio (
    id CHAR(32) NOT NULL,
    name VARCHAR(60) NOT NULL,
    is_cold BOOLEAN NOT NULL,
    CONSTRAINT pk_livestream_studio PRIMARY KEY (id),
    CONSTRAINT uq_livestream_studio_name UNIQUE (name)
)""",
    """CREATE TABLE livestream_streamer (
    person_id CHAR(32) NOT NULL,
    level VARCHAR(40) NOT NULL,
    born_on DATE NOT NULL,
    guardian_paper VARCHAR(60) NOT NULL,
    certified_until DATE NOT NULL,
    CONSTRAINT pk_livestream_streamer PRIMARY KEY (person_id),
    CONSTRAINT ck_livestream_streamer_level_known CHECK (level IN ('trainee', 'certified', 'senior')),
    CONSTRAINT fk_livestream_streamer_person_id FOREIGN KEY(person_id) REFERENCES county_person (id)
)""",
    """CREATE TABLE livestream_availability (
    id CHAR(32) NOT NULL,
    streamer_id CHAR(32) NOT NULL,
    start_at DATETIME NOT NULL,
    end_at DATETIME NOT NULL,
    CONSTRAINT pk_livestream_availability PRIMARY KEY (id),
    CONSTRAINT ck_livestream_availability_span CHECK (start_at < end_at),
    CONSTRAINT fk_livestream_availability_streamer_id FOREIGN KEY(streamer_id) REFERENCES livestream_streamer (person_id)
)""",
    """CREATE INDEX ix_livestream_availability_streamer_id ON livestream_availability (streamer_id)""",
    """CREATE TRIGGER livestream_availability_once_insert BEFORE INSERT ON livestream_availability WHEN 1 AND EXISTS (SELECT 1 FROM livestream_availability o WHERE o.streamer_id = NEW.streamer_id AND o.id <> NEW.id AND o.start_at < NEW.end_at AND NEW.start_at < o.end_at) BEGIN SELECT RAISE(ABORT, 'livestream_availability_once: spans overlap'); END""",
    """CREATE TRIGGER livestream_availability_once_update BEFORE UPDATE ON livestream_availability WHEN 1 AND EXISTS (SELECT 1 FROM livestream_availability o WHERE o.streamer_id = NEW.streamer_id AND o.id <> NEW.id AND o.start_at < NEW.end_at AND NEW.start_at < o.end_at) BEGIN SELECT RAISE(ABORT, 'livestream_availability_once: spans overlap'); END""",
    """CREATE TABLE livestream_session (
    id CHAR(32) NOT NULL,
    number VARCHAR(20) NOT NULL,
    title VARCHAR(60) NOT NULL,
    farmer_id CHAR(32) NOT NULL,
    streamer_id CHAR(32),
    studio_id CHAR(32),
    start_at DATETIME NOT NULL,
    end_at DATETIME NOT NULL,
    state VARCHAR(40) NOT NULL,
    requested_at DATETIME NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_livestream_session PRIMARY KEY (id),
    CONSTRAINT ck_livestream_session_state_known CHECK (state IN ('requested', 'confirmed', 'live', 'ended', 'cancelled')),
    CONSTRAINT ck_livestream_session_span CHECK (start_at < end_at),
    CONSTRAINT ck_livestream_session_booked_with_streamer_and_studio CHECK (state IN ('requested', 'cancelled') OR (streamer_id IS NOT NULL AND studio_id IS NOT NULL)),
    CONSTRAINT uq_livestream_session_number UNIQUE (number),
    CONSTRAINT fk_livestream_session_farmer_id FOREIGN KEY(farmer_id) REFERENCES county_person (id),
    CONSTRAINT fk_livestream_session_streamer_id FOREIGN KEY(streamer_id) REFERENCES livestream_streamer (person_id),
    CONSTRAINT fk_livestream_session_studio_id FOREIGN KEY(studio_id) REFERENCES livestream_studio (id)
)""",
    """CREATE INDEX ix_livestream_session_streamer_id ON livestream_session (streamer_id)""",
    """CREATE INDEX ix_livestream_session_farmer_id ON livestream_session (farmer_id)""",
    """CREATE INDEX ix_livestream_session_start_at ON livestream_session (start_at)""",
    """CREATE INDEX ix_livestream_session_studio_id ON livestream_session (studio_id)""",
    """CREATE TRIGGER livestream_session_streamer_once_insert BEFORE INSERT ON livestream_session WHEN (NEW.state IN ('confirmed', 'live')) AND EXISTS (SELECT 1 FROM livestream_session o WHERE o.streamer_id = NEW.streamer_id AND o.id <> NEW.id AND o.start_at < NEW.end_at AND NEW.start_at < o.end_at AND (o.state IN ('confirmed', 'live'))) BEGIN SELECT RAISE(ABORT, 'livestream_session_streamer_once: spans overlap'); END""",
    """CREATE TRIGGER livestream_session_streamer_once_update BEFORE UPDATE ON livestream_session WHEN (NEW.state IN ('confirmed', 'live')) AND EXISTS (SELECT 1 FROM livestream_session o WHERE o.streamer_id = NEW.streamer_id AND o.id <> NEW.id AND o.start_at < NEW.end_at AND NEW.start_at < o.end_at AND (o.state IN ('confirmed', 'live'))) BEGIN SELECT RAISE(ABORT, 'livestream_session_streamer_once: spans overlap'); END""",
    """CREATE TRIGGER livestream_session_studio_once_insert BEFORE INSERT ON livestream_session WHEN (NEW.state IN ('confirmed', 'live')) AND EXISTS (SELECT 1 FROM livestream_session o WHERE o.studio_id = NEW.studio_id AND o.id <> NEW.id AND o.start_at < NEW.end_at AND NEW.start_at < o.end_at AND (o.state IN ('confirmed', 'live'))) BEGIN SELECT RAISE(ABORT, 'livestream_session_studio_once: spans overlap'); END""",
    """CREATE TRIGGER livestream_session_studio_once_update BEFORE UPDATE ON livestream_session WHEN (NEW.state IN ('confirmed', 'live')) AND EXISTS (SELECT 1 FROM livestream_session o WHERE o.studio_id = NEW.studio_id AND o.id <> NEW.id AND o.start_at < NEW.end_at AND NEW.start_at < o.end_at AND (o.state IN ('confirmed', 'live'))) BEGIN SELECT RAISE(ABORT, 'livestream_session_studio_once: spans overlap'); END""",
    """CREATE TABLE livestream_attributed_sale (
    order_no VARCHAR(20) NOT NULL,
    session_id CHAR(32) NOT NULL,
    streamer_id CHAR(32) NOT NULL,
    goods_fen BIGINT NOT NULL,
    commission_fen BIGINT NOT NULL,
    sold_at DATETIME NOT NULL,
    is_final BOOLEAN NOT NULL,
    CONSTRAINT pk_livestream_attributed_sale PRIMARY KEY (order_no),
    CONSTRAINT ck_livestream_attributed_sale_fen_not_negative CHECK (goods_fen >= 0 AND commission_fen >= 0),
    CONSTRAINT ck_livestream_attributed_sale_commission_within_goods CHECK (commission_fen <= goods_fen),
    CONSTRAINT fk_livestream_attributed_sale_order_no FOREIGN KEY(order_no) REFERENCES shop_order (number),
    CONSTRAINT fk_livestream_attributed_sale_session_id FOREIGN KEY(session_id) REFERENCES livestream_session (id),
    CONSTRAINT fk_livestream_attributed_sale_streamer_id FOREIGN KEY(streamer_id) REFERENCES livestream_streamer (person_id)
)""",
    """CREATE INDEX ix_livestream_attributed_sale_streamer_id ON livestream_attributed_sale (streamer_id)""",
    """CREATE INDEX ix_livestream_attributed_sale_session_id ON livestream_attributed_sale (session_id)""",
    """CREATE TABLE livestream_counter (
    session_id CHAR(32) NOT NULL,
    last BIGINT NOT NULL,
    CONSTRAINT pk_livestream_counter PRIMARY KEY (session_id),
    CONSTRAINT ck_livestream_counter_last_not_negative CHECK (last >= 0),
    CONSTRAINT fk_livestream_counter_session_id FOREIGN KEY(session_id) REFERENCES livestream_session (id)
)""",
    """CREATE TABLE livestream_event (
    session_id CHAR(32) NOT NULL,
    number BIGINT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    state JSON NOT NULL,
    sent_at DATETIME NOT NULL,
    CONSTRAINT pk_livestream_event PRIMARY KEY (session_id, number),
    CONSTRAINT ck_livestream_event_kind_known CHECK (kind IN ('pin', 'price', 'stock', 'chat', 'notice', 'end')),
    CONSTRAINT fk_livestream_event_session_id FOREIGN KEY(session_id) REFERENCES livestream_session (id)
)""",
    """CREATE TRIGGER livestream_event_no_update BEFORE UPDATE ON livestream_event BEGIN SELECT RAISE(ABORT, 'livestream_event is append-only'); END""",
    """CREATE TRIGGER livestream_event_no_delete BEFORE DELETE ON livestream_event BEGIN SELECT RAISE(ABORT, 'livestream_event is append-only'); END""",
    """CREATE TRIGGER livestream_event_no_replace BEFORE INSERT ON livestream_event WHEN EXISTS (SELECT 1 FROM livestream_event WHERE session_id = NEW.session_id AND number = NEW.number) BEGIN SELECT RAISE(ABORT, 'livestream_event is append-only'); END""",
    """CREATE TABLE livestream_session_product (
    session_id CHAR(32) NOT NULL,
    product_id CHAR(32) NOT NULL,
    position INTEGER NOT NULL,
    commission_bp INTEGER NOT NULL,
    CONSTRAINT pk_livestream_session_product PRIMARY KEY (session_id, product_id),
    CONSTRAINT ck_livestream_session_product_commission_range CHECK (commission_bp BETWEEN 0 AND 5000),
    CONSTRAINT fk_livestream_session_product_session_id FOREIGN KEY(session_id) REFERENCES livestream_session (id),
    CONSTRAINT fk_livestream_session_product_product_id FOREIGN KEY(product_id) REFERENCES shop_product (id)
)""",
)

SQLITE_BACK = (
    """DROP TABLE livestream_session_product""",
    """DROP TABLE livestream_event""",
    """DROP TABLE livestream_counter""",
    """DROP TABLE livestream_attributed_sale""",
    """DROP TABLE livestream_session""",
    """DROP TABLE livestream_availability""",
    """DROP TABLE livestream_streamer""",
    """DROP TABLE livestream_studio""",
)

POSTGRESQL = (
    """CREATE TABLE livestream_studio (
    id UUID NOT NULL,
    name VARCHAR(60) NOT NULL,
    is_cold BOOLEAN NOT NULL,
    CONSTRAINT pk_livestream_studio PRIMARY KEY (id),
    CONSTRAINT uq_livestream_studio_name UNIQUE (name)
)""",
    """CREATE TABLE livestream_streamer (
    person_id UUID NOT NULL,
    level VARCHAR(40) NOT NULL,
    born_on DATE NOT NULL,
    guardian_paper VARCHAR(60) NOT NULL,
    certified_until DATE NOT NULL,
    CONSTRAINT pk_livestream_streamer PRIMARY KEY (person_id),
    CONSTRAINT ck_livestream_streamer_level_known CHECK (level IN ('trainee', 'certified', 'senior')),
    CONSTRAINT fk_livestream_streamer_person_id FOREIGN KEY(person_id) REFERENCES county_person (id)
)""",
    """CREATE TABLE livestream_availability (
    id UUID NOT NULL,
    streamer_id UUID NOT NULL,
    start_at TIMESTAMP WITH TIME ZONE NOT NULL,
    end_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_livestream_availability PRIMARY KEY (id),
    CONSTRAINT ck_livestream_availability_span CHECK (start_at < end_at),
    CONSTRAINT fk_livestream_availability_streamer_id FOREIGN KEY(streamer_id) REFERENCES livestream_streamer (person_id)
)""",
    """CREATE INDEX ix_livestream_availability_streamer_id ON livestream_availability (streamer_id)""",
    """CREATE EXTENSION IF NOT EXISTS btree_gist""",
    """ALTER TABLE livestream_availability ADD CONSTRAINT livestream_availability_once EXCLUDE USING gist (streamer_id WITH =, tstzrange(start_at, end_at) WITH &&)""",
    """CREATE TABLE livestream_session (
    id UUID NOT NULL,
    number VARCHAR(20) NOT NULL,
    title VARCHAR(60) NOT NULL,
    farmer_id UUID NOT NULL,
    streamer_id UUID,
    studio_id UUID,
    start_at TIMESTAMP WITH TIME ZONE NOT NULL,
    end_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state VARCHAR(40) NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_livestream_session PRIMARY KEY (id),
    CONSTRAINT ck_livestream_session_state_known CHECK (state IN ('requested', 'confirmed', 'live', 'ended', 'cancelled')),
    CONSTRAINT ck_livestream_session_span CHECK (start_at < end_at),
    CONSTRAINT ck_livestream_session_booked_with_streamer_and_studio CHECK (state IN ('requested', 'cancelled') OR (streamer_id IS NOT NULL AND studio_id IS NOT NULL)),
    CONSTRAINT uq_livestream_session_number UNIQUE (number),
    CONSTRAINT fk_livestream_session_farmer_id FOREIGN KEY(farmer_id) REFERENCES county_person (id),
    CONSTRAINT fk_livestream_session_streamer_id FOREIGN KEY(streamer_id) REFERENCES livestream_streamer (person_id),
    CONSTRAINT fk_livestream_session_studio_id FOREIGN KEY(studio_id) REFERENCES livestream_studio (id)
)""",
    """CREATE INDEX ix_livestream_session_streamer_id ON livestream_session (streamer_id)""",
    """CREATE INDEX ix_livestream_session_farmer_id ON livestream_session (farmer_id)""",
    """CREATE INDEX ix_livestream_session_start_at ON livestream_session (start_at)""",
    """CREATE INDEX ix_livestream_session_studio_id ON livestream_session (studio_id)""",
    """CREATE EXTENSION IF NOT EXISTS btree_gist""",
    """ALTER TABLE livestream_session ADD CONSTRAINT livestream_session_streamer_once EXCLUDE USING gist (streamer_id WITH =, tstzrange(start_at, end_at) WITH &&) WHERE (state IN ('confirmed', 'live'))""",
    """CREATE EXTENSION IF NOT EXISTS btree_gist""",
    """ALTER TABLE livestream_session ADD CONSTRAINT livestream_session_studio_once EXCLUDE USING gist (studio_id WITH =, tstzrange(start_at, end_at) WITH &&) WHERE (state IN ('confirmed', 'live'))""",
    """CREATE TABLE livestream_attributed_sale (
    order_no VARCHAR(20) NOT NULL,
    session_id UUID NOT NULL,
    streamer_id UUID NOT NULL,
    goods_fen BIGINT NOT NULL,
    commission_fen BIGINT NOT NULL,
    sold_at TIMESTAMP WITH TIME ZONE NOT NULL,
    is_final BOOLEAN NOT NULL,
    CONSTRAINT pk_livestream_attributed_sale PRIMARY KEY (order_no),
    CONSTRAINT ck_livestream_attributed_sale_fen_not_negative CHECK (goods_fen >= 0 AND commission_fen >= 0),
    CONSTRAINT ck_livestream_attributed_sale_commission_within_goods CHECK (commission_fen <= goods_fen),
    CONSTRAINT fk_livestream_attributed_sale_order_no FOREIGN KEY(order_no) REFERENCES shop_order (number),
    CONSTRAINT fk_livestream_attributed_sale_session_id FOREIGN KEY(session_id) REFERENCES livestream_session (id),
    CONSTRAINT fk_livestream_attributed_sale_streamer_id FOREIGN KEY(streamer_id) REFERENCES livestream_streamer (person_id)
)""",
    """CREATE INDEX ix_livestream_attributed_sale_streamer_id ON livestream_attributed_sale (streamer_id)""",
    """CREATE INDEX ix_livestream_attributed_sale_session_id ON livestream_attributed_sale (session_id)""",
    """CREATE TABLE livestream_counter (
    session_id UUID NOT NULL,
    last BIGINT NOT NULL,
    CONSTRAINT pk_livestream_counter PRIMARY KEY (session_id),
    CONSTRAINT ck_livestream_counter_last_not_negative CHECK (last >= 0),
    CONSTRAINT fk_livestream_counter_session_id FOREIGN KEY(session_id) REFERENCES livestream_session (id)
)""",
    """CREATE TABLE livestream_event (
    session_id UUID NOT NULL,
    number BIGINT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    state JSON NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_livestream_event PRIMARY KEY (session_id, number),
    CONSTRAINT ck_livestream_event_kind_known CHECK (kind IN ('pin', 'price', 'stock', 'chat', 'notice', 'end')),
    CONSTRAINT fk_livestream_event_session_id FOREIGN KEY(session_id) REFERENCES livestream_session (id)
)""",
    """CREATE FUNCTION livestream_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'livestream_event is append-only' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER livestream_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON livestream_event FOR EACH STATEMENT EXECUTE FUNCTION livestream_event_refuse()""",
    """CREATE TABLE livestream_session_product (
    session_id UUID NOT NULL,
    product_id UUID NOT NULL,
    position INTEGER NOT NULL,
    commission_bp INTEGER NOT NULL,
    CONSTRAINT pk_livestream_session_product PRIMARY KEY (session_id, product_id),
    CONSTRAINT ck_livestream_session_product_commission_range CHECK (commission_bp BETWEEN 0 AND 5000),
    CONSTRAINT fk_livestream_session_product_session_id FOREIGN KEY(session_id) REFERENCES livestream_session (id),
    CONSTRAINT fk_livestream_session_product_product_id FOREIGN KEY(product_id) REFERENCES shop_product (id)
)""",
)

POSTGRESQL_BACK = (
    """DROP TABLE livestream_session_product CASCADE""",
    """DROP FUNCTION livestream_event_refuse() CASCADE""",
    """DROP TABLE livestream_event CASCADE""",
    """DROP TABLE livestream_counter CASCADE""",
    """DROP TABLE livestream_attributed_sale CASCADE""",
    """DROP TABLE livestream_session CASCADE""",
    """DROP TABLE livestream_availability CASCADE""",
    """DROP TABLE livestream_streamer CASCADE""",
    """DROP TABLE livestream_studio CASCADE""",
)


def upgrade() -> None:
    """Make the tables with their constraints, indexes and guards."""
    _do(SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL)


def downgrade() -> None:
    """Drop what `upgrade` made, the last thing first."""
    _do(SQLITE_BACK if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_BACK)


def _do(statements: tuple[str, ...]) -> None:
    connection = op.get_bind().execution_options(no_parameters=True)
    for statement in statements:
        connection.exec_driver_sql(statement)
