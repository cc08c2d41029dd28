"""Spans of time into which many parcels fall: what is due early takes vehicles early."""

from collections.abc import Sequence

from logistics.routes.types import Direction, Parcel

_MOST_ENDS = 10
_MOST_STARTS = 3


def narrow_spans(parcels: Sequence[Parcel], shift_s: int) -> list[tuple[int, list[Parcel]]]:
    """List spans shorter than the shift with the parcels that must be carried within them.

    Gives: (seconds, parcels). Parcels to the stations leave the hub after the span begins and arrive before
    it ends; parcels from the stations are collected after it begins and back before it ends.
    """
    spans: list[tuple[int, list[Parcel]]] = []
    for direction, most_starts, most_ends in (
        (Direction.IN, _MOST_STARTS, _MOST_ENDS),
        (Direction.OUT, _MOST_ENDS, _MOST_STARTS),
    ):
        chosen = [parcel for parcel in parcels if parcel.direction is direction]
        ends = _some({min(_due(parcel, shift_s), shift_s) for parcel in chosen}, most_ends)
        starts = _some({parcel.ready_s for parcel in chosen} | {0}, most_starts)
        for start in starts:
            for end in ends:
                inside = [p for p in chosen if p.ready_s >= start and _due(p, shift_s) <= end]
                if 0 < end - start < shift_s and inside:
                    spans.append((end - start, inside))
    return spans


def _due(parcel: Parcel, shift_s: int) -> int:
    return shift_s if parcel.due_s is None else min(parcel.due_s, shift_s)


def _some(values: set[int], most: int) -> list[int]:
    """Pick values evenly from the sorted ones, the first and the last among them."""
    ordered = sorted(values)
    if len(ordered) <= most:
        return ordered
    return [ordered[i * (len(ordered) - 1) // (most - 1)] for i in range(most)]
