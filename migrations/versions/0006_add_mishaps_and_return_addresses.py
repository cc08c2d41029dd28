"""Add damage and loss to tracking events, who is liable for them, and sellers' addresses for returns.

SQLite makes a table anew where a constraint changes, with its indexes and guards. Downwards, events that only
their reason told apart become one, and the new rules of liability the nearest old ones.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TABLE logistics_tracking_event_new (
    id CHAR(32) NOT NULL,
    parcel_no VARCHAR(20) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    at DATETIME NOT NULL,
    place VARCHAR(80) NOT NULL,
    source VARCHAR(40) NOT NULL,
    recorded_at DATETIME NOT NULL,
    reason VARCHAR(40) NOT NULL,
    cause VARCHAR(40) NOT NULL,
    note VARCHAR(200) NOT NULL,
    picture_id CHAR(32),
    CONSTRAINT pk_logistics_tracking_event PRIMARY KEY (id),
    CONSTRAINT ck_logistics_tracking_event_kind_known CHECK (kind IN ('taken_in', 'collected_from_sender', 'hub_in', 'loaded', 'linehaul_departed', 'linehaul_arrived', 'out_for_delivery', 'arrived_at_station', 'collected', 'delivery_failed', 'refused', 'returned', 'on_hold')),
    CONSTRAINT ck_logistics_tracking_event_source_known CHECK (source IN ('scan', 'driver', 'station', 'feed')),
    CONSTRAINT ck_logistics_tracking_event_reason_known CHECK (reason IN ('unsaid', 'damaged', 'lost')),
    CONSTRAINT ck_logistics_tracking_event_cause_known CHECK (cause IN ('unsaid', 'carrier', 'shipper', 'consignee', 'weather')),
    CONSTRAINT ck_logistics_tracking_event_reason_when_held CHECK (kind = 'on_hold' OR (reason = 'unsaid' AND cause = 'unsaid')),
    CONSTRAINT uq_logistics_tracking_event_told_once UNIQUE (parcel_no, kind, at, place, reason, cause),
    CONSTRAINT fk_logistics_tracking_event_parcel_no FOREIGN KEY(parcel_no) REFERENCES logistics_parcel (parcel_no),
    CONSTRAINT fk_logistics_tracking_event_picture_id FOREIGN KEY(picture_id) REFERENCES county_picture (id)
)""",
    """INSERT INTO logistics_tracking_event_new (id, parcel_no, kind, at, place, source, recorded_at, reason, cause, note) SELECT id, parcel_no, kind, at, place, source, recorded_at, 'unsaid', 'unsaid', '' FROM logistics_tracking_event""",
    """DROP TABLE logistics_tracking_event""",
    """ALTER TABLE logistics_tracking_event_new RENAME TO logistics_tracking_event""",
    """CREATE TRIGGER logistics_tracking_event_no_update BEFORE UPDATE ON logistics_tracking_event BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
    """CREATE TRIGGER logistics_tracking_event_no_delete BEFORE DELETE ON logistics_tracking_event BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
    """CREATE TRIGGER logistics_tracking_event_no_replace BEFORE INSERT ON logistics_tracking_event WHEN EXISTS (SELECT 1 FROM logistics_tracking_event WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
    """CREATE TABLE shop_claim_new (
    id CHAR(32) NOT NULL,
    number VARCHAR(20) NOT NULL,
    order_id CHAR(32) NOT NULL,
    order_no VARCHAR(20) NOT NULL,
    position INTEGER NOT NULL,
    title VARCHAR(60) NOT NULL,
    carrier VARCHAR(60) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    reason VARCHAR(40) NOT NULL,
    spoiled INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    goods_fen BIGINT NOT NULL,
    freight_fen BIGINT NOT NULL,
    says VARCHAR(500) NOT NULL,
    state VARCHAR(40) NOT NULL,
    due_at DATETIME,
    buyer_id CHAR(32) NOT NULL,
    grower_id CHAR(32) NOT NULL,
    lot_id CHAR(32),
    waybill VARCHAR(40) NOT NULL,
    return_carrier VARCHAR(60) NOT NULL,
    liable VARCHAR(40),
    liable_why VARCHAR(40),
    lost_fen BIGINT,
    booked INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    opened_at DATETIME NOT NULL,
    closed_at DATETIME,
    version INTEGER NOT NULL,
    CONSTRAINT pk_shop_claim PRIMARY KEY (id),
    CONSTRAINT ck_shop_claim_kind_known CHECK (kind IN ('spoiled', 'refund_only', 'return')),
    CONSTRAINT ck_shop_claim_reason_known CHECK (reason IN ('spoiled', 'not_arrived', 'wrong_goods', 'other', 'unwanted')),
    CONSTRAINT ck_shop_claim_state_known CHECK (state IN ('open', 'refused', 'appealed', 'to_return', 'returning', 'refunding', 'stuck', 'done', 'closed', 'withdrawn')),
    CONSTRAINT ck_shop_claim_liable_known CHECK (liable IN ('grower', 'courier', 'association')),
    CONSTRAINT ck_shop_claim_liable_why_known CHECK (liable_why IN ('within_promise', 'wrong_goods', 'not_sent', 'goods_back', 'late', 'lost', 'held_up', 'damaged', 'bad_packing', 'before_hand_over', 'lay_at_hub', 'not_handed_over', 'goodwill', 'carrier_unknown', 'decided')),
    CONSTRAINT fk_shop_claim_line FOREIGN KEY(order_id, position) REFERENCES shop_order_line (order_id, position),
    CONSTRAINT ck_shop_claim_pieces_when_spoiled CHECK ((kind = 'spoiled') = (pieces > 0)),
    CONSTRAINT ck_shop_claim_spoiled_within_pieces CHECK (spoiled >= 0 AND spoiled <= pieces),
    CONSTRAINT ck_shop_claim_fen_not_negative CHECK (goods_fen >= 0 AND freight_fen >= 0),
    CONSTRAINT ck_shop_claim_fen_positive CHECK (goods_fen + freight_fen > 0),
    CONSTRAINT ck_shop_claim_waits_with_time CHECK ((state IN ('open', 'refused', 'appealed', 'to_return', 'returning')) = (due_at IS NOT NULL)),
    CONSTRAINT ck_shop_claim_closed_with_time CHECK ((state IN ('open', 'refused', 'appealed', 'to_return', 'returning', 'refunding', 'stuck')) = (closed_at IS NULL)),
    CONSTRAINT ck_shop_claim_liable_with_reason CHECK ((liable IS NULL) = (liable_why IS NULL)),
    CONSTRAINT uq_shop_claim_number UNIQUE (number),
    CONSTRAINT fk_shop_claim_buyer_id FOREIGN KEY(buyer_id) REFERENCES county_person (id),
    CONSTRAINT fk_shop_claim_grower_id FOREIGN KEY(grower_id) REFERENCES county_person (id),
    CONSTRAINT fk_shop_claim_lot_id FOREIGN KEY(lot_id) REFERENCES shop_lot (id)
)""",
    """INSERT INTO shop_claim_new (id, number, order_id, order_no, position, title, carrier, kind, reason, spoiled, pieces, goods_fen, freight_fen, says, state, due_at, buyer_id, grower_id, lot_id, waybill, return_carrier, liable, liable_why, lost_fen, booked, tries, opened_at, closed_at, version) SELECT id, number, order_id, order_no, position, title, carrier, kind, reason, spoiled, pieces, goods_fen, freight_fen, says, state, due_at, buyer_id, grower_id, lot_id, waybill, return_carrier, liable, liable_why, lost_fen, booked, tries, opened_at, closed_at, version FROM shop_claim""",
    """DROP TABLE shop_claim""",
    """ALTER TABLE shop_claim_new RENAME TO shop_claim""",
    """CREATE INDEX ix_shop_claim_due ON shop_claim (state, due_at)""",
    """CREATE INDEX ix_shop_claim_order_id ON shop_claim (order_id)""",
    """CREATE INDEX ix_shop_claim_lot_id ON shop_claim (lot_id)""",
    """CREATE INDEX ix_shop_claim_opened_at ON shop_claim (opened_at)""",
    """CREATE INDEX ix_shop_claim_grower_id ON shop_claim (grower_id)""",
    """CREATE UNIQUE INDEX uq_shop_claim_unsettled_line ON shop_claim (order_id, position) WHERE state IN ('open', 'refused', 'appealed', 'to_return', 'returning', 'refunding', 'stuck')""",
    """CREATE INDEX ix_shop_claim_order_no ON shop_claim (order_no)""",
    """CREATE INDEX ix_shop_claim_buyer_id ON shop_claim (buyer_id)""",
    """CREATE TABLE shop_return_address (
    seller_id CHAR(32) NOT NULL,
    name VARCHAR(60) NOT NULL,
    phone VARCHAR(20) NOT NULL,
    address VARCHAR(200) NOT NULL,
    changed_at DATETIME NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_shop_return_address PRIMARY KEY (seller_id),
    CONSTRAINT fk_shop_return_address_seller_id FOREIGN KEY(seller_id) REFERENCES shop_seller (id)
)""",
)

SQLITE_BACK = (
    """DROP TABLE shop_return_address""",
    """CREATE TABLE shop_claim_new (
    id CHAR(32) NOT NULL,
    number VARCHAR(20) NOT NULL,
    order_id CHAR(32) NOT NULL,
    order_no VARCHAR(20) NOT NULL,
    position INTEGER NOT NULL,
    title VARCHAR(60) NOT NULL,
    carrier VARCHAR(60) NOT NULL,
    kind VARCHAR(40) NOT NULL,
    reason VARCHAR(40) NOT NULL,
    spoiled INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    goods_fen BIGINT NOT NULL,
    freight_fen BIGINT NOT NULL,
    says VARCHAR(500) NOT NULL,
    state VARCHAR(40) NOT NULL,
    due_at DATETIME,
    buyer_id CHAR(32) NOT NULL,
    grower_id CHAR(32) NOT NULL,
    lot_id CHAR(32),
    waybill VARCHAR(40) NOT NULL,
    return_carrier VARCHAR(60) NOT NULL,
    liable VARCHAR(40),
    liable_why VARCHAR(40),
    lost_fen BIGINT,
    booked INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    opened_at DATETIME NOT NULL,
    closed_at DATETIME,
    version INTEGER NOT NULL,
    CONSTRAINT pk_shop_claim PRIMARY KEY (id),
    CONSTRAINT ck_shop_claim_kind_known CHECK (kind IN ('spoiled', 'refund_only', 'return')),
    CONSTRAINT ck_shop_claim_reason_known CHECK (reason IN ('spoiled', 'not_arrived', 'wrong_goods', 'other', 'unwanted')),
    CONSTRAINT ck_shop_claim_state_known CHECK (state IN ('open', 'refused', 'appealed', 'to_return', 'returning', 'refunding', 'stuck', 'done', 'closed', 'withdrawn')),
    CONSTRAINT ck_shop_claim_liable_known CHECK (liable IN ('grower', 'courier', 'association')),
    CONSTRAINT ck_shop_claim_liable_why_known CHECK (liable_why IN ('within_promise', 'wrong_goods', 'not_sent', 'goods_back', 'late', 'lost', 'held_up', 'lay_at_hub', 'not_handed_over', 'goodwill', 'carrier_unknown', 'decided')),
    CONSTRAINT fk_shop_claim_line FOREIGN KEY(order_id, position) REFERENCES shop_order_line (order_id, position),
    CONSTRAINT ck_shop_claim_pieces_when_spoiled CHECK ((kind = 'spoiled') = (pieces > 0)),
    CONSTRAINT ck_shop_claim_spoiled_within_pieces CHECK (spoiled >= 0 AND spoiled <= pieces),
    CONSTRAINT ck_shop_claim_fen_not_negative CHECK (goods_fen >= 0 AND freight_fen >= 0),
    CONSTRAINT ck_shop_claim_fen_positive CHECK (goods_fen + freight_fen > 0),
    CONSTRAINT ck_shop_claim_waits_with_time CHECK ((state IN ('open', 'refused', 'appealed', 'to_return', 'returning')) = (due_at IS NOT NULL)),
    CONSTRAINT ck_shop_claim_closed_with_time CHECK ((state IN ('open', 'refused', 'appealed', 'to_return', 'returning', 'refunding', 'stuck')) = (closed_at IS NULL)),
    CONSTRAINT ck_shop_claim_liable_with_reason CHECK ((liable IS NULL) = (liable_why IS NULL)),
    CONSTRAINT uq_shop_claim_number UNIQUE (number),
    CONSTRAINT fk_shop_claim_buyer_id FOREIGN KEY(buyer_id) REFERENCES county_person (id),
    CONSTRAINT fk_shop_claim_grower_id FOREIGN KEY(grower_id) REFERENCES county_person (id),
    CONSTRAINT fk_shop_claim_lot_id FOREIGN KEY(lot_id) REFERENCES shop_lot (id)
)""",
    """INSERT INTO shop_claim_new (id, number, order_id, order_no, position, title, carrier, kind, reason, spoiled, pieces, goods_fen, freight_fen, says, state, due_at, buyer_id, grower_id, lot_id, waybill, return_carrier, liable, liable_why, lost_fen, booked, tries, opened_at, closed_at, version) SELECT id, number, order_id, order_no, position, title, carrier, kind, reason, spoiled, pieces, goods_fen, freight_fen, says, state, due_at, buyer_id, grower_id, lot_id, waybill, return_carrier, liable, CASE liable_why WHEN 'damaged' THEN 'held_up' WHEN 'bad_packing' THEN 'within_promise' WHEN 'before_hand_over' THEN 'not_handed_over' ELSE liable_why END, lost_fen, booked, tries, opened_at, closed_at, version FROM shop_claim""",
    """DROP TABLE shop_claim""",
    """ALTER TABLE shop_claim_new RENAME TO shop_claim""",
    """CREATE INDEX ix_shop_claim_order_no ON shop_claim (order_no)""",
    """CREATE INDEX ix_shop_claim_opened_at ON shop_claim (opened_at)""",
    """CREATE UNIQUE INDEX uq_shop_claim_unsettled_line ON shop_claim (order_id, position) WHERE state IN ('open', 'refused', 'appealed', 'to_return', 'returning', 'refunding', 'stuck')""",
    """CREATE INDEX ix_shop_claim_buyer_id ON shop_claim (buyer_id)""",
    """CREATE INDEX ix_shop_claim_due ON shop_claim (state, due_at)""",
    """CREATE INDEX ix_shop_claim_order_id ON shop_claim (order_id)""",
    """CREATE INDEX ix_shop_claim_lot_id ON shop_claim (lot_id)""",
    """CREATE INDEX ix_shop_claim_grower_id ON shop_claim (grower_id)""",
    """CREATE TABLE logistics_tracking_event_new (
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
    """INSERT INTO logistics_tracking_event_new (id, parcel_no, kind, at, place, source, recorded_at) SELECT id, parcel_no, kind, at, place, source, recorded_at FROM logistics_tracking_event WHERE id IN (SELECT MIN(id) FROM logistics_tracking_event GROUP BY parcel_no, kind, at, place)""",
    """DROP TABLE logistics_tracking_event""",
    """ALTER TABLE logistics_tracking_event_new RENAME TO logistics_tracking_event""",
    """CREATE TRIGGER logistics_tracking_event_no_update BEFORE UPDATE ON logistics_tracking_event BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
    """CREATE TRIGGER logistics_tracking_event_no_delete BEFORE DELETE ON logistics_tracking_event BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
    """CREATE TRIGGER logistics_tracking_event_no_replace BEFORE INSERT ON logistics_tracking_event WHEN EXISTS (SELECT 1 FROM logistics_tracking_event WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'logistics_tracking_event is append-only'); END""",
)

POSTGRESQL = (
    """ALTER TABLE logistics_tracking_event ADD COLUMN reason VARCHAR(40) NOT NULL DEFAULT 'unsaid', ADD COLUMN cause VARCHAR(40) NOT NULL DEFAULT 'unsaid', ADD COLUMN note VARCHAR(200) NOT NULL DEFAULT '', ADD COLUMN picture_id UUID""",
    """ALTER TABLE logistics_tracking_event ALTER COLUMN reason DROP DEFAULT, ALTER COLUMN cause DROP DEFAULT, ALTER COLUMN note DROP DEFAULT""",
    """ALTER TABLE logistics_tracking_event DROP CONSTRAINT uq_logistics_tracking_event_parcel_no_kind_at_place""",
    """ALTER TABLE logistics_tracking_event ADD CONSTRAINT ck_logistics_tracking_event_reason_known CHECK (reason IN ('unsaid', 'damaged', 'lost'))""",
    """ALTER TABLE logistics_tracking_event ADD CONSTRAINT ck_logistics_tracking_event_cause_known CHECK (cause IN ('unsaid', 'carrier', 'shipper', 'consignee', 'weather'))""",
    """ALTER TABLE logistics_tracking_event ADD CONSTRAINT ck_logistics_tracking_event_reason_when_held CHECK (kind = 'on_hold' OR (reason = 'unsaid' AND cause = 'unsaid'))""",
    """ALTER TABLE logistics_tracking_event ADD CONSTRAINT uq_logistics_tracking_event_told_once UNIQUE (parcel_no, kind, at, place, reason, cause)""",
    """ALTER TABLE logistics_tracking_event ADD CONSTRAINT fk_logistics_tracking_event_picture_id FOREIGN KEY(picture_id) REFERENCES county_picture (id)""",
    """ALTER TABLE shop_claim DROP CONSTRAINT ck_shop_claim_liable_why_known""",
    """ALTER TABLE shop_claim ADD CONSTRAINT ck_shop_claim_liable_why_known CHECK (liable_why IN ('within_promise', 'wrong_goods', 'not_sent', 'goods_back', 'late', 'lost', 'held_up', 'damaged', 'bad_packing', 'before_hand_over', 'lay_at_hub', 'not_handed_over', 'goodwill', 'carrier_unknown', 'decided'))""",
    """CREATE TABLE shop_return_address (
    seller_id UUID NOT NULL,
    name VARCHAR(60) NOT NULL,
    phone VARCHAR(20) NOT NULL,
    address VARCHAR(200) NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_shop_return_address PRIMARY KEY (seller_id),
    CONSTRAINT fk_shop_return_address_seller_id FOREIGN KEY(seller_id) REFERENCES shop_seller (id)
)""",
)

POSTGRESQL_BACK = (
    """DROP TABLE shop_return_address CASCADE""",
    """ALTER TABLE shop_claim DROP CONSTRAINT ck_shop_claim_liable_why_known""",
    """UPDATE shop_claim SET liable_why = CASE liable_why WHEN 'damaged' THEN 'held_up' WHEN 'bad_packing' THEN 'within_promise' WHEN 'before_hand_over' THEN 'not_handed_over' ELSE liable_why END WHERE liable_why IN ('damaged', 'bad_packing', 'before_hand_over')""",
    """ALTER TABLE shop_claim ADD CONSTRAINT ck_shop_claim_liable_why_known CHECK (liable_why IN ('within_promise', 'wrong_goods', 'not_sent', 'goods_back', 'late', 'lost', 'held_up', 'lay_at_hub', 'not_handed_over', 'goodwill', 'carrier_unknown', 'decided'))""",
    """DROP TRIGGER logistics_tracking_event_no_change ON logistics_tracking_event""",
    """DELETE FROM logistics_tracking_event e USING logistics_tracking_event o WHERE o.parcel_no = e.parcel_no AND o.kind = e.kind AND o.at = e.at AND o.place = e.place AND o.id < e.id""",
    """ALTER TABLE logistics_tracking_event DROP COLUMN picture_id, DROP COLUMN note, DROP COLUMN cause, DROP COLUMN reason""",
    """ALTER TABLE logistics_tracking_event ADD CONSTRAINT uq_logistics_tracking_event_parcel_no_kind_at_place UNIQUE (parcel_no, kind, at, place)""",
    """CREATE TRIGGER logistics_tracking_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON logistics_tracking_event FOR EACH STATEMENT EXECUTE FUNCTION logistics_tracking_event_refuse()""",
)


def upgrade() -> None:
    """Make the changes; on SQLite the changed tables anew."""
    _do(SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL)


def downgrade() -> None:
    """Take the changes back."""
    _do(SQLITE_BACK if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_BACK)


def _do(statements: tuple[str, ...]) -> None:
    connection = op.get_bind().execution_options(no_parameters=True)
    for statement in statements:
        connection.exec_driver_sql(statement)
