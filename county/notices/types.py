"""Notices and their sentences; codes are stable, the sentence is made when it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from county.errors import N_

SENTENCES: dict[str, str] = {
    "sign_in_code": N_("Your sign-in code is {code}. It is valid for 5 minutes. Tell it to nobody."),
}


@dataclass(frozen=True)
class Notice:
    """A message to one person; `facts` fill the sentence of its `code`."""

    id: UUID
    code: str
    facts: Mapping[str, str]
    link: str
    created_at: datetime
    read_at: datetime | None

    @property
    def says(self) -> str:
        """Give the English message id of this notice's sentence."""
        return SENTENCES.get(self.code, self.code)


def declare_sentences(sentences: Mapping[str, str]) -> None:
    """Add a room's sentences by code; the room calls this in its wiring."""
    for code, says in sentences.items():
        if SENTENCES.setdefault(code, says) != says:
            raise ValueError(f"notice {code} is declared twice")
