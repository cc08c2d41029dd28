"""Goes on proving the bound in a second process while the first one searches."""

import multiprocessing
import os
from multiprocessing.connection import Connection

from livestream.planner.solver.bound import prove
from livestream.planner.solver.budget import Budget
from livestream.planner.solver.generation import Generation

# Below this gap further rounds lower the bound by less than anyone can see.
_CLOSE = 1e-5


def can_fork() -> bool:
    """Tell whether this machine has a second core and can copy a process with its linear program."""
    return "fork" in multiprocessing.get_all_start_methods() and (os.cpu_count() or 1) > 1


class BoundBeside:
    """A copy of this process that continues a column generation and sends every better bound."""

    def __init__(self, generation: Generation, budget: Budget) -> None:
        context = multiprocessing.get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_continue, args=(generation, budget, sender), daemon=True)
        self._process.start()
        self._hears = True
        sender.close()

    def lowest(self, bound: int, *, wait_s: float = 0.0) -> int:
        """Give the lowest bound heard of so far, `bound` included; wait a while for the next one."""
        try:
            while self._hears and self._receiver.poll(wait_s):
                bound, wait_s = min(bound, self._receiver.recv()), 0.0
        except EOFError:
            self._hears = False
        return bound

    def stop(self) -> None:
        """End the second process."""
        self._process.kill()
        self._process.join()


def _continue(generation: Generation, budget: Budget, sender: Connection) -> None:
    while not generation.dried_up and generation.gap() > _CLOSE and budget.left_s() > 0:
        before = generation.best_value
        generation.step(budget.left_s)
        if generation.best_value < before and generation.best_duals is not None:
            sender.send(prove(generation.pricer, generation.limits.to_prices(generation.best_duals)))
    sender.close()
