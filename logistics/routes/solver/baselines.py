"""Other ways of working the same day, planned by the same solver under the same fleet rules."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from logistics.routes.network import Network
from logistics.routes.types import BaselineName, Instance, Parcel, Station, StationKind

DAYS_OF_THE_ROUND = 3

WHAT = {
    BaselineName.ALONE: "each courier routes its own parcels with vehicles of its own",
    BaselineName.THIRD_DAY: (
        "each courier alone, each village station every third day; a day's mean of the three days"
    ),
    BaselineName.TOWN_ONLY: (
        "each courier alone, no further than the towns: parcels for villages wait at their town's station"
    ),
    BaselineName.SEPARATE_COLLECTION: (
        "all couriers merged, deliveries on tours of their own, collections on tours of their own"
    ),
}


@dataclass(frozen=True)
class Share:
    """A part of a baseline that is planned by itself; `days` = the days of which it is one."""

    parcels: tuple[Parcel, ...]
    days: int = 1


def shares_of(
    name: BaselineName, parcels: Sequence[Parcel], instance: Instance, network: Network
) -> list[Share]:
    """Cut a day's parcels into what a baseline plans separately."""
    if name is BaselineName.SEPARATE_COLLECTION:
        groups: Iterable[list[Parcel]] = _by(parcels, lambda parcel: parcel.direction.value).values()
        return [Share(tuple(group)) for group in groups]
    couriers = _by(parcels, lambda parcel: parcel.courier)
    if name is BaselineName.ALONE:
        return [Share(tuple(group)) for group in couriers.values()]
    towns = town_stations(instance, network)
    if name is BaselineName.TOWN_ONLY:
        return [
            Share(tuple(replace(parcel, station=towns[parcel.station]) for parcel in group))
            for group in couriers.values()
        ]
    return [share for group in couriers.values() for share in _third_days(group, towns)]


def _by(parcels: Sequence[Parcel], key: Callable[[Parcel], str]) -> dict[str, list[Parcel]]:
    groups: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        groups[key(parcel)].append(parcel)
    return {name: groups[name] for name in sorted(groups)}


def _third_days(parcels: Sequence[Parcel], towns: dict[str, str]) -> Iterable[Share]:
    """Three days: towns daily, a third of the villages each day with the goods of three days."""
    villages = sorted({parcel.station for parcel in parcels if towns[parcel.station] != parcel.station})
    turn = {station: number % DAYS_OF_THE_ROUND for number, station in enumerate(villages)}
    for day in range(DAYS_OF_THE_ROUND):
        load: list[Parcel] = []
        for parcel in parcels:
            if parcel.station not in turn:
                load.append(parcel)
            elif turn[parcel.station] == day:
                load.extend(replace(parcel, parcel=f"{parcel.parcel}/{k}") for k in range(DAYS_OF_THE_ROUND))
        if load:
            yield Share(tuple(load), DAYS_OF_THE_ROUND)


def town_stations(instance: Instance, network: Network) -> dict[str, str]:
    """Say for every station which town station serves it in a county where vans stop at the towns.

    A town station serves itself: every station of the hub's town, the station that bears its town's id or
    name, and otherwise the town's station nearest to the hub. A station without a town serves itself.
    """
    by_town: dict[str, list[Station]] = defaultdict(list)
    for station in instance.stations:
        if station.kind is StationKind.STATION and station.town:
            by_town[station.town].append(station)
    served = {station.station: station.station for station in instance.stations}
    for town, members in by_town.items():
        if town == instance.hub.town:
            continue
        named = [member for member in members if town in (member.station, member.name)]
        centre = (named or sorted(members, key=lambda member: _away(member, network)))[0]
        served.update((member.station, centre.station) for member in members)
    return served


def _away(station: Station, network: Network) -> tuple[int, int]:
    place = network.index[station.station]
    return int(network.distance_m[0, place]), place
