"""A second process: its news arrive, it never makes the first one wait, its death is survived."""

import multiprocessing
import os

from logistics.routes.solver.companion import Beside, Companion, Line
from logistics.routes.solver.schedule import VehicleDay

DAYS = [VehicleDay(0, (tuple(range(300)),)) for _ in range(20)]


def test_news_arrive_in_order() -> None:
    ours, theirs = multiprocessing.Pipe()

    Line(ours).send(DAYS, [7])
    Line(ours).send([], [])

    assert Line(theirs).receive() == [(DAYS, [7]), ([], [])]


def test_who_does_not_listen_is_not_waited_for() -> None:
    ours, theirs = multiprocessing.Pipe()

    for number in range(500):
        Line(ours).send(DAYS, [number])

    told = Line(theirs).receive()
    assert [lost for _, lost in told] == [[number] for number in range(len(told))]
    assert 1 <= len(told) < 500


def test_who_has_ended_is_told_nothing() -> None:
    ours, theirs = multiprocessing.Pipe()
    theirs.close()
    line = Line(ours)

    line.send(DAYS, [])

    assert line.receive() == []


def test_companion_tells_and_is_dismissed() -> None:
    companion = Companion(lambda line: line.send(DAYS, [1]))

    companion.process.join(30)

    assert companion.line.receive() == [(DAYS, [1])]
    companion.dismiss()
    assert not companion.process.is_alive()


def test_second_opinion_is_told_once() -> None:
    assert Beside(lambda: ["loads"]).results(within_s=30) == [["loads"]]


def test_second_opinion_of_a_dead_process_is_none() -> None:
    assert Beside(lambda: os._exit(3)).results(within_s=30) == []
