"""The three kinds of failure: refused, unreachable, and our own mistake (everything else)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


def N_(text: str) -> str:
    """Mark an English message id for translation and give it back unchanged."""
    return text


@dataclass(frozen=True)
class Phrase:
    """A message as a fact of another message: an id with places, said in the reader's language with it."""

    says: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Say it in English."""
        return self.says.format(**self.facts)


class Refused(Exception):
    """The answer is no and nobody is at fault; the edge turns it into a sentence.

    Subclasses live in the `types.py` of the feature that raises them and set `code` (stable, listed in
    docs/errors.md), `says` (English message id with `{fact}` places, marked by `N_`) and `status`.
    """

    code: ClassVar[str]
    says: ClassVar[str]
    status: ClassVar[int] = 409

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """Say in English what was refused, with the facts filled in."""
        return self.says.format(**self.facts)


class NotFound(Refused):
    """The object does not exist, or is not the caller's: both look the same from outside."""

    code = "not_found"
    says = N_("There is no such {what}.")
    status = 404


class IllegalMove(Refused):
    """The thing is in a state from which this step is not possible; the facts name both for programs."""

    code = "illegal_move"
    says = N_("This is not possible any more: the {what} has moved on. Please look at it again.")


class Stale(Refused):
    """Somebody else changed the thing since it was read."""

    code = "stale"
    says = N_("{what} was changed by somebody else meanwhile; look at it again.")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: `where` (file:line, field) and `what` is wrong and was expected."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class BadInput(Refused):
    """Input from outside that cannot be understood; carries every fault found, nothing was changed."""

    code = "bad_input"
    says = N_("The input cannot be used: {first}")
    status = 422

    def __init__(self, faults: Sequence[Fault]) -> None:
        if not faults:
            raise ValueError("BadInput needs at least one fault")
        self.faults = tuple(faults)
        super().__init__(first=str(self.faults[0]), count=len(self.faults))


class Unreachable(Exception):
    """Something outside failed; `again` says whether trying again may help."""

    def __init__(self, what: str, *, again: bool) -> None:
        self.what = what
        self.again = again
        super().__init__(f"{what} could not be reached" + (", try again" if again else ""))
