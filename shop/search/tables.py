"""The search index: FTS5 over single characters on SQLite, a GIN index over grams on PostgreSQL."""

from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base
from county.guards import guard


class SearchEntryRow(Base):
    """What is known of a product for search: `body` one word per character, `grams` separated by spaces."""

    __tablename__ = "shop_search_entry"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("shop_product.id"), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    grams: Mapped[str] = mapped_column(Text)


guard(
    SearchEntryRow,
    "shop_search_index",
    sqlite=(
        "CREATE VIRTUAL TABLE shop_search_fts USING fts5(body, content='shop_search_entry', "
        "tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")",
        "CREATE TRIGGER shop_search_add AFTER INSERT ON shop_search_entry BEGIN "
        "INSERT INTO shop_search_fts(rowid, body) VALUES (NEW.rowid, NEW.body); END",
        "CREATE TRIGGER shop_search_drop AFTER DELETE ON shop_search_entry BEGIN "
        "INSERT INTO shop_search_fts(shop_search_fts, rowid, body) "
        "VALUES ('delete', OLD.rowid, OLD.body); END",
        "CREATE TRIGGER shop_search_change AFTER UPDATE ON shop_search_entry BEGIN "
        "INSERT INTO shop_search_fts(shop_search_fts, rowid, body) VALUES ('delete', OLD.rowid, OLD.body); "
        "INSERT INTO shop_search_fts(rowid, body) VALUES (NEW.rowid, NEW.body); END",
    ),
    postgresql=(
        "CREATE INDEX shop_search_grams ON shop_search_entry USING gin (string_to_array(grams, ' '))",
    ),
)
