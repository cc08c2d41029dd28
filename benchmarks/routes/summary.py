"""Sums rows of plans up: one line per case, and a picture of cost and time over the size of a day."""

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

WIDTH, HEIGHT, EDGE = 640, 300, 52
SIZE = "(size)"


def summary(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Write one line of a Markdown table per case: gaps, targets, vehicles, seconds, memory, savings."""
    yield "| case | seeds | mean cost (fen) | mean bound | gap median | gap worst | target reached | s | MB |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for case in dict.fromkeys(row["case"] for row in rows):
        own = [row for row in rows if row["case"] == case]
        gaps = [row["gap_bp"] / 100 for row in own]
        target = own[0]["target_gap_bp"]
        reached = "–"
        if target is not None:
            reached = f"≤ {target / 100:g} %: {sum(row['gap_bp'] <= target for row in own)} of {len(own)}"
        cost, bound = (round(statistics.mean(row[key] for row in own)) for key in ("cost_fen", "bound_fen"))
        yield (
            f"| {case} | {len(own)} | {cost:,} | {bound:,}"
            f" | {statistics.median(gaps):.2f} % | {max(gaps):.2f} %"
            f" | {reached} | {max(row['wall_s'] for row in own)} | {max(row['peak_mb'] for row in own)} |"
        )
    yield ""
    yield from _savings(rows)


def _savings(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    names = dict.fromkeys(key for row in rows for key in row if key.startswith("saved_"))
    for name in names:
        saved = [row[name] for row in rows if name in row]
        yield (
            f"{name[6:-8]}: {min(saved)} to {max(saved)} % saved, median {statistics.median(saved):.1f} %"
            f" ({len(saved)} counties)"
        )


def seeds_table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Write one line of a Markdown table per plan."""
    names = ("case", "seed", "cost_fen", "bound_fen", "gap_bp", "vehicles", "trips", "wall_s", "peak_mb")
    yield "| " + " | ".join(names) + " |"
    yield "|" + "---|" * len(names)
    for row in rows:
        cells = (f"{row[name]:,}" if isinstance(row[name], int) else str(row[name]) for name in names)
        yield "| " + " | ".join(cells) + " |"


def picture(rows: Sequence[dict[str, Any]]) -> str:
    """Draw fen per parcel, and seconds until the plan is there, over the parcels of a day, as SVG."""
    own = sorted((row for row in rows if row["case"].endswith(SIZE)), key=lambda row: row["parcels"])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for place, (name, label, colour) in enumerate(
        (("fen_per_parcel", "fen per parcel", "#1f6f43"), ("wall_s", "seconds (limit 20)", "#b3541e"))
    ):
        parts.extend(_curve(own, name, label, colour, left=place * WIDTH // 2))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _curve(rows: Sequence[dict[str, Any]], name: str, label: str, colour: str, *, left: int) -> Iterator[str]:
    """Points at equal steps (sizes grow about threefold each), heights from 0."""
    wide, high = WIDTH // 2 - EDGE - 20, HEIGHT - 2 * EDGE
    top = max(float(row[name]) for row in rows) * 1.1
    yield f'<text x="{left + EDGE}" y="{EDGE - 20}" fill="{colour}">{label}</text>'
    yield (f'<path d="M{left + EDGE} {EDGE}V{EDGE + high}H{left + EDGE + wide}" stroke="#888" fill="none"/>')
    points = []
    for place, row in enumerate(rows):
        x = left + EDGE + round(wide * place / max(1, len(rows) - 1))
        y = EDGE + high - round(high * float(row[name]) / top)
        points.append(f"{x},{y}")
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
        yield f'<text x="{x}" y="{y - 8}" text-anchor="middle">{row[name]}</text>'
        yield f'<text x="{x}" y="{EDGE + high + 18}" text-anchor="middle">{row["parcels"] // 1000}k</text>'
    yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>'
