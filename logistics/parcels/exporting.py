"""Answers with a table for a spreadsheet that no spreadsheet will execute."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from county.sheets import safe_text

MARK = "\ufeff"


def table_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Response:
    """Answer with a CSV file in UTF-8 with the mark by which Excel knows it.

    Takes: `name`, an ASCII file name; `rows` of texts, which become safe cells, and whole numbers.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_text(each) for each in head])
    for row in rows:
        writer.writerow([safe_text(each) if isinstance(each, str) else each for each in row])
    answer = Response(MARK + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
