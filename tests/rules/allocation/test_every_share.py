"""Whatever the county and the method: shares sum to the bill and depend on the couriers' days alone."""

import random
from dataclasses import replace

import pytest

from logistics.allocation import service
from logistics.allocation.types import (
    Allocation,
    CourierTerms,
    Method,
    NothingToShare,
    TooManyCouriers,
)
from logistics.routes.types import (
    Direction,
    Instance,
    Parcel,
    Road,
    Station,
    StationKind,
    VehicleType,
)

METHODS = list(Method)
VAN = VehicleType("van", 60, 380, 700_000, 32_400, 27_500, 104, 134, 248, 5, 900)


def make_county(seed: int) -> tuple[Instance, list[CourierTerms]]:
    """Make a random valley county with couriers of very different sizes, two of them with equal days."""
    rng = random.Random(f"allocation-{seed}")
    names = [f"s{i}" for i in range(rng.randint(3, 20))]
    hub = Station("hub", "", "", StationKind.HUB)
    order = ["hub", *names]
    roads = [
        Road(rng.choice(order[:i]), order[i], rng.randint(500, 9_000), rng.randint(60, 900))
        for i in range(1, len(order))
    ]
    if seed % 3 == 0:
        roads.append(Road(names[0], names[-1], 20_000, 2_500))
    couriers = [f"c{i}" for i in range(rng.randint(2, 7))]
    parcels = [
        Parcel(
            f"p{i}",
            rng.choices(couriers, [1 / (k + 1) for k in range(len(couriers))])[0],
            rng.choice((Direction.IN, Direction.IN, Direction.OUT)),
            rng.choice(names),
            rng.randint(1, 60),
            rng.randint(100, 20_000),
        )
        for i in range(rng.randint(10, 120))
    ]
    parcels += [replace(p, parcel=f"{p.parcel}-twin", courier="twin") for p in parcels if p.courier == "c0"]
    terms = [CourierTerms(c, rng.choice((None, None, rng.randint(20, 900)))) for c in couriers[1:]]
    terms += [CourierTerms("c0", 300), CourierTerms("twin", 300), CourierTerms("idle", 50)]
    stations = (hub, *(Station(name, "", "", StationKind.STATION) for name in names))
    return Instance(stations, tuple(roads), tuple(parcels), (VAN,), hub), terms


def share_of(allocation: Allocation, courier: str) -> int:
    return next(share.share_fen for share in allocation.shares if share.courier == courier)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(60))
def test_shares_sum_to_the_bill_idle_pay_nothing_and_equals_pay_equally(seed: int, method: Method) -> None:
    instance, terms = make_county(seed)
    bill_fen = random.Random(seed).choice((0, 1, 7, 99_999, 1_234_567, 10**12))

    allocation = service.allocate(instance=instance, couriers=terms, bill_fen=bill_fen, method=method)

    assert sum(share.share_fen for share in allocation.shares) == bill_fen
    assert all(share.share_fen >= 0 for share in allocation.shares)
    assert share_of(allocation, "idle") == 0
    assert abs(share_of(allocation, "c0") - share_of(allocation, "twin")) <= 1
    assert sorted(share.courier for share in allocation.shares) == sorted(t.courier for t in terms)
    assert sum(share.units for share in allocation.shares) == sum(p.units for p in instance.parcels)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(60))
def test_names_and_order_of_couriers_change_nothing(seed: int, method: Method) -> None:
    instance, terms = make_county(seed)
    # Without twins: only between equal days may a name decide who carries the odd fen.
    parcels = [parcel for parcel in instance.parcels if parcel.courier != "twin"]
    terms = [t for t in terms if t.courier != "twin"]
    rng = random.Random(f"shuffle-{seed}")
    fresh = [f"x{i}" for i in range(len(terms))]
    rng.shuffle(fresh)
    named = {t.courier: name for t, name in zip(terms, fresh, strict=True)}
    renamed = [replace(p, courier=named[p.courier], parcel=f"q{i}") for i, p in enumerate(parcels)]
    rng.shuffle(renamed)
    new_terms = [CourierTerms(named[t.courier], t.subcontract_fen) for t in terms]
    rng.shuffle(new_terms)

    before = service.allocate(
        instance=replace(instance, parcels=tuple(parcels)), couriers=terms, bill_fen=654_321, method=method
    )
    after = service.allocate(
        instance=replace(instance, parcels=tuple(renamed)),
        couriers=new_terms,
        bill_fen=654_321,
        method=method,
    )

    assert {named[s.courier]: replace(s, courier="") for s in before.shares} == {
        s.courier: replace(s, courier="") for s in after.shares
    }
    assert after.stability.blocking_coalitions == before.stability.blocking_coalitions
    assert after.stability.worst.excess_fen == before.stability.worst.excess_fen
    assert set(after.stability.worst.couriers) == {named[c] for c in before.stability.worst.couriers}
    assert set(after.stability.pays_more_than_alone) == {
        named[c] for c in before.stability.pays_more_than_alone
    }


@pytest.mark.parametrize("seed", range(20))
def test_who_pays_more_than_alone_is_a_blocking_coalition_of_one(seed: int) -> None:
    instance, terms = make_county(seed)

    allocation = service.allocate(instance=instance, couriers=terms, bill_fen=999_999, method=Method.VOLUME)

    dearer = [s.courier for s in allocation.shares if s.share_fen > s.alone_fen]
    assert list(allocation.stability.pays_more_than_alone) == dearer
    assert allocation.stability.blocking_coalitions >= len(dearer)
    excesses = [s.share_fen - s.alone_fen for s in allocation.shares if s.parcels]
    assert allocation.stability.worst.excess_fen >= max(excesses)


def test_a_courier_alone_pays_the_whole_bill() -> None:
    instance, _ = make_county(1)
    alone = replace(instance, parcels=tuple(replace(p, courier="only") for p in instance.parcels))

    allocation = service.allocate(instance=alone, bill_fen=12_345, method=Method.EQUAL_SAVING)

    assert [(s.courier, s.share_fen, s.alone_fen) for s in allocation.shares] == [("only", 12_345, 12_345)]
    assert allocation.stability.blocking_coalitions == 0
    assert allocation.stability.worst.couriers == ()


def test_volume_shares_by_units() -> None:
    instance, _ = make_county(2)
    parcels = (
        Parcel("p1", "a", Direction.IN, "s0", 30, 1),
        Parcel("p2", "b", Direction.OUT, "s1", 10, 900),
    )

    allocation = service.allocate(
        instance=replace(instance, parcels=parcels), bill_fen=1_000, method=Method.VOLUME
    )

    assert [(s.courier, s.share_fen) for s in allocation.shares] == [("a", 750), ("b", 250)]


def test_parcels_that_nothing_can_carry_cost_their_courier_nothing() -> None:
    instance, _ = make_county(4)
    lost = Station("island", "", "", StationKind.STATION)
    parcels = (
        Parcel("p1", "a", Direction.IN, "s0", 3, 1),
        Parcel("p2", "b", Direction.IN, "island", 3, 1),
        Parcel("p3", "c", Direction.IN, "s0", 381, 1),
    )

    allocation = service.allocate(
        instance=replace(instance, stations=(*instance.stations, lost), parcels=parcels),
        bill_fen=1_000,
        method=Method.SHAPLEY,
    )

    assert [(s.courier, s.share_fen) for s in allocation.shares] == [("a", 1_000), ("b", 0), ("c", 0)]
    assert allocation.not_carried == 2


def test_a_bill_without_parcels_is_refused_and_no_bill_is_not() -> None:
    instance, terms = make_county(5)
    empty = replace(instance, parcels=())

    with pytest.raises(NothingToShare):
        service.allocate(instance=empty, couriers=terms, bill_fen=1, method=Method.SHAPLEY)
    nothing = service.allocate(instance=empty, couriers=terms, bill_fen=0, method=Method.SHAPLEY)

    assert {s.share_fen for s in nothing.shares} == {0}


def test_more_than_twenty_one_couriers_are_refused_with_their_number() -> None:
    instance, _ = make_county(6)
    parcels = tuple(Parcel(f"p{i}", f"c{i}", Direction.IN, "s0", 1, 1) for i in range(22))

    with pytest.raises(TooManyCouriers) as refused:
        service.allocate(instance=replace(instance, parcels=parcels), bill_fen=1, method=Method.SHAPLEY)

    assert refused.value.facts == {"count": 22, "most": 21}


def test_a_pool_of_more_than_twenty_one_is_fine_when_some_have_no_parcels() -> None:
    instance, _ = make_county(6)
    terms = [CourierTerms(f"c{i}") for i in range(40)]
    parcels = tuple(Parcel(f"p{i}", f"c{i}", Direction.IN, "s0", 1, 1) for i in range(3))

    allocation = service.allocate(
        instance=replace(instance, parcels=parcels), couriers=terms, bill_fen=300, method=Method.SHAPLEY
    )

    assert [s.share_fen for s in allocation.shares if s.parcels] == [100, 100, 100]
    assert len(allocation.shares) == 40
