"""Use cases of search: putting a product into the index, finding products by words."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from county.database import is_postgresql
from shop.search import rules
from shop.search.tables import SearchEntryRow

FOUND_MAX = 1_000


def index_product(db: Session, *, product_id: UUID, texts: Sequence[str]) -> None:
    """Put a product into the index under these texts, in place of what was there."""
    body = " _ ".join(rules.spaced(each) for each in texts if each.strip())
    grams = " ".join(sorted({gram for each in texts for gram in rules.grams(each)}))
    row = db.get(SearchEntryRow, product_id)
    if row is None:
        db.add(SearchEntryRow(product_id=product_id, body=body, grams=grams))
    else:
        row.body, row.grams = body, grams
    db.flush()


def find_product_ids(db: Session, *, query: str) -> list[UUID]:
    """Find the products that contain every word of the query as consecutive characters.

    Gives: at most 1,000 ids, in no particular order; none for a query without letters.
    Source: STACK.md, search: single characters as a phrase have recall and precision 1.
    """
    words = rules.phrases(query)
    if not words:
        return []
    if is_postgresql(db):
        return _find_by_grams(db, words)
    match = " AND ".join('"' + " ".join(word) + '"' for word in words)
    rows = db.execute(
        text(
            "SELECT e.product_id FROM shop_search_fts f JOIN shop_search_entry e ON e.rowid = f.rowid "
            "WHERE shop_search_fts MATCH :match LIMIT :most"
        ),
        {"match": match, "most": FOUND_MAX},
    )
    return [UUID(row.product_id) for row in rows]


def _find_by_grams(db: Session, words: Sequence[str]) -> list[UUID]:
    pieces = sorted({gram for word in words for gram in rules.grams(word)})
    # Grams can lie apart, so the phrase itself is looked at too; it has no LIKE wildcards in it.
    likes = " AND ".join(f"body LIKE :like{i}" for i in range(len(words)))
    rows = db.execute(
        text(
            "SELECT product_id FROM shop_search_entry "
            f"WHERE string_to_array(grams, ' ') @> :pieces AND {likes} LIMIT :most"
        ),
        {
            "pieces": pieces,
            "most": FOUND_MAX,
            **{f"like{i}": "%" + " ".join(word) + "%" for i, word in enumerate(words)},
        },
    )
    return [row.product_id for row in rows]
