"""The road graph as the bound sees it: bridges hanging from blocks, rooted at the hub."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Edge = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Bridge:
    """A road without a way round it: `near` and `far` end, its length, and the next bridge on the way home.

    `above` is the index of the next bridge towards the hub, -1 at the hub's own component.
    """

    near: int
    far: int
    distance_m: int
    duration_s: int
    above: int


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the network in which every road has a way round it.

    `nodes` begins with the entry (the node nearest to the hub); `roads` are (u, v, distance_m, duration_s).
    `above` is the bridge by which vehicles come in, -1 when the hub itself lies inside.
    """

    nodes: tuple[int, ...]
    roads: tuple[Edge, ...]
    above: int


@dataclass(frozen=True, slots=True)
class RoadTree:
    """Bridges in the order of a walk from the hub, and the blocks between them.

    `bridge_of[node]` is the last bridge on every way from the hub to a node (-1: none),
    `block_of[node]` the block that the node lies in (-1: none).
    """

    bridges: tuple[Bridge, ...]
    blocks: tuple[Block, ...]
    bridge_of: dict[int, int] = field(repr=False)
    block_of: dict[int, int] = field(repr=False)


def split_at_bridges(edges: Sequence[Edge], hub: int, wanted: set[int]) -> RoadTree:
    """Split a road graph into bridges and blocks; this function will leave out what no wanted node needs.

    Takes: `edges` at most one per pair of nodes; `wanted`, nodes that vehicles must reach.
    Cost: O(nodes + edges), without recursion.
    Source: R. E. Tarjan, A note on finding the bridges of a graph, 1974 (lowpoints).
    """
    near: dict[int, list[int]] = {}
    for number, (u, v, _, _) in enumerate(edges):
        near.setdefault(u, []).append(number)
        near.setdefault(v, []).append(number)
    order, entered_by = _walk(edges, near, hub)
    is_bridge = _find_bridges(edges, near, order, entered_by)
    useful = _count_wanted(order, entered_by, edges, wanted)
    return _assemble(edges, near, order, entered_by, is_bridge, useful)


def _other(edge: Edge, node: int) -> int:
    return edge[1] if edge[0] == node else edge[0]


def _walk(edges: Sequence[Edge], near: dict[int, list[int]], hub: int) -> tuple[list[int], dict[int, int]]:
    """Walk depth first from the hub; give the nodes in order of entry and the road each was entered by."""
    entered_by = {hub: -1}
    order = [hub]
    stack = [(hub, iter(near.get(hub, ())))]
    while stack:
        node, roads = stack[-1]
        for number in roads:
            neighbour = _other(edges[number], node)
            if neighbour not in entered_by:
                entered_by[neighbour] = number
                order.append(neighbour)
                stack.append((neighbour, iter(near[neighbour])))
                break
        else:
            stack.pop()
    return order, entered_by


def _find_bridges(
    edges: Sequence[Edge], near: dict[int, list[int]], order: list[int], entered_by: dict[int, int]
) -> set[int]:
    rank = {node: i for i, node in enumerate(order)}
    low = dict(rank)
    bridges: set[int] = set()
    for node in reversed(order):
        for number in near.get(node, ()):
            neighbour = _other(edges[number], node)
            if number == entered_by[node]:
                continue
            is_child = entered_by[neighbour] == number
            low[node] = min(low[node], low[neighbour] if is_child else rank[neighbour])
        if entered_by[node] >= 0 and low[node] == rank[node]:
            bridges.add(entered_by[node])
    return bridges


def _count_wanted(
    order: list[int], entered_by: dict[int, int], edges: Sequence[Edge], wanted: set[int]
) -> dict[int, int]:
    counts = {node: int(node in wanted) for node in order}
    for node in reversed(order[1:]):
        counts[_other(edges[entered_by[node]], node)] += counts[node]
    return counts


def _assemble(
    edges: Sequence[Edge],
    near: dict[int, list[int]],
    order: list[int],
    entered_by: dict[int, int],
    is_bridge: set[int],
    useful: dict[int, int],
) -> RoadTree:
    bridges: list[Bridge] = []
    members: list[list[int]] = [[order[0]]]
    above_of: list[int] = [-1]
    component = {order[0]: 0}
    for node in order[1:]:
        number = entered_by[node]
        parent = _other(edges[number], node)
        # A subtree behind a bridge with nothing to serve is never entered.
        if parent not in component or (number in is_bridge and not useful[node]):
            continue
        if number in is_bridge:
            near_side = above_of[component[parent]]
            bridges.append(Bridge(parent, node, edges[number][2], edges[number][3], near_side))
            component[node] = len(members)
            members.append([node])
            above_of.append(len(bridges) - 1)
        else:
            component[node] = component[parent]
            members[component[node]].append(node)
    blocks: list[Block] = []
    block_of = dict.fromkeys(component, -1)
    for nodes, above in zip(members, above_of, strict=True):
        if len(nodes) > 1:
            inside = set(nodes)
            numbers = {n for node in nodes for n in near[node] if n not in is_bridge}
            roads = tuple(edges[n] for n in sorted(numbers) if {edges[n][0], edges[n][1]} <= inside)
            block_of.update(dict.fromkeys(nodes, len(blocks)))
            blocks.append(Block(tuple(nodes), roads, above))
    bridge_of = {node: above_of[number] for node, number in component.items()}
    return RoadTree(tuple(bridges), tuple(blocks), bridge_of, block_of)
