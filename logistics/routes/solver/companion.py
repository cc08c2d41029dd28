"""A second search in a process of its own; the two tell each other of every better plan."""

import multiprocessing
import select
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Any

from logistics.routes.solver.schedule import VehicleDay

News = tuple[list[VehicleDay], list[int]]
# Far from the seeds that the first search counts up to.
SEED_STEP = 1_000_003


class Line:
    """One end of the line between two searches."""

    def __init__(self, end: Connection) -> None:
        self.end: Connection | None = end

    def send(self, days: Sequence[VehicleDay], lost: Sequence[int]) -> None:
        """Tell the other search of a plan, unless it has ended or has not listened for long.

        Two searches that wait for each other to listen would wait for ever. A line that takes anything has
        room for a plan: it takes nothing once it is a quarter full.
        """
        try:
            if self.end is not None and select.select([], [self.end], [], 0)[1]:
                self.end.send((list(days), list(lost)))
        except OSError:
            self.end = None

    def receive(self) -> list[News]:
        """Take what the other search has told since the last time."""
        told: list[News] = []
        try:
            while self.end is not None and self.end.poll():
                told.append(self.end.recv())
        except (EOFError, OSError):
            self.end = None
        return told


class Companion:
    """A forked process that searches with another seed until it is dismissed."""

    def __init__(self, search: Callable[[Line], object]) -> None:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        self.line = Line(ours)

        def work() -> None:
            ours.close()
            search(Line(theirs))

        self.process: ForkProcess = context.Process(target=work, daemon=True)
        self.process.start()
        theirs.close()

    def dismiss(self) -> None:
        """End the other search, whatever it is doing."""
        self.process.terminate()
        self.process.join()


class Beside:
    """A forked process that works something out and tells it once."""

    def __init__(self, work: Callable[[], object]) -> None:
        context = multiprocessing.get_context("fork")
        self.end, theirs = context.Pipe()

        def tell() -> None:
            self.end.close()
            theirs.send(work())

        self.process: ForkProcess = context.Process(target=tell, daemon=True)
        self.process.start()
        theirs.close()

    def results(self, *, within_s: float) -> list[Any]:
        """Give what it told, a list of one; an empty list when it told nothing in time. It is ended then."""
        told = []
        try:
            if self.end.poll(within_s):
                told.append(self.end.recv())
        except (EOFError, OSError):
            pass  # It died: the work was only ever a second opinion.
        self.process.terminate()
        self.process.join()
        self.end.close()
        return told
