"""How long a search may go on: by the clock, or by counted steps that make it repeatable."""

from collections.abc import Callable
from dataclasses import dataclass

from livestream.planner.types import Effort

_NO_LIMIT_S = 1e7


@dataclass(frozen=True)
class Budget:
    """Time or steps to spend; `elapsed_s` reads a clock that never jumps, 0 at the start of the command."""

    effort: Effort
    elapsed_s: Callable[[], float]
    reserve_s: float = 0.0

    @property
    def timed(self) -> bool:
        """Tell whether the clock, not a number of steps, ends the search."""
        return self.effort.iterations is None

    def left_s(self) -> float:
        """Give the seconds left, practically endless when steps are counted."""
        if self.effort.limit_s is None or not self.timed:
            return _NO_LIMIT_S
        return self.effort.limit_s - self.reserve_s - self.elapsed_s()

    def within(self, limit_s: float) -> float:
        """Give a limit for one step: `limit_s`, or what is left when that is less; endless when counted."""
        return min(limit_s, self.left_s()) if self.timed else _NO_LIMIT_S

    def allows(self, step: int) -> bool:
        """Tell whether the step with this number, from 0, may begin."""
        if self.effort.iterations is not None:
            return step < self.effort.iterations
        return self.left_s() > 0
