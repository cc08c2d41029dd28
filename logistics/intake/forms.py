"""Turns uploads and station choices into typed values."""

import re
import tempfile
from pathlib import Path

from flask import request

from county.errors import BadInput, Fault

ENDINGS = (".csv", ".xlsx")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Upload:
    """An uploaded table on disk for as long as it is read."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="intake-")

    def __enter__(self) -> tuple[Path, str]:
        """Give the file and the name its sender gave it.

        Refuses: `BadInput` when there is none or its name ends neither in .csv nor in .xlsx.
        """
        upload = request.files.get("file")
        name = _CONTROL.sub("", upload.filename or "") if upload else ""
        ending = Path(name).suffix.lower()
        if upload is None or not name:
            raise BadInput([Fault("file", "no file was chosen")])
        if ending not in ENDINGS:
            raise BadInput([Fault(name[:80], "is neither .csv nor .xlsx; expected a table in one of these")])
        path = Path(self._folder.name) / ("table" + ending)
        upload.save(path)
        return path, name[:120]

    def __exit__(self, *_error: object) -> None:
        """Throw the file away."""
        self._folder.cleanup()


def read_carrier() -> str:
    """Read which carrier a file is from."""
    return request.form.get("carrier", "")[:60]


def read_chosen() -> dict[int, str]:
    """Read the stations that a person chose, by row number."""
    chosen = {}
    for name, value in request.form.items():
        row = name.removeprefix("station-")
        if name.startswith("station-") and row.isascii() and row.isdigit() and value:
            chosen[int(row)] = value[:40]
    return chosen
