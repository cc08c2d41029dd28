"""The heads of the chains as lines of a file outside the database, so that a rewritten past is noticed."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from county.errors import BadInput, Fault

NAME = "chain-heads.jsonl"


def append_heads(
    path: Path, *, database: str, restores: int, heads: Mapping[str, tuple[int, str]], now: datetime
) -> None:
    """Write one line per chain and make sure that it is on the disk.

    Takes: `database`, which one it is, without password; `restores`, how often it was restored from a backup.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        for chain, (sequence, found) in sorted(heads.items()):
            line = {
                "chain": chain,
                "sequence": sequence,
                "hash": found,
                "database": database,
                "restores": restores,
                "written_at": now.isoformat(),
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_heads(path: Path, *, database: str, restores: int) -> dict[str, dict[int, str]]:
    """Read the heads of this database, by chain and sequence, since its last restore.

    Refuses: `BadInput` naming each line that is not a head.
    """
    heads: dict[str, dict[int, str]] = {}
    faults = []
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, text in enumerate(lines, 1):
        try:
            line = json.loads(text)
            if line["database"] == database and line["restores"] == restores:
                heads.setdefault(line["chain"], {})[int(line["sequence"])] = str(line["hash"])
        except (ValueError, KeyError, TypeError):
            faults.append(Fault(f"{path}:{number}", "is not a line with the head of a chain"))
    if faults:
        raise BadInput(faults)
    return heads
