"""Runs seeds: every seed a world as new, its history, its end, its judgement."""

import gc
import random
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from flask import Flask

from county import database
from county.payments.simulator import create_simulator
from shop.checkout import service as checkout
from tests.flows.money_simulation.cast import Cast, enter
from tests.flows.money_simulation.history import live, settle
from tests.flows.money_simulation.judge import judge
from tests.flows.money_simulation.story import Story
from tests.flows.money_simulation.world import Stages, World, standing

# How many deeds a seed tells; short histories go to their end in other states than long ones.
LENGTHS = (6, 9, 12, 18, 30)
# A fifth of the time went into looking for garbage after every few deeds; a seed leaves 1 MB of it.
SEEDS_BETWEEN_COLLECTIONS = 10


@dataclass
class Theatre:
    """A world in which seed after seed is played."""

    world: World
    cast: Cast
    cashier: Flask
    stages: Stages
    played: int = 0

    def play(self, seed: int, *, story: Story | None = None) -> tuple[Story, list[str]]:
        """Play one seed from the beginning; gives its story and what does not hold."""
        self.stages.restore()
        self.world.begin(seed)
        self.played += 1
        if self.played % SEEDS_BETWEEN_COLLECTIONS == 0:
            gc.collect()
        story = story or Story(seed, self.world, self.cast)
        live(story, self.cashier, length=random.Random(f"length {seed}").choice(LENGTHS))
        settle(story)
        return story, judge(story)


@contextmanager
def open_theatre(folder: Path | None = None, *, database_url: str = "") -> Iterator[Theatre]:
    """Build a world with its cast and keep its first moment.

    Takes: `database_url`, of a database on PostgreSQL that is made here and dropped again; SQLite without.
    """
    with tempfile.TemporaryDirectory(prefix="money-") as made:
        folder = folder or Path(made)
        world = World(folder, database_url=database_url)
        world.begin(0)
        with standing(world):
            stages = Stages(world, folder)
            stages.make()
            database.Base.metadata.create_all(database.engine())
            cast = enter(world)
            cashier = create_simulator(world.settings, sends_notices=False)
            # Its own desk is not needed; an open connection would keep its log beside the file.
            cashier.extensions["simulator"].database.close()
            cashier.extensions["simulator"] = world.desk
            stages.keep()
            with mock.patch.object(checkout._Wired, "attribution", cast.attribution), _rare_collections():
                yield Theatre(world, cast, cashier, stages)
            stages.drop()


@contextmanager
def _rare_collections() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def play_safely(theatre: Theatre, seed: int) -> tuple[Story, list[str]]:
    """Play a seed; an exception that nobody expected is a fault of it, and the next seed begins as new."""
    story = Story(seed, theatre.world, theatre.cast)
    try:
        return theatre.play(seed, story=story)
    except Exception as error:  # noqa: BLE001 - whatever it is, the seed is named and the next one played
        traceback.print_exc()
        return story, [f"{type(error).__name__}: {error}"]


def told(story: Story, faults: list[str]) -> str:
    """Write a failed seed down: what does not hold, its whole history, how to play it again."""
    return "\n".join(
        [
            f"seed {story.seed}: {len(faults)} faults; again: python -m benchmarks.money --seed {story.seed}",
            *story.lines,
            *(f"FAULT {fault}" for fault in faults),
        ]
    )


def failures(theatre: Theatre, seeds: range) -> str:
    """Play seeds and write down those in which something does not hold."""
    played = (play_safely(theatre, seed) for seed in seeds)
    return "\n\n".join(told(story, faults) for story, faults in played if faults)
