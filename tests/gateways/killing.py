"""Kills a process by `kill -9` at a named point: before or after a commit, or after a call's effect.

Nothing of this is in the product: its functions are wrapped here, so that each commit gets the names of what
was done in its transaction, and the driver's commit is what a kill comes before or after.
"""

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import county.jobs.service
import county.outbox.service
import county.payments.jobs
import county.payments.service
import shop.orders.service
import shop.payouts.service
from county import database

BEFORE, AFTER = "before the commit", "after the commit"
EFFECT = "after the effect at Alipay"
ANSWERED = "after the answer"
# By module and function: what a transaction that calls it does, in the words of the table in docs/proofs.md.
DOES = (
    (shop.orders.service, "write_orders", "order placed"),
    (shop.payouts.service, "release_order", "order released"),
    (county.payments.service, "record_notice", "notice recorded"),
    (county.payments.service, "record_bill", "bill recorded"),
    (county.payments.service, "open_refund", "refund planned"),
    (county.payments.service, "open_confirmation", "confirm planned"),
    (county.payments.service, "open_split", "split planned"),
    (county.payments.service, "open_binding", "bind planned"),
    (county.payments.service, "open_transfer", "transfer planned"),
    (county.payments.service, "close_payment", "close planned"),
    (county.payments.service, "begin_instruction", "{wish} sent"),
    (county.payments.service, "close_instruction", "{wish} recorded"),
    (county.outbox.service, "read_event", "outbox handled"),
    (county.jobs.service, "claim_job", "job claimed"),
    (county.jobs.service, "finish_job", "job done"),
)
# Every job begins and ends so; they name a commit only when nothing else does.
EVERY_JOB = ("job claimed", "job done")


@dataclass(frozen=True)
class Point:
    """A point of a program's work, by what is done there and on which side of it."""

    name: str
    side: str


@dataclass
class Killer:
    """Follows a program's work; kills it at `target`, or writes down every point that it passes."""

    target: Point | None = None
    doing: list[str] = field(default_factory=list)
    passed: list[Point] = field(default_factory=list)

    def at(self, name: str, side: str) -> None:
        """Pass a point, or die there."""
        point = Point(name, side)
        if point == self.target:
            os.kill(os.getpid(), signal.SIGKILL)
        if point not in self.passed:
            self.passed.append(point)

    def follow(self) -> None:
        """Wrap what names a commit, the commit itself and the calls; call once, after `database.connect`."""
        for module, function, does in DOES:
            setattr(module, function, self._naming(getattr(module, function), does))
        perform = county.payments.jobs.perform

        def performed(provider: Any, begun: Any) -> Any:
            outcome = perform(provider, begun)
            self.at(f"{begun.wish} called", EFFECT)
            return outcome

        county.payments.jobs.perform = performed
        dialect = database.engine().dialect
        commit, roll_back = dialect.do_commit, dialect.do_rollback

        def committed(connection: Any) -> None:
            name = self._name()
            if name:
                self.at(name, BEFORE)
            commit(connection)
            self.doing.clear()
            if name:
                self.at(name, AFTER)

        def rolled_back(connection: Any) -> None:
            roll_back(connection)
            self.doing.clear()

        dialect.do_commit, dialect.do_rollback = committed, rolled_back  # type: ignore[method-assign]

    def _naming(self, work: Callable[..., Any], does: str) -> Callable[..., Any]:
        def named(*given: Any, **asked: Any) -> Any:
            result = work(*given, **asked)
            # No instruction to begin, no job to claim: then nothing was done.
            if result is not None or ("{" not in does and does != "job claimed"):
                self.doing.append(does.format(wish=getattr(result, "wish", "")))
            return result

        return named

    def _name(self) -> str:
        told = [name for name in dict.fromkeys(self.doing) if name not in EVERY_JOB]
        return " and ".join(told or [name for name in EVERY_JOB if name in self.doing][-1:])


def in_child(work: Callable[[], Any]) -> tuple[int, Any]:
    """Do `work` in a copy of this process; give the signal that ended it, 0 for none, and its result."""
    read_end, write_end = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(read_end)
            with os.fdopen(write_end, "wb") as answer:
                pickle.dump(work(), answer)
            code = 0
        except BaseException:  # noqa: BLE001 - a copy of this process must end here, whatever it raises
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status), None
    if os.WEXITSTATUS(status):
        raise RuntimeError("a copy of this process failed; its trace stands above")
    return 0, pickle.loads(said)


def start_child(work: Callable[[], None]) -> int:
    """Start `work` in a copy of this process; give its number."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - as above
            traceback.print_exc()
        finally:
            os._exit(1)
    return child
