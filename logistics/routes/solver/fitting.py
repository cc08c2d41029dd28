"""Exchanges pieces between loads until the loads fill so many vehicle days: bins whose items give way.

Loads cut for the fewest metres and seconds are packed as they fell. Two loads that pass the same road may
exchange what lies beyond it: both durations change, their sum hardly does. Simulated annealing makes
the loads fit the days, to the last second.
"""

import random
from collections.abc import Callable, Sequence
from math import log

import numpy as np

from logistics.routes.solver.drive import Drive
from logistics.routes.solver.filling import fill_days
from logistics.routes.solver.loads import Load, TwoWay, Valleys
from logistics.routes.solver.packing import fill_bins
from logistics.routes.types import VehicleType

# Tries at filling the days with the loads as they are: most counties need nothing else.
FILL_TRIES = 50
# Seconds that a step may make worse: shared by the loads at first, and at last in each round.
FIRST_HEAT_S, LAST_HEAT_S = 9_000.0, 10.0
# Steps of the first round, and by how much each round is longer than the one before.
FIRST_STEPS, LONGER = 300_000, 2.0
# Seconds of overflow that a unit too many in a load counts as, and how much dearer it is in the end.
UNIT_PRICE_S, DEARER = 200.0, 3.0
# What a second more costs where a day has room: roads driven twice do not come back by themselves.
SECOND_PRICE = 0.8
# Shares of steps: whole loads change days; units of a shared station; a station split between two loads.
REPACK_SHARE, SHIFT_SHARE, SPLIT_SHARE = 0.25, 0.05, 0.06
# Of the exchanges, those that bring back about as many units as they give away.
BALANCED_SHARE = 0.6
LONGEST_ARM = 3
STEPS_BETWEEN_QUESTIONS = 64
# Share of steps that deal arms of two loads anew, and of how many arms at most all deals are looked at.
DEAL_SHARE, MOST_DEALT = 0.1, 11

DEALS = (np.arange(1 << MOST_DEALT)[:, None] >> np.arange(MOST_DEALT) & 1).astype(np.float64)

# What a load takes, by the station's place in the drive.
Held = dict[int, TwoWay]
# Units of one station that change loads: place, deliveries, collections.
Parts = list[tuple[int, int, int]]


class Fitter:
    """Keeps loads assigned to days and exchanges their pieces; costs are seconds that do not fit."""

    def __init__(self, valleys: Valleys, vehicle: VehicleType, room: TwoWay, loads: Sequence[Load]) -> None:
        self.vehicle, self.room = vehicle, room
        self.drive = Drive.over(valleys, {station for load in loads for station, _ in load.pieces})
        self.day_s = vehicle.shift_s + vehicle.reload_s
        self.first = [self._hold(load) for load in loads]
        self.rng = random.Random()
        self.held: list[Held] = []
        self.holders: list[list[int]] = []
        self.sizes: list[int] = []
        self.ins: list[int] = []
        self.outs: list[int] = []
        self.day_of: list[int] = []
        self.used_s: list[int] = []
        self.over_s = self.crowd = 0
        self.unit_price_s = UNIT_PRICE_S

    @property
    def needed_s(self) -> int:
        """Add up the seconds of the first loads, a reload for each: what the days must offer at least."""
        return sum(self._size(held) for held in self.first)

    def fill(self, days: int, *, seed: int) -> list[list[Load]] | None:
        """Put the first loads into so many days as they are; None when no try manages."""
        sizes = [self._size(held) for held in self.first]
        filled = fill_days(sizes, days, self.day_s, tries=FILL_TRIES, seed=seed)
        if filled is None:
            return None
        return [[self._load(self.first[number]) for number in numbers] for numbers in filled]

    def fit(self, days: int, is_over: Callable[[], float], *, seed: int) -> list[list[Load]] | None:
        """Make the loads fit into so many days; None when `is_over` says 1 first (the share of time gone).

        Gives: the loads of each day; pieces of each station add up to what they were, no load is too full.
        Cost: about 10 µs a step.
        """
        self.rng.seed(f"fit-{seed}")
        steps = FIRST_STEPS
        while is_over() < 1:
            self._begin(days)
            if self._round(steps, is_over):
                return self._days(days)
            steps = round(steps * LONGER)
        return None

    def _round(self, steps: int, is_over: Callable[[], float]) -> bool:
        """Cool down once, sooner when time runs out; tell whether everything fits."""
        begun = is_over()
        hottest_s = max(LAST_HEAT_S, FIRST_HEAT_S / max(1, len(self.held)))
        heat = hottest_s
        for step in range(steps):
            if not step % STEPS_BETWEEN_QUESTIONS:
                if (gone := is_over()) >= 1:
                    break
                cooled = max(step / steps, (gone - begun) / (1 - begun))
                heat = hottest_s * (LAST_HEAT_S / hottest_s) ** cooled
                self.unit_price_s = UNIT_PRICE_S * DEARER**cooled
            if not self.over_s and not self.crowd:
                return True
            bearable = -heat * log(1 - self.rng.random())
            if self.rng.random() < DEAL_SHARE:
                self._deal_anew(heat)
                continue
            if self.rng.random() < REPACK_SHARE:
                self._repack(bearable)
            else:
                self._exchange(bearable)
        return not self.over_s and not self.crowd

    def _begin(self, days: int) -> None:
        """Spread the first loads over the days."""
        self.held = list(self.first)
        self.sizes = [self._size(held) for held in self.held]
        self.ins = [sum(part[0] for part in held.values()) for held in self.held]
        self.outs = [sum(part[1] for part in held.values()) for held in self.held]
        self.holders = [[] for _ in self.drive.stations]
        for number, held in enumerate(self.held):
            for place in held:
                self.holders[place].append(number)
        self.day_of = [0] * len(self.held)
        bins = fill_bins(self.sizes, days, self.day_s)
        for day, numbers in enumerate(bins):
            for number in numbers:
                self.day_of[number] = day
        self.used_s = [sum(self.sizes[number] for number in numbers) for numbers in bins]
        self.over_s = sum(self._over(used) for used in self.used_s)
        pairs = zip(self.ins, self.outs, strict=True)
        self.crowd = sum(self._crowd(ins, outs) for ins, outs in pairs)

    def _repack(self, bearable: float) -> None:
        """Let a load change its day, alone or against another."""
        rng, used, day_of = self.rng.random, self.used_s, self.day_of
        a = int(rng() * len(self.held))
        x = day_of[a]
        chance = rng()
        if chance < 0.3:
            movers = [a]
            y = int(rng() * len(used))
        elif chance < 0.6:
            b = int(rng() * len(self.held))
            y = day_of[b]
            movers = [a, b]
        else:
            y = int(rng() * len(used))
            movers = [k for k, day in enumerate(day_of) if day in (x, y) and rng() < 0.5]
        if x == y:
            return
        moved = sum([self.sizes[k] if day_of[k] == x else -self.sizes[k] for k in movers])
        worse = self._over(used[x] - moved) + self._over(used[y] + moved)
        worse -= self._over(used[x]) + self._over(used[y])
        if worse <= bearable:
            used[x] -= moved
            used[y] += moved
            self.over_s += worse
            for k in movers:
                day_of[k] = y if day_of[k] == x else x

    def _exchange(self, bearable: float) -> None:
        """Choose two loads with stations near each other, and what they exchange."""
        rng, near = self.rng.random, self.drive.near
        s = int(rng() * len(near))
        a = self._holder(s)
        q = s if rng() < 0.1 and len(self.holders[s]) > 1 else near[s][int(len(near[s]) * rng() ** 1.5)]
        b = self._holder(q)
        if a == b:
            return
        chance = rng()
        take: Parts = []
        if q == s or (chance < SHIFT_SHARE and s in self.held[b]):
            give = self._shift(s, a, b)
        elif chance < SHIFT_SHARE + SPLIT_SHARE:
            give = self._split(s, a, b)
        else:
            give = self._arm(self.held[a], s, q)
            take = self._answer(give, a, b, s, q)
        self._try(a, b, give, take, bearable)

    def _holder(self, place: int) -> int:
        holders = self.holders[place]
        return holders[0] if len(holders) == 1 else holders[int(len(holders) * self.rng.random())]

    def _shift(self, s: int, a: int, b: int) -> Parts:
        """Choose some of what two loads have at one station, to or from."""
        (ins, outs), (other_ins, other_outs) = self.held[a][s], self.held[b][s]
        rng = self.rng
        more_ins = rng.randint(-other_ins, ins) if rng.random() < 0.8 else 0
        more_outs = rng.randint(-other_outs, outs) if rng.random() < 0.8 else 0
        return [(s, more_ins, more_outs)]

    def _split(self, s: int, a: int, b: int) -> Parts:
        """Choose as much of a station as the other load has room for, or collections alone."""
        ins = min(self.held[a][s][0], max(0, self.room[0] - self.ins[b]))
        outs = min(self.held[a][s][1], max(0, self.room[1] - self.outs[b]))
        chance = self.rng.random()
        if chance < 0.3:
            return [(s, 0, self.rng.randint(0, outs))]
        return [(s, self.rng.randint(0, ins) if chance < 0.5 else ins, outs)]

    def _arm(self, held: Held, s: int, q: int) -> Parts:
        """Choose a station alone, all beyond the fork with another one, or its neighbours on the drive."""
        rng = self.rng.random
        chance = rng()
        if chance < 0.4:
            places = [s]
        elif chance < 0.7:
            row = self.drive.meet_s[s]
            fork_s = row[q]
            places = [place for place in held if row[place] > fork_s] or [s]
        else:
            order = sorted(held)
            at = order.index(s)
            places = order[max(0, at - int(rng() * LONGEST_ARM)) : at + 1 + int(rng() * LONGEST_ARM)]
        return [(place, *held[place]) for place in places]

    def _answer(self, give: Parts, a: int, b: int, s: int, q: int) -> Parts:
        """Choose what comes back for what is given: anything near, or what leaves both loads room enough."""
        rng, held = self.rng.random, self.held[b]
        if rng() >= BALANCED_SHARE:
            return [] if rng() < 0.35 else self._arm(held, q, s)
        ins, outs = sum([part[1] for part in give]), sum([part[2] for part in give])
        least = ins - self.room[0] + self.ins[b]
        if least <= 0 and rng() < 0.5:
            return []
        most, most_outs = ins + self.room[0] - self.ins[a], outs + self.room[1] - self.outs[a]
        order = sorted(held)
        at = order.index(q) if rng() < 0.7 else int(rng() * len(order))
        order = order[at:] + order[:at] if rng() < 0.5 else order[at::-1] + order[:at:-1]
        take: Parts = []
        taken = taken_outs = 0
        for place in order:
            place_ins, place_outs = held[place]
            if taken + place_ins <= most and taken_outs + place_outs <= most_outs:
                taken, taken_outs = taken + place_ins, taken_outs + place_outs
                take.append((place, place_ins, place_outs))
                if taken >= least:
                    break
        return take

    def _try(self, a: int, b: int, give: Parts, take: Parts, bearable: float) -> None:
        """Exchange parts of two loads if that is bearable."""
        ins = sum([part[1] for part in take]) - sum([part[1] for part in give])
        outs = sum([part[2] for part in take]) - sum([part[2] for part in give])
        ins_a, outs_a, ins_b, outs_b = self.ins[a], self.outs[a], self.ins[b], self.outs[b]
        crowd = (
            self._crowd(ins_a + ins, outs_a + outs)
            + self._crowd(ins_b - ins, outs_b - outs)
            - self._crowd(ins_a, outs_a)
            - self._crowd(ins_b, outs_b)
        )
        used, x, y = self.used_s, self.day_of[a], self.day_of[b]
        over_now = self._over(used[x]) + (self._over(used[y]) if x != y else 0)
        if crowd * self.unit_price_s - over_now > bearable:
            return
        held_a, held_b = dict(self.held[a]), dict(self.held[b])
        _hand_over(held_a, held_b, give)
        _hand_over(held_b, held_a, take)
        size_a, size_b = self._size(held_a), self._size(held_b)
        more_a, more_b = size_a - self.sizes[a], size_b - self.sizes[b]
        if x == y:
            over = self._over(used[x] + more_a + more_b) - over_now
        else:
            over = self._over(used[x] + more_a) + self._over(used[y] + more_b) - over_now
        if over + crowd * self.unit_price_s + SECOND_PRICE * (more_a + more_b) > bearable:
            return
        self._replace(a, held_a, size_a, ins, outs)
        self._replace(b, held_b, size_b, -ins, -outs)
        self.over_s += over
        self.crowd += crowd

    def _deal_anew(self, heat: float) -> None:
        """Deal anew what two loads can exchange without a detour; of all ways the cheaper are likelier."""
        rng, near = self.rng.random, self.drive.near
        s = int(rng() * len(near))
        a, b = self._holder(s), self._holder(near[s][int(len(near[s]) * rng())])
        x, y = self.day_of[a], self.day_of[b]
        if a == b or (x == y and rng() < 0.8):
            return
        arms = [(arm, 1) for arm in self._free_arms(a, b)] + [(arm, 0) for arm in self._free_arms(b, a)]
        if len(arms) > MOST_DEALT:
            arms = self.rng.sample(arms, MOST_DEALT)
        if len(arms) < 2:
            return
        weights = np.array([arm[1:] for arm, _ in arms], np.float64)
        had = np.array([side for _, side in arms]) @ weights
        moved = DEALS[: 1 << len(arms), : len(arms)] @ weights - had
        seconds, ins, outs = moved.T
        used = self.used_s
        if x == y:
            cost = np.zeros(len(moved))
        else:
            cost = np.maximum(used[x] + seconds - self.day_s, 0) + np.maximum(
                used[y] - seconds - self.day_s, 0
            )
        for now_a, now_b, way, most in (
            (self.ins[a], self.ins[b], ins, self.room[0]),
            (self.outs[a], self.outs[b], outs, self.room[1]),
        ):
            crowd = np.maximum(now_a + way - most, 0) + np.maximum(now_b - way - most, 0)
            cost += crowd * self.unit_price_s
        chances = np.exp((cost.min() - cost) / heat).cumsum()
        deal = int(chances.searchsorted(rng() * chances[-1], side="right"))
        held_a, held_b = dict(self.held[a]), dict(self.held[b])
        for number, ((places, *_), side) in enumerate(arms):
            to_a = deal >> number & 1
            if to_a != side:
                giver, taker = (held_b, held_a) if to_a else (held_a, held_b)
                source = self.held[b] if to_a else self.held[a]
                _hand_over(giver, taker, [(place, *source[place]) for place in places])
        self._settle(a, b, held_a, held_b)

    def _free_arms(self, a: int, b: int) -> list[tuple[list[int], int, int, int]]:
        """What load a could give to b without a detour: stations on b's way, and whole arms that leave it.

        Gives: per arm its places, seconds, deliveries and collections.
        """
        meet_s, away_s, vehicle = self.drive.meet_s, self.drive.away_s, self.vehicle
        held, others = self.held[a], sorted(self.held[b])
        arms: list[tuple[list[int], int, int, int]] = []
        last, fork_s, at = -1, 0, 0
        for place in sorted(held):
            while at < len(others) and others[at] <= place:
                at += 1
            row = meet_s[place]
            joins_s = max(row[others[at - 1]] if at else 0, row[others[at]] if at < len(others) else 0)
            ins, outs = held[place]
            own_s = vehicle.stop_s + vehicle.unit_s * (ins + outs)
            if last >= 0 and row[last] > max(joins_s, fork_s):
                places, seconds, arm_ins, arm_outs = arms[-1]
                places.append(place)
                more_s = own_s + 2 * (away_s[place] - row[last])
                arms[-1] = (places, seconds + more_s, arm_ins + ins, arm_outs + outs)
            else:
                arms.append(([place], own_s + 2 * (away_s[place] - joins_s), ins, outs))
                fork_s = joins_s
            last = place
        return arms

    def _settle(self, a: int, b: int, held_a: Held, held_b: Held) -> None:
        """Take over two loads as they are now."""
        used, x, y = self.used_s, self.day_of[a], self.day_of[b]
        self.over_s -= self._over(used[x]) + (self._over(used[y]) if x != y else 0)
        self.crowd -= self._crowd(self.ins[a], self.outs[a]) + self._crowd(self.ins[b], self.outs[b])
        for number, held in ((a, held_a), (b, held_b)):
            ins = sum([part[0] for part in held.values()]) - self.ins[number]
            outs = sum([part[1] for part in held.values()]) - self.outs[number]
            self._replace(number, held, self._size(held), ins, outs)
        self.over_s += self._over(used[x]) + (self._over(used[y]) if x != y else 0)
        self.crowd += self._crowd(self.ins[a], self.outs[a]) + self._crowd(self.ins[b], self.outs[b])

    def _replace(self, number: int, held: Held, size: int, more_ins: int, more_outs: int) -> None:
        """Put a load in the place of another."""
        had = self.held[number].keys()
        for place in had - held.keys():
            self.holders[place].remove(number)
        for place in held.keys() - had:
            self.holders[place].append(number)
        self.used_s[self.day_of[number]] += size - self.sizes[number]
        self.held[number], self.sizes[number] = held, size
        self.ins[number] += more_ins
        self.outs[number] += more_outs

    def _over(self, used_s: int) -> int:
        return used_s - self.day_s if used_s > self.day_s else 0

    def _crowd(self, ins: int, outs: int) -> int:
        most_ins, most_outs = self.room
        return (ins - most_ins if ins > most_ins else 0) + (outs - most_outs if outs > most_outs else 0)

    def _size(self, held: Held) -> int:
        """The seconds of a load's trip and of the reload after it; none for an empty load."""
        if not held:
            return 0
        vehicle = self.vehicle
        units = sum([part[0] + part[1] for part in held.values()])
        return (
            2 * self.drive.one_way_s(held) + vehicle.stop_s * len(held) + vehicle.unit_s * units
        ) + vehicle.reload_s

    def _hold(self, load: Load) -> Held:
        held: Held = {}
        for station, part in load.pieces:
            place = self.drive.place[station]
            had = held.get(place, (0, 0))
            held[place] = (had[0] + part[0], had[1] + part[1])
        return held

    def _load(self, held: Held) -> Load:
        load = Load()
        for place in sorted(held):
            load.take(self.drive.stations[place], held[place])
        return load

    def _days(self, days: int) -> list[list[Load]]:
        whole: list[list[Load]] = [[] for _ in range(days)]
        for held, day in zip(self.held, self.day_of, strict=True):
            if held:
                whole[day].append(self._load(held))
        return whole


def _hand_over(from_held: Held, to_held: Held, parts: Parts) -> None:
    """Take units out of one load and put them into another; a station left without units is left out."""
    for place, ins, outs in parts:
        had = from_held[place]
        left = (had[0] - ins, had[1] - outs)
        if left == (0, 0):
            del from_held[place]
        else:
            from_held[place] = left
        other = to_held.get(place, (0, 0))
        got = (other[0] + ins, other[1] + outs)
        if got != (0, 0):
            to_held[place] = got
        elif place in to_held:
            del to_held[place]
