"""What a look at an invariant found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SHOWN_ROWS = 20


@dataclass(frozen=True)
class Finding:
    """The rows that break an invariant: how many, and the first of them."""

    name: str
    count: int
    rows: Sequence[Sequence[Any]]

    @property
    def holds(self) -> bool:
        """Tell whether no row breaks it."""
        return self.count == 0


@dataclass(frozen=True)
class ChainState:
    """One hash chain after a full look: how many seals it has and what does not fit."""

    chain: str
    seals: int
    head: str
    faults: tuple[str, ...]
