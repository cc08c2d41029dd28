"""Text to index keys: single characters for SQLite phrases, one- and two-character grams for PostgreSQL."""

import unicodedata


def normal(text: str) -> str:
    """Fold width and case, keep letters, digits and Chinese characters; runs of others become one space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded).split())


def spaced(text: str) -> str:
    """Write every character of a text as a word of its own, for a phrase index; a gap becomes `_`."""
    return " ".join(normal(text).replace(" ", "_"))


def grams(text: str) -> list[str]:
    """Give the distinct one- and two-character pieces of the words of a text, sorted."""
    pieces: set[str] = set()
    for word in normal(text).split():
        pieces.update(word)
        pieces.update(word[i : i + 2] for i in range(len(word) - 1))
    return sorted(pieces)


def phrases(query: str) -> list[str]:
    """Give the words of a query, each of which a product must contain."""
    return normal(query).split()[:8]
