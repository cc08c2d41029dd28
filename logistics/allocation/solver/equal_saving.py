"""Equal relative savings as far as no coalition would leave: least spread, then nearest to equal."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logistics.allocation.solver.coalitions import Real, Whole, real_sums_of_members

_MOST_ROUNDS = 200
_ROWS_PER_ROUND = 40
# In parts of the cost of all: far below a fen on any bill, far above the solver's own tolerance.
_TOLERANCE = 1e-7


def optimize() -> Any:
    """Give scipy.optimize, imported when it is first needed: half a second that most processes never use."""
    from scipy import optimize

    return optimize


def equal_saving(costs: Whole) -> list[float]:
    """Share the cost of all so that everybody saves the same part of its stand-alone cost, if that is stable.

    Gives: parts of the cost of all (sum 1). Where equal parts would make a coalition leave: the shares in
    the core (or, when it is empty, the least core) with the least difference between the largest and the
    smallest relative saving, and among those the nearest to equal savings (so there is exactly one).
    Cost: every coalition is looked at once a round; violated ones become rows of a small programme.
    Source: M. Frisk, M. Göthe-Lundgren, K. Jörnsten, M. Rönnqvist, Cost allocation in collaborative forest
    transportation, European Journal of Operational Research 205, 2010 (equal profit method).
    """
    n = len(costs).bit_length() - 1
    whole = float(costs[-1])
    alone = np.array([float(costs[1 << i]) for i in range(n)]) / whole
    equal = alone / alone.sum()
    parts = costs / whole
    if _largest_excess(equal, parts)[0] <= _TOLERANCE:
        return [float(part) for part in equal]
    programme = _Programme(alone, parts)
    slack = programme.least_slack()
    spread = programme.least_spread(slack)
    return [float(part) for part in programme.nearest_to_equal(slack, spread)]


def _largest_excess(shares: Real, parts: Real) -> tuple[float, NDArray[np.intp]]:
    """Find the coalitions that pay most beyond their cost, the worst first."""
    excess = real_sums_of_members([float(share) for share in shares]) - parts
    excess[-1] = excess[0] = -np.inf
    few = min(_ROWS_PER_ROUND, len(excess) - 1)
    worst = np.argpartition(-excess, few)[:few]
    worst = worst[np.lexsort((worst, -excess[worst]))]
    return float(excess[worst[0]]), worst


@dataclass
class _Programme:
    """The stability of the coalitions seen so far, in parts of the cost of all."""

    alone: Real
    parts: Real

    def __post_init__(self) -> None:
        self.members: list[int] = [1 << i for i in range(len(self.alone))]

    def least_slack(self) -> float:
        """Find how much the coalitions must give up at least for any shares to be stable (0: the core)."""
        found = self._solve(np.array([0.0, 0.0, 1.0]), most_slack=np.inf)
        return max(0.0, float(found[-1]))

    def least_spread(self, slack: float) -> float:
        """Find the least difference between two relative savings that stable shares can have."""
        found = self._solve(np.array([-1.0, 1.0, 0.0]), most_slack=slack + _TOLERANCE / 4)
        return float(found[-2] - found[-3])

    def nearest_to_equal(self, slack: float, spread: float) -> Real:
        """Take the one point nearest to equal savings, courier by courier weighed by stand-alone cost."""
        slack, spread = slack + _TOLERANCE / 2, spread + _TOLERANCE
        for _ in range(_MOST_ROUNDS):
            shares = self._nearest_once(slack, spread)
            if not self._learn(shares, slack):
                break
        shares = np.maximum(shares, 0.0)
        shares /= shares.sum()
        return shares

    def _learn(self, shares: Real, slack: float) -> bool:
        """Take the worst coalitions in; tell whether any of them was news."""
        largest, worst = _largest_excess(shares, self.parts)
        fresh = [int(mask) for mask in worst if int(mask) not in self.members]
        if largest > slack + _TOLERANCE / 8:
            self.members.extend(fresh)
            return bool(fresh)
        return False

    def _nearest_once(self, slack: float, spread: float) -> Real:
        """Solve min ‖u‖ with G u ≥ h, where u = √weight × (relative share − level), by least squares.

        Source: C. L. Lawson and R. J. Hanson, Solving Least Squares Problems, 1974, chapter 23 (LDP).
        """
        n = len(self.alone)
        whole = float(self.alone.sum())
        root = np.sqrt(self.alone)
        apart = np.array([(i, j) for i in range(n) for j in range(n) if i != j])
        rows, least = np.zeros((len(apart), n)), np.full(len(apart), -spread)
        rows[np.arange(len(apart)), apart[:, 0]] = -1.0
        rows[np.arange(len(apart)), apart[:, 1]] = 1.0
        inside = np.array([[float(mask >> i & 1) for i in range(n)] for mask in self.members])
        stable = -inside * self.alone
        above = inside @ self.alone / whole - self.parts[self.members] - slack
        steep = np.vstack((rows, stable)) / root
        # The level itself pays the whole bill, so only steps at right angles to √alone keep paying it.
        free = np.linalg.svd(root.reshape(1, -1))[2][1:].T
        problem = np.vstack(((steep @ free).T, np.concatenate((least, above))))
        weights, _ = optimize().nnls(problem, np.eye(n)[-1], maxiter=100 * problem.shape[1])
        residual = problem @ weights - np.eye(n)[-1]
        step = free @ (-residual[:-1] / residual[-1])
        shares: Real = self.alone / whole + step * root
        return shares

    def _solve(self, cost: Real, *, most_slack: float) -> Real:
        for _ in range(_MOST_ROUNDS):
            found = self._solve_once(cost, most_slack)
            if not self._learn(found[:-3] * self.alone, float(found[-1])):
                break
        return found

    def _solve_once(self, cost: Real, most_slack: float) -> Real:
        """Solve for every courier's relative share, then the lowest, the highest and the slack."""
        n = len(self.alone)
        order = np.zeros((2 * n, n + 3))
        for i in range(n):
            order[2 * i, [i, n + 1]] = 1.0, -1.0
            order[2 * i + 1, [n, i]] = 1.0, -1.0
        stable = np.zeros((len(self.members), n + 3))
        stable[:, :n] = [[float(mask >> i & 1) for i in range(n)] for mask in self.members] * self.alone
        stable[:, n + 2] = -1.0
        whole = np.concatenate((self.alone, np.zeros(3))).reshape(1, -1)
        answer = optimize().linprog(
            np.concatenate((np.zeros(n), cost)),
            A_ub=np.vstack((order, stable)),
            b_ub=np.concatenate((np.zeros(2 * n), self.parts[self.members])),
            A_eq=whole,
            b_eq=[1.0],
            bounds=[(0.0, None)] * (n + 2) + [(0.0, most_slack)],
            method="highs",
        )
        if answer.x is None:
            raise AssertionError(f"equal saving: {answer.message}")
        found: Real = answer.x
        return found
