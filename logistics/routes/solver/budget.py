"""How long a search may go on: until an instant, or for a number of steps when a run must repeat exactly."""

from collections.abc import Callable
from dataclasses import dataclass

from county import clock


@dataclass
class Budget:
    """What a run may spend: seconds on the clock, or search steps; exactly one of the two counts.

    `ends_s` is an instant of `clock.monotonic_s`; `steps` counts down as searches report what they used;
    `whole` is what there was at first, in seconds or steps.
    """

    ends_s: float | None = None
    steps: int | None = None
    whole: float = 0.0

    @classmethod
    def of_seconds(cls, seconds: float) -> "Budget":
        """Open a budget of seconds from now on."""
        return cls(ends_s=clock.monotonic_s() + seconds, whole=seconds)

    @classmethod
    def of_steps(cls, steps: int) -> "Budget":
        """Open a budget of search steps: the same input then gives the same plan."""
        return cls(steps=steps, whole=steps)

    @property
    def is_spent(self) -> bool:
        """Tell whether nothing is left."""
        if self.ends_s is not None:
            return clock.monotonic_s() >= self.ends_s
        return self.steps is not None and self.steps <= 0

    @property
    def left_s(self) -> float | None:
        """Give the seconds left; None when steps count."""
        return None if self.ends_s is None else max(0.0, self.ends_s - clock.monotonic_s())

    def part(self, share: float) -> "Budget":
        """Cut a share of the whole into a budget of its own, as far as so much is left."""
        if self.ends_s is not None:
            return Budget.of_seconds(min(self.left_s or 0.0, self.whole * share))
        return Budget.of_steps(min(max(0, self.steps or 0), max(1, round(self.whole * share))))

    def spend(self, steps: int) -> None:
        """Take used steps off; seconds pass by themselves."""
        if self.steps is not None:
            self.steps -= steps

    def stopper(self) -> Callable[[int], bool]:
        """Give a stopping rule: it counts its calls where steps count, else it looks at the clock."""
        if self.ends_s is not None:
            return lambda _best: self.is_spent
        calls = iter(range(self.steps or 0))
        return lambda _best: next(calls, None) is None
