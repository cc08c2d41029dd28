"""The command `livestream plan`."""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from county import clock, outputs
from county.errors import BadInput, Fault
from county.outputs import counted
from livestream.planner import service
from livestream.planner.parsers.instance import parse_instance
from livestream.planner.parsers.schedule import format_schedule, parse_kept
from livestream.planner.types import Effort, Instance, Progress, Schedule

_DEFAULT_LIMIT_S = 60.0
_LONGEST_S = 86_400.0
_MOST = 2**31 - 1
_EVERY_S = 2.0


@dataclass(frozen=True)
class _Asked:
    instance: Path
    out: Path
    effort: Effort
    keep: Path | None
    cancelled: frozenset[str]


@click.command("plan")
@click.option("--instance", metavar="FILE", help="What to plan: instance.json.")
@click.option("--out", metavar="FILE", help="Where to write schedule.json.")
@click.option("--time-limit", metavar="SECONDS", help="Time for the whole command, 60 unless said.")
@click.option("--iterations", metavar="N", help="Search steps instead of a time limit: repeatable.")
@click.option("--seed", metavar="N", default="1", show_default=True, help="Seed of the search.")
@click.option("--keep", metavar="FILE", help="An earlier schedule.json to plan around.")
@click.option(
    "--cancel", metavar="REQUEST", multiple=True, help="With --keep: a request to drop; repeatable."
)
@click.argument("more_cancelled", metavar="[REQUEST]...", nargs=-1)
def plan_command(
    instance: str | None,
    out: str | None,
    time_limit: str | None,
    iterations: str | None,
    seed: str,
    keep: str | None,
    cancel: tuple[str, ...],
    more_cancelled: tuple[str, ...],
) -> None:
    """Plan livestream sessions: who is on air when, in which studio.

    Exit 0 when every request has a place, 1 when some have none, 2 when the input is bad.
    """
    began_s = clock.monotonic_s()
    asked = _parse_options(instance, out, time_limit, iterations, seed, keep, (cancel, more_cancelled))
    parsed = parse_instance(asked.instance)
    schedule = _plan(parsed, asked, began_s)
    outputs.write_text(asked.out, [format_schedule(schedule, parsed)])
    _say_result(schedule, asked.out)
    if schedule.unplaced:
        sys.exit(1)


def _parse_options(
    instance: str | None,
    out: str | None,
    time_limit: str | None,
    iterations: str | None,
    seed: str,
    keep: str | None,
    cancelled: tuple[tuple[str, ...], tuple[str, ...]],
) -> _Asked:
    faults: list[Fault] = []
    if instance is None:
        faults.append(Fault("--instance", "is missing, expected the path of instance.json"))
    if out is None:
        faults.append(Fault("--out", "is missing, expected the path of the schedule to write"))
    if time_limit is not None and iterations is not None:
        faults.append(Fault("--iterations", "stands beside --time-limit, expected one of the two"))
    if cancelled[1] and not cancelled[0]:
        faults.append(Fault(cancelled[1][0][:40], "is not an option, expected options or --cancel REQUEST"))
    elif cancelled[0] and keep is None:
        faults.append(Fault("--cancel", "stands without --keep, expected the schedule to plan around"))
    limit_s = _parse_seconds(time_limit, faults)
    steps = _parse_whole("--iterations", iterations, faults)
    number = _parse_whole("--seed", seed, faults) or 0
    if faults or instance is None or out is None:
        raise BadInput(faults)
    # The schedule that is kept may be replaced by the new one: it has been read by then.
    outputs.require_places({"--out": Path(out)}, inputs=[Path(instance)])
    return _Asked(
        instance=Path(instance),
        out=Path(out),
        effort=Effort(None if steps is not None else limit_s, steps, number, processes=2),
        keep=Path(keep) if keep is not None else None,
        cancelled=frozenset(cancelled[0] + cancelled[1]),
    )


def _parse_seconds(text: str | None, faults: list[Fault]) -> float:
    if text is None:
        return _DEFAULT_LIMIT_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_S:
        what = f"{text[:40]!r} is no time limit, expected seconds above 0 and up to {_LONGEST_S:.0f}"
        faults.append(Fault("--time-limit", what))
    return seconds


def _parse_whole(option: str, text: str | None, faults: list[Fault]) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST)) and int(text) <= _MOST):
        faults.append(Fault(option, f"{text[:40]!r} is not a number, expected one from 0 to {_MOST}"))
        return None
    return int(text)


def _plan(instance: Instance, asked: _Asked, began_s: float) -> Schedule:
    def elapsed_s() -> float:
        return clock.monotonic_s() - began_s

    report = _Progress()
    if asked.keep is None:
        return service.plan_sessions(instance, effort=asked.effort, elapsed_s=elapsed_s, report=report)
    kept = parse_kept(asked.keep, instance, cancelled=asked.cancelled)
    return service.replan_sessions(
        instance,
        kept=kept,
        cancelled=asked.cancelled,
        effort=asked.effort,
        elapsed_s=elapsed_s,
        report=report,
    )


class _Progress:
    """Prints where the search stands on standard error, not more often than people can read."""

    def __init__(self) -> None:
        self._said_s = -_EVERY_S
        self._kind = ""

    def __call__(self, progress: Progress) -> None:
        kind = progress.step.rstrip(" 0123456789")
        if kind == self._kind and progress.seconds < self._said_s + _EVERY_S:
            return
        self._kind, self._said_s = kind, progress.seconds
        bound = "" if progress.upper_bound is None else _say_bound(progress.objective, progress.upper_bound)
        line = f"{progress.seconds:7.1f} s  {progress.step}: objective {progress.objective}{bound}"
        click.echo(line, err=True)


def _say_bound(objective: int, upper_bound: int) -> str:
    gap = f", gap {(upper_bound - objective) / objective:.2%}" if objective else ""
    return f", upper bound {upper_bound}{gap}"


def _say_result(schedule: Schedule, out: Path) -> None:
    total = counted(len(schedule.sessions) + len(schedule.unplaced), "request")
    click.echo(
        f"{out}: {len(schedule.sessions)} of {total} placed, objective {schedule.objective}, "
        f"upper bound {schedule.upper_bound}, gap {schedule.gap_bp / 100:.2f} %, {schedule.seconds:.1f} s"
    )
    if schedule.moved is not None:
        moved = "".join(f" {id}" for id in schedule.moved)
        click.echo(f"{counted(len(schedule.moved), 'kept session')} moved{moved}")
    if schedule.unplaced:
        counts = Counter(row.reason.value for row in schedule.unplaced)
        said = ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))
        click.echo(f"needs attention: {counted(len(schedule.unplaced), 'request')} not placed: {said}")
