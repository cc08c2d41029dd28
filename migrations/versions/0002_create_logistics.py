"""Create logistics, as of 2026-11-23."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TABLE logistics_carrier (
    id CHAR(32) NOT NULL,
    name VARCHAR(60) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    joined_at DATETIME NOT NULL,
    CONSTRAINT pk_logistics_carrier PRIMARY KEY (id),
    CONSTRAINT ck_logistics_carrier_kind_known CHECK (kind IN ('express', 'freight', 'bus', 'post', 'cooperative')),
    CONSTRAINT uq_logistics_carrier_name UNIQUE (name)
)""",
    """CREATE TABLE logistics_parcel (
    id CHAR(32) NOT NULL,
    parcel_no VARCHAR(20) NOT NULL,
    waybill VARCHAR(40) NOT NULL,
    carrier VARCHAR(60) NOT NULL,
    direction VARCHAR(40) NOT NULL,
    station VARCHAR(40) NOT NULL,
    units INTEGER NOT NULL,
    weight_g INTEGER NOT NULL,
    volume_cm3 INTEGER NOT NULL,
    cod_fen BIGINT NOT NULL,
    name VARCHAR(60) NOT NULL,
    phone VARCHAR(20) NOT NULL,
    province VARCHAR(40) NOT NULL,
    city VARCHAR(40) NOT NULL,
    county VARCHAR(40) NOT NULL,
    detail VARCHAR(200) NOT NULL,
    order_ref VARCHAR(20) NOT NULL,
    state VARCHAR(40) NOT NULL,
    taken_in_at DATETIME NOT NULL,
    ready_at DATETIME NOT NULL,
    due_at DATETIME,
    moved_at DATETIME NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_logistics_parcel PRIMARY KEY (id),
    CONSTRAINT ck_logistics_parcel_direction_known CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_logistics_parcel_state_known CHECK (state IN ('pending', 'picked_up', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'delivered', 'on_hold', 'delivery_failed', 'return_to_sender', 'cancelled', 'unknown')),
    CONSTRAINT uq_logistics_parcel_carrier_waybill UNIQUE (carrier, waybill),
    CONSTRAINT ck_logistics_parcel_units_positive CHECK (units > 0),
    CONSTRAINT ck_logistics_parcel_weight_positive CHECK (weight_g > 0),
    CONSTRAINT ck_logistics_parcel_volume_not_negative CHECK (volume_cm3 >= 0),
    CONSTRAINT ck_logistics_parcel_cod_not_negative CHECK (cod_fen >= 0),
    CONSTRAINT uq_logistics_parcel_parcel_no UNIQUE (parcel_no)
)""",
    """CREATE INDEX ix_logistics_parcel_carrier ON logistics_parcel (carrier)""",
    """CREATE INDEX ix_logistics_parcel_station ON logistics_parcel (station)""",
    """CREATE INDEX ix_logistics_parcel_state ON logistics_parcel (state)""",
    """CREATE INDEX ix_logistics_parcel_order_ref ON logistics_parcel (order_ref)""",
    """CREATE TABLE logistics_rate_card (
    id CHAR(32) NOT NULL,
    courier VARCHAR(60) NOT NULL,
    zone VARCHAR(60) NOT NULL,
    provinces VARCHAR(400) NOT NULL,
    first_g INTEGER NOT NULL,
    first_fen BIGINT NOT NULL,
    step_g INTEGER NOT NULL,
    step_fen BIGINT NOT NULL,
    volumetric_divisor INTEGER NOT NULL,
    round_g INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    is_for_shop BOOLEAN NOT NULL,
    CONSTRAINT pk_logistics_rate_card PRIMARY KEY (id),
    CONSTRAINT ck_logistics_rate_card_span CHECK (valid_from <= valid_to),
    CONSTRAINT ck_logistics_rate_card_grams_positive CHECK (first_g > 0 AND step_g > 0 AND round_g > 0),
    CONSTRAINT ck_logistics_rate_card_fen_not_negative CHECK (first_fen >= 0 AND step_fen >= 0),
    CONSTRAINT ck_logistics_rate_card_divisor_not_negative CHECK (volumetric_divisor >= 0)
)""",
    """CREATE INDEX ix_logistics_rate_card_courier ON logistics_rate_card (courier)""",
    """CREATE TABLE logistics_road (
    start_place VARCHAR(40) NOT NULL,
    end_place VARCHAR(40) NOT NULL,
    distance_m INTEGER NOT NULL,
    duration_s INTEGER NOT NULL,
    CONSTRAINT pk_logistics_road PRIMARY KEY (start_place, end_place),
    CONSTRAINT ck_logistics_road_two_places CHECK (start_place <> end_place),
    CONSTRAINT ck_logistics_road_positive CHECK (distance_m > 0 AND duration_s > 0)
)""",
    """CREATE TABLE logistics_station (
    code VARCHAR(40) NOT NULL,
    name VARCHAR(60) NOT NULL,
    town VARCHAR(60) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    CONSTRAINT pk_logistics_station PRIMARY KEY (code),
    CONSTRAINT ck_logistics_station_kind_known CHECK (kind IN ('hub', 'station'))
)""",
    """CREATE TABLE logistics_vehicle_type (
    vehicle_type VARCHAR(40) NOT NULL,
    available INTEGER NOT NULL,
    capacity_units INTEGER NOT NULL,
    capacity_g BIGINT NOT NULL,
    shift_s INTEGER NOT NULL,
    day_fen BIGINT NOT NULL,
    km_fen BIGINT NOT NULL,
    stop_fen BIGINT NOT NULL,
    stop_s INTEGER NOT NULL,
    unit_s INTEGER NOT NULL,
    reload_s INTEGER NOT NULL,
    CONSTRAINT pk_logistics_vehicle_type PRIMARY KEY (vehicle_type),
    CONSTRAINT ck_logistics_vehicle_type_available_not_negative CHECK (available >= 0),
    CONSTRAINT ck_logistics_vehicle_type_positive CHECK (capacity_units > 0 AND capacity_g > 0 AND shift_s > 0)
)""",
    """CREATE TABLE logistics_carrier_clerk (
    person_id CHAR(32) NOT NULL,
    carrier_id CHAR(32) NOT NULL,
    CONSTRAINT pk_logistics_carrier_clerk PRIMARY KEY (person_id),
    CONSTRAINT fk_logistics_carrier_clerk_person_id FOREIGN KEY(person_id) REFERENCES county_person (id),
    CONSTRAINT fk_logistics_carrier_clerk_carrier_id FOREIGN KEY(carrier_id) REFERENCES logistics_carrier (id)
)""",
    """CREATE INDEX ix_logistics_carrier_clerk_carrier_id ON logistics_carrier_clerk (carrier_id)""",
    """CREATE TABLE logistics_daily_file (
    id CHAR(32) NOT NULL,
    carrier VARCHAR(60) NOT NULL,
    name VARCHAR(120) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    state VARCHAR(40) NOT NULL,
    content JSON NOT NULL,
    taken_in INTEGER NOT NULL,
    uploaded_by CHAR(32) NOT NULL,
    uploaded_at DATETIME NOT NULL,
    CONSTRAINT pk_logistics_daily_file PRIMARY KEY (id),
    CONSTRAINT ck_logistics_daily_file_state_known CHECK (state IN ('checked', 'taken_in')),
    CONSTRAINT uq_logistics_daily_file_carrier_sha256 UNIQUE (carrier, sha256),
    CONSTRAINT fk_logistics_daily_file_carrier FOREIGN KEY(carrier) REFERENCES logistics_carrier (name),
    CONSTRAINT fk_logistics_daily_file_uploaded_by FOREIGN KEY(uploaded_by) REFERENCES county_person (id)
)""",
    """CREATE INDEX ix_logistics_daily_file_carrier ON logistics_daily_file (carrier)""",
    """CREATE TABLE logistics_layout (
    carrier VARCHAR(60) NOT NULL,
    columns JSON NOT NULL,
    seen_at DATETIME NOT NULL,
    CONSTRAINT pk_logistics_layout PRIMARY KEY (carrier),
    CONSTRAINT fk_logistics_layout_carrier FOREIGN KEY(carrier) REFERENCES logistics_carrier (name)
)""",
    """CREATE TABLE logistics_station_keeper (
    person_id CHAR(32) NOT NULL,
    station VARCHAR(40) NOT NULL,
    CONSTRAINT pk_logistics_station_keeper PRIMARY KEY (person_id),
    CONSTRAINT fk_logistics_station_keeper_person_id FOREIGN KEY(person_id) REFERENCES county_person (id),
    CONSTRAINT fk_logistics_station_keeper_station FOREIGN KEY(station) REFERENCES logistics_station (code)
)""",
    """CREATE INDEX ix_logistics_station_keeper_station ON logistics_station_keeper (station)""",
    """CREATE TABLE logistics_tracking_event (
    id CHAR(32) NOT NULL,
    parcel_no VARCHAR(20) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    at DATETIME NOT NULL,
    place VARCHAR(80) NOT NULL,
    source VARCHAR(40) NOT NULL,
    recorded_at DATETIME NOT NULL,
    CONSTRAINT pk_logistics_tracking_event PRIMARY KEY (id),
    CONSTRAINT ck_logistics_tracking_event_kind_known CHECK (kind IN ('taken_in', 'collected_from_sender', 'hub_in', 'loaded', 'linehaul_departed', 'linehaul_arrived', 'out_for_delivery', 'arrived_at_station', 'collected', 'delivery_failed', 'refused', 'returned', 'on_hold')),
    CONSTRAINT ck_logistics_tracking_event_source_known CHECK (source IN ('scan', 'driver', 'station', 'feed')),
    CONSTRAINT uq_logistics_tracking_event_parcel_no_kind_at_place UNIQUE (parcel_no, kind, at, place),
    CONSTRAINT fk_logistics_tracking_event_parcel_no FOREIGN KEY(parcel_no) REFERENCES logistics_parcel (parcel_no)
)""",
    """CREATE TRIGGER logistics_tracking_event_no_update BEFORE UPDATE ON logistics_tracking_event BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
    """CREATE TRIGGER logistics_tracking_event_no_delete BEFORE DELETE ON logistics_tracking_event BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
    """CREATE TRIGGER logistics_tracking_event_no_replace BEFORE INSERT ON logistics_tracking_event WHEN EXISTS (SELECT 1 FROM logistics_tracking_event WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
)

SQLITE_BACK = (
    """DROP TABLE logistics_tracking_event""",
    """DROP TABLE logistics_station_keeper""",
    """DROP TABLE logistics_layout""",
    """DROP TABLE logistics_daily_file""",
    """DROP TABLE logistics_carrier_clerk""",
    """DROP TABLE logistics_vehicle_type""",
    """DROP TABLE logistics_station""",
    """DROP TABLE logistics_road""",
    """DROP TABLE logistics_rate_card""",
    """DROP TABLE logistics_parcel""",
    """DROP TABLE logistics_carrier""",
)

POSTGRESQL = (
    """CREATE TABLE logistics_carrier (
    id UUID NOT NULL,
    name VARCHAR(60) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    joined_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_logistics_carrier PRIMARY KEY (id),
    CONSTRAINT ck_logistics_carrier_kind_known CHECK (kind IN ('express', 'freight', 'bus', 'post', 'cooperative')),
    CONSTRAINT uq_logistics_carrier_name UNIQUE (name)
)""",
    """CREATE TABLE logistics_parcel (
    id UUID NOT NULL,
    parcel_no VARCHAR(20) NOT NULL,
    waybill VARCHAR(40) NOT NULL,
    carrier VARCHAR(60) NOT NULL,
    direction VARCHAR(40) NOT NULL,
    station VARCHAR(40) NOT NULL,
    units INTEGER NOT NULL,
    weight_g INTEGER NOT NULL,
    volume_cm3 INTEGER NOT NULL,
    cod_fen BIGINT NOT NULL,
    name VARCHAR(60) NOT NULL,
    phone VARCHAR(20) NOT NULL,
    province VARCHAR(40) NOT NULL,
    city VARCHAR(40) NOT NULL,
    county VARCHAR(40) NOT NULL,
    detail VARCHAR(200) NOT NULL,
    order_ref VARCHAR(20) NOT NULL,
    state VARCHAR(40) NOT NULL,
    taken_in_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ready_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_logistics_parcel PRIMARY KEY (id),
    CONSTRAINT ck_logistics_parcel_direction_known CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_logistics_parcel_state_known CHECK (state IN ('pending', 'picked_up', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'delivered', 'on_hold', 'delivery_failed', 'return_to_sender', 'cancelled', 'unknown')),
    CONSTRAINT uq_logistics_parcel_carrier_waybill UNIQUE (carrier, waybill),
    CONSTRAINT ck_logistics_parcel_units_positive CHECK (units > 0),
    CONSTRAINT ck_logistics_parcel_weight_positive CHECK (weight_g > 0),
    CONSTRAINT ck_logistics_parcel_volume_not_negative CHECK (volume_cm3 >= 0),
    CONSTRAINT ck_logistics_parcel_cod_not_negative CHECK (cod_fen >= 0),
    CONSTRAINT uq_logistics_parcel_parcel_no UNIQUE (parcel_no)
)""",
    """CREATE INDEX ix_logistics_parcel_carrier ON logistics_parcel (carrier)""",
    """CREATE INDEX ix_logistics_parcel_station ON logistics_parcel (station)""",
    """CREATE INDEX ix_logistics_parcel_state ON logistics_parcel (state)""",
    """CREATE INDEX ix_logistics_parcel_order_ref ON logistics_parcel (order_ref)""",
    """CREATE TABLE logistics_rate_card (
    id UUID NOT NULL,
    courier VARCHAR(60) NOT NULL,
    zone VARCHAR(60) NOT NULL,
    provinces VARCHAR(400) NOT NULL,
    first_g INTEGER NOT NULL,
    first_fen BIGINT NOT NULL,
    step_g INTEGER NOT NULL,
    step_fen BIGINT NOT NULL,
    volumetric_divisor INTEGER NOT NULL,
    round_g INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL,
    is_for_shop BOOLEAN NOT NULL,
    CONSTRAINT pk_logistics_rate_card PRIMARY KEY (id),
    CONSTRAINT ck_logistics_rate_card_span CHECK (valid_from <= valid_to),
    CONSTRAINT ck_logistics_rate_card_grams_positive CHECK (first_g > 0 AND step_g > 0 AND round_g > 0),
    CONSTRAINT ck_logistics_rate_card_fen_not_negative CHECK (first_fen >= 0 AND step_fen >= 0),
    CONSTRAINT ck_logistics_rate_card_divisor_not_negative CHECK (volumetric_divisor >= 0)
)""",
    """CREATE INDEX ix_logistics_rate_card_courier ON logistics_rate_card (courier)""",
    """CREATE TABLE logistics_road (
    start_place VARCHAR(40) NOT NULL,
    end_place VARCHAR(40) NOT NULL,
    distance_m INTEGER NOT NULL,
    duration_s INTEGER NOT NULL,
    CONSTRAINT pk_logistics_road PRIMARY KEY (start_place, end_place),
    CONSTRAINT ck_logistics_road_two_places CHECK (start_place <> end_place),
    CONSTRAINT ck_logistics_road_positive CHECK (distance_m > 0 AND duration_s > 0)
)""",
    """CREATE TABLE logistics_station (
    code VARCHAR(40) NOT NULL,
    name VARCHAR(60) NOT NULL,
    town VARCHAR(60) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    is_synthetic BOOLEAN NOT NULL,
    CONSTRAINT pk_logistics_station PRIMARY KEY (code),
    CONSTRAINT ck_logistics_station_kind_known CHECK (kind IN ('hub', 'station'))
)""",
    """CREATE TABLE logistics_vehicle_type (
    vehicle_type VARCHAR(40) NOT NULL,
    available INTEGER NOT NULL,
    capacity_units INTEGER NOT NULL,
    capacity_g BIGINT NOT NULL,
    shift_s INTEGER NOT NULL,
    day_fen BIGINT NOT NULL,
    km_fen BIGINT NOT NULL,
    stop_fen BIGINT NOT NULL,
    stop_s INTEGER NOT NULL,
    unit_s INTEGER NOT NULL,
    reload_s INTEGER NOT NULL,
    CONSTRAINT pk_logistics_vehicle_type PRIMARY KEY (vehicle_type),
    CONSTRAINT ck_logistics_vehicle_type_available_not_negative CHECK (available >= 0),
    CONSTRAINT ck_logistics_vehicle_type_positive CHECK (capacity_units > 0 AND capacity_g > 0 AND shift_s > 0)
)""",
    """CREATE TABLE logistics_carrier_clerk (
    person_id UUID NOT NULL,
    carrier_id UUID NOT NULL,
    CONSTRAINT pk_logistics_carrier_clerk PRIMARY KEY (person_id),
    CONSTRAINT fk_logistics_carrier_clerk_person_id FOREIGN KEY(person_id) REFERENCES county_person (id),
    CONSTRAINT fk_logistics_carrier_clerk_carrier_id FOREIGN KEY(carrier_id) REFERENCES logistics_carrier (id)
)""",
    """CREATE INDEX ix_logistics_carrier_clerk_carrier_id ON logistics_carrier_clerk (carrier_id)""",
    """CREATE TABLE logistics_daily_file (
    id UUID NOT NULL,
    carrier VARCHAR(60) NOT NULL,
    name VARCHAR(120) NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    state VARCHAR(40) NOT NULL,
    content JSON NOT NULL,
    taken_in INTEGER NOT NULL,
    uploaded_by UUID NOT NULL,
    uploaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_logistics_daily_file PRIMARY KEY (id),
    CONSTRAINT ck_logistics_daily_file_state_known CHECK (state IN ('checked', 'taken_in')),
    CONSTRAINT uq_logistics_daily_file_carrier_sha256 UNIQUE (carrier, sha256),
    CONSTRAINT fk_logistics_daily_file_carrier FOREIGN KEY(carrier) REFERENCES logistics_carrier (name),
    CONSTRAINT fk_logistics_daily_file_uploaded_by FOREIGN KEY(uploaded_by) REFERENCES county_person (id)
)""",
    """CREATE INDEX ix_logistics_daily_file_carrier ON logistics_daily_file (carrier)""",
    """CREATE TABLE logistics_layout (
    carrier VARCHAR(60) NOT NULL,
    columns JSON NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_logistics_layout PRIMARY KEY (carrier),
    CONSTRAINT fk_logistics_layout_carrier FOREIGN KEY(carrier) REFERENCES logistics_carrier (name)
)""",
    """CREATE TABLE logistics_station_keeper (
    person_id UUID NOT NULL,
    station VARCHAR(40) NOT NULL,
    CONSTRAINT pk_logistics_station_keeper PRIMARY KEY (person_id),
    CONSTRAINT fk_logistics_station_keeper_person_id FOREIGN KEY(person_id) REFERENCES county_person (id),
    CONSTRAINT fk_logistics_station_keeper_station FOREIGN KEY(station) REFERENCES logistics_station (code)
)""",
    """CREATE INDEX ix_logistics_station_keeper_station ON logistics_station_keeper (station)""",
    """CREATE TABLE logistics_tracking_event (
    id UUID NOT NULL,
    parcel_no VARCHAR(20) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    place VARCHAR(80) NOT NULL,
    source VARCHAR(40) NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_logistics_tracking_event PRIMARY KEY (id),
    CONSTRAINT ck_logistics_tracking_event_kind_known CHECK (kind IN ('taken_in', 'collected_from_sender', 'hub_in', 'loaded', 'linehaul_departed', 'linehaul_arrived', 'out_for_delivery', 'arrived_at_station', 'collected', 'delivery_failed', 'refused', 'returned', 'on_hold')),
    CONSTRAINT ck_logistics_tracking_event_source_known CHECK (source IN ('scan', 'driver', 'station', 'feed')),
    CONSTRAINT uq_logistics_tracking_event_parcel_no_kind_at_place UNIQUE (parcel_no, kind, at, place),
    CONSTRAINT fk_logistics_tracking_event_parcel_no FOREIGN KEY(parcel_no) REFERENCES logistics_parcel (parcel_no)
)""",
    """CREATE FUNCTION logistics_tracking_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'logistics_tracking_event is append-only' USING ERRCODE = 'restrict_violation'; END $$""",
    """CREATE TRIGGER logistics_tracking_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON logistics_tracking_event FOR EACH STATEMENT EXECUTE FUNCTION logistics_tracking_event_refuse()""",
)

POSTGRESQL_BACK = (
    """DROP FUNCTION logistics_tracking_event_refuse() CASCADE""",
    """DROP TABLE logistics_tracking_event CASCADE""",
    """DROP TABLE logistics_station_keeper CASCADE""",
    """DROP TABLE logistics_layout CASCADE""",
    """DROP TABLE logistics_daily_file CASCADE""",
    """DROP TABLE logistics_carrier_clerk CASCADE""",
    """DROP TABLE logistics_vehicle_type CASCADE""",
    """DROP TABLE logistics_station CASCADE""",
    """DROP TABLE logistics_road CASCADE""",
    """DROP TABLE logistics_rate_card CASCADE""",
    """DROP TABLE logistics_parcel CASCADE""",
    """DROP TABLE logistics_carrier CASCADE""",
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
