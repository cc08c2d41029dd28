"""What trips into sets of stations pay for at least where roads make cycles: a packing of cuts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow
from scipy.spatial.distance import squareform

Real = NDArray[np.float64]
Numbers = NDArray[np.int64]
CountTrips = Callable[[frozenset[int]], int]

_FLOW_UNITS = 10_000
_MOST_ROUNDS = 40
_FEW_ROUNDS = 3
_MOST_CHAIN = 60
_MANY_ROADS = 4_000
_NEAREST = 6
_MOST_RINGS = 400
_MOST_FLOWS = 40
_LEAST_VIOLATION = 1e-3


@dataclass(frozen=True, slots=True)
class Cut:
    """A set of nodes without the entry; every trip into it pays for 2 × `width` of road."""

    inside: frozenset[int]
    width: float


@dataclass(eq=False)
class CutProblem:
    """Least road for all trips: min Σ length × times driven, every set crossed twice per trip it takes.

    `nodes`: how many, 0 is the entry; `starts`, `ends`, `lengths`: (m,) roads, none of length 0;
    `wanted`: nodes with needs; `count`: the trips that a set takes; `is_over`: tells when the time is up;
    `known`: sets that were useful for another measure of the same roads; `is_settled`: they are enough.
    """

    nodes: int
    starts: Numbers
    ends: Numbers
    lengths: Real
    wanted: Sequence[int]
    count: CountTrips
    is_over: Callable[[], bool]
    known: Sequence[frozenset[int]] = ()
    is_settled: bool = False
    trips: dict[frozenset[int], int] = field(default_factory=dict)

    def solve(self) -> list[Cut]:
        """Pack cuts; this function will give widths that no road is too short for, whenever it stops.

        Source: rounded capacity cuts, G. Laporte and Y. Nobert, 1983; a dual solution of the cut programme,
        scaled until it fits, is a proof that needs no trust in the solver's tolerances.
        """
        programme = _Programme(self.starts, self.ends, self.lengths, self._first_roads())
        self._learn(programme, [*self.known, *self._first_sets()])
        packed: list[Cut] = []
        best = -1.0
        for _ in range(_MOST_ROUNDS if len(self.lengths) <= _MANY_ROADS else _FEW_ROUNDS):
            driven, prices = programme.solve()
            load = self._load(programme.sets, prices)
            widths = prices * min(1.0, float(np.min(self.lengths[load > 0] / load[load > 0], initial=1.0)))
            value = sum(
                float(width) * self.trips[inside]
                for inside, width in zip(programme.sets, widths, strict=True)
            )
            if value > best:
                best = value
                packed = [Cut(s, float(w)) for s, w in zip(programme.sets, widths, strict=True) if w > 0]
            is_news = not (self.is_settled or self.is_over()) and self._learn(
                programme, self._violated(programme, driven)
            )
            is_news |= programme.admit(load > self.lengths * (1 + 1e-7))
            if self.is_over() or not is_news:
                break
        return packed

    def _first_roads(self) -> NDArray[np.bool_]:
        """Start with each node's nearest neighbours where there are many roads; others come when needed."""
        first = np.ones(len(self.lengths), np.bool_)
        if len(self.lengths) > _MANY_ROADS:
            first[:] = (self.starts == 0) | (self.ends == 0)
            for ends in (self.starts, self.ends):
                order = np.lexsort((self.lengths, ends))
                place = np.arange(len(order)) - np.searchsorted(ends[order], ends[order])
                first[order[place < _NEAREST]] = True
        return first

    def _load(self, sets: Sequence[frozenset[int]], prices: Real) -> Real:
        """Add up, for every road, the prices of the sets that it leaves."""
        paid = [(inside, price) for inside, price in zip(sets, prices.tolist(), strict=True) if price > 0]
        member = np.zeros((len(paid), self.nodes))
        for row, (inside, _) in enumerate(paid):
            member[row, list(inside)] = 1.0
        weighed = member * np.array([price for _, price in paid]).reshape(-1, 1)
        around, shared = weighed.sum(axis=0), weighed.T @ member
        load: Real = around[self.starts] + around[self.ends] - 2 * shared[self.starts, self.ends]
        # Differences of equal sums may leave dust where no set was left at all.
        load[load < 1e-9] = 0.0
        return load

    def _learn(self, programme: "_Programme", sets: Iterable[frozenset[int]]) -> bool:
        is_news = False
        for inside in sets:
            if inside and inside not in programme.known and self._trips_of(inside):
                programme.add(inside, self.trips[inside])
                is_news = True
        return is_news

    def _first_sets(self) -> list[frozenset[int]]:
        if self.is_settled:
            return []
        sets = [frozenset((node,)) for node in self.wanted if node]
        if len(self.lengths) > _MANY_ROADS:
            sets.extend(self._clusters())
        sets.append(frozenset(range(1, self.nodes)))
        for chain in self._chains():
            for i in range(len(chain)):
                sets.extend(
                    frozenset(chain[i : j + 1]) for j in range(i + 1, min(len(chain), i + _MOST_CHAIN))
                )
        return sets

    def _clusters(self) -> list[frozenset[int]]:
        """Join neighbours step by step, and cut rings off at every distance: sets a plane is rich in."""
        between = np.zeros((self.nodes, self.nodes))
        between[self.starts, self.ends] = between[self.ends, self.starts] = self.lengths
        order = np.argsort(-between[0, 1:], kind="stable") + 1
        step = -(-self.nodes // _MOST_RINGS)
        sets = [frozenset(order[:size].tolist()) for size in range(2, self.nodes, step)]
        apart = squareform(between[1:, 1:], checks=False)
        for method in ("average", "single") if step == 1 else ("average",):
            joined = [frozenset((node,)) for node in range(1, self.nodes)]
            for one, other, _, _ in linkage(apart, method):
                joined.append(joined[int(one)] | joined[int(other)])
            sets.extend(joined[self.nodes - 1 :])
        return sets

    def _chains(self) -> list[list[int]]:
        """List the runs of nodes with two roads each: every stretch of a ring is a cut worth having."""
        near: dict[int, set[int]] = {}
        for u, v in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            near.setdefault(u, set()).add(v)
            near.setdefault(v, set()).add(u)
        inner = {node for node, others in near.items() if node and len(others) == 2}
        chains: list[list[int]] = []
        seen: set[int] = set()
        for node in sorted(inner, key=lambda node: len(near[node] & inner)):
            chain: list[int] = []
            step: int | None = node
            while step is not None and step not in seen:
                seen.add(step)
                chain.append(step)
                step = next((other for other in near[step] if other in inner and other not in seen), None)
            if len(chain) > 1:
                chains.append(chain)
        return chains

    def _violated(self, programme: "_Programme", driven: Real) -> list[frozenset[int]]:
        """Look for sets that the driven roads cross too seldom."""
        found = self._components(programme, driven)
        flow = np.rint(driven * _FLOW_UNITS).astype(np.int32)
        both = csr_matrix(
            (
                np.concatenate((flow, flow)),
                (
                    np.concatenate((programme.starts, programme.ends)),
                    np.concatenate((programme.ends, programme.starts)),
                ),
            ),
            shape=(self.nodes, self.nodes),
            dtype=np.int32,
        )
        violated = [inside for inside in found if self._is_violated(programme, inside, driven)]
        covered = {node for inside in violated for node in inside if len(inside) * 2 < self.nodes}
        flows = 0
        for node in self.wanted:
            if node and node not in covered and flows < _MOST_FLOWS and not self.is_over():
                inside = _far_side(both, node)
                flows += 1
                if self._is_violated(programme, inside, driven):
                    violated.append(inside)
                    covered |= inside
        return violated

    def _is_violated(self, programme: "_Programme", inside: frozenset[int], driven: Real) -> bool:
        if not inside or 0 in inside or inside in programme.known:
            return False
        crossed = programme.crossings(inside, driven)
        return crossed < 2 * self._trips_of(inside) - _LEAST_VIOLATION

    def _trips_of(self, inside: frozenset[int]) -> int:
        if inside not in self.trips:
            self.trips[inside] = self.count(inside)
        return self.trips[inside]

    def _components(self, programme: "_Programme", driven: Real) -> list[frozenset[int]]:
        """Cut off what hangs on roads that are driven little, at several measures of little."""
        found: list[frozenset[int]] = []
        for least in (0.0, 0.5, 1.0, 1.5):
            kept = driven > least + 1e-6
            graph = csr_matrix(
                (np.ones(int(kept.sum())), (programme.starts[kept], programme.ends[kept])),
                shape=(self.nodes, self.nodes),
            )
            count, label = connected_components(graph, directed=False)
            for part in range(count):
                if part != label[0]:
                    found.append(frozenset(np.flatnonzero(label == part).tolist()))
            found.append(frozenset(np.flatnonzero(label != label[0]).tolist()))
        return [inside for inside in found if inside]


def _crosses(inside: frozenset[int], starts: Numbers, ends: Numbers, nodes: int) -> NDArray[np.bool_]:
    member = np.zeros(nodes, np.bool_)
    member[list(inside)] = True
    crosses: NDArray[np.bool_] = member[starts] != member[ends]
    return crosses


def _far_side(graph: csr_matrix, node: int) -> frozenset[int]:
    """Find the side of a least cut between the entry and a node on which the node lies."""
    flow = maximum_flow(graph, 0, node).flow
    left = csr_matrix(graph - flow)
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    reached = breadth_first_order(left, 0, directed=True, return_predecessors=False)
    return frozenset(range(graph.shape[0])) - frozenset(reached.tolist())


class _Programme:
    """The cut programme in HiGHS: a column per road admitted so far, a row per set."""

    def __init__(self, starts: Numbers, ends: Numbers, lengths: Real, first: NDArray[np.bool_]) -> None:
        self._all = (starts, ends, lengths)
        self._nodes = int(max(starts.max(initial=0), ends.max(initial=0))) + 1
        self._column = np.full(len(lengths), -1, np.int64)
        self.sets: list[frozenset[int]] = []
        self.known: set[frozenset[int]] = set()
        self.roads = np.zeros(0, np.int64)
        self._solver = highspy.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self.admit(first)

    @property
    def starts(self) -> Numbers:
        """The roads' first ends, in column order."""
        return self._all[0][self.roads]

    @property
    def ends(self) -> Numbers:
        """The roads' other ends, in column order."""
        return self._all[1][self.roads]

    def admit(self, wanted: NDArray[np.bool_]) -> bool:
        """Take more roads in; tell whether any was news."""
        fresh = np.flatnonzero(wanted & (self._column < 0))
        if not len(fresh):
            return False
        self._column[fresh] = len(self.roads) + np.arange(len(fresh))
        self.roads = np.concatenate((self.roads, fresh))
        rows = np.zeros((len(self.sets), self._nodes), np.bool_)
        for row, inside in enumerate(self.sets):
            rows[row, list(inside)] = True
        rows = rows[:, self._all[0][fresh]] != rows[:, self._all[1][fresh]]
        for place, road in enumerate(fresh):
            used = np.flatnonzero(rows[:, place]).astype(np.int32)
            cost = float(self._all[2][road])
            self._solver.addCol(cost, 0.0, highspy.kHighsInf, len(used), used, np.ones(len(used)))
        return True

    def add(self, inside: frozenset[int], trips: int) -> None:
        """Ask that the roads out of a set are driven twice for each of its trips."""
        crossed = np.flatnonzero(_crosses(inside, self.starts, self.ends, self._nodes)).astype(np.int32)
        self._solver.addRow(2.0 * trips, highspy.kHighsInf, len(crossed), crossed, np.ones(len(crossed)))
        self.sets.append(inside)
        self.known.add(inside)

    def crossings(self, inside: frozenset[int], driven: Real) -> float:
        """Add up how often the roads out of a set are driven."""
        return float(driven[_crosses(inside, self.starts, self.ends, self._nodes)].sum())

    def solve(self) -> tuple[Real, Real]:
        """Solve; give how often each road is driven and each set's price (its width)."""
        self._solver.run()
        solution = self._solver.getSolution()
        return np.array(solution.col_value), np.maximum(np.array(solution.row_dual), 0.0)
