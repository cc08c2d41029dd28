"""The places of the navigation: which pages each role finds in the bar, the menu and the rail."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import current_app, g, request, url_for

from county import clock, database

VISITOR = "visitor"
BAR_PLACES = 4
# Whose places a person with several roles sees on a phone, until they choose another role.
_FIRST_ROLE = (
    "driver",
    "station_keeper",
    "hub_clerk",
    "courier_clerk",
    "association_admin",
    "auditor",
    "village_agent",
    "streamer",
    "farmer",
    "buyer",
)
# These roles work at a desk: on wide screens they get the rail with all their places.
DESK_ROLES = frozenset({"association_admin", "auditor", "courier_clerk", "hub_clerk"})


@dataclass(frozen=True)
class Place:
    """One page in the navigation.

    `label` is a message id marked with `N_`; `icon` a name of static/icons.svg; `roles` who sees it
    (`visitor`: nobody signed in); `in_bar` its seat at the thumb, 1 to 4, or 0; `room` the message id of its
    heading in the rail; `open_tasks(db, now=…)` counts what waits there, for each page that shows the place.
    """

    endpoint: str
    label: str
    icon: str
    roles: tuple[str, ...]
    in_bar: int = 0
    room: str = ""
    open_tasks: Callable[..., int] | None = None


@dataclass(frozen=True)
class Link:
    """A place as the templates show it; `open_tasks` is 0 where nothing waits or nothing is counted."""

    url: str
    label: str
    icon: str
    room: str
    is_current: bool
    open_tasks: int = 0


_offered: dict[tuple[str, str], Place] = {}


def offer(*more: Place) -> None:
    """Add places to the navigation, in order; offering the same place again changes nothing."""
    for place in more:
        _offered[(place.endpoint, place.label)] = place


def offered() -> tuple[Place, ...]:
    """Give the places of the running application: its own setting PLACES, else what the rooms offered."""
    own: tuple[Place, ...] | None = current_app.config.get("PLACES")
    return own if own is not None else tuple(_offered.values())


def shown_role(roles: Iterable[str], *, wanted: str = "", acts_for_farmer: bool = False) -> str:
    """Choose whose four places stand in the bar: the wanted role, else the first that the person has."""
    held = set(map(str, roles))
    if acts_for_farmer:
        return "farmer"
    if wanted in held:
        return wanted
    return next((role for role in _FIRST_ROLE if role in held), VISITOR)


def bar(role: str) -> list[Link]:
    """List the at most four places of a role's bar."""
    seated = [place for place in offered() if place.in_bar and role in place.roles]
    # Among equals what belongs to no room ("Me") comes last.
    return _links(sorted(seated, key=lambda place: (place.in_bar, place.room == "")))[:BAR_PLACES]


def rail(roles: Iterable[str]) -> dict[str, list[Link]]:
    """List all places of these roles by room, in the order they were offered."""
    held = set(map(str, roles)) or {VISITOR}
    rooms: dict[str, list[Link]] = {}
    for link in _links(place for place in offered() if held & set(place.roles)):
        rooms.setdefault(link.room, []).append(link)
    return rooms


def count_open(roles: Iterable[str]) -> None:
    """Count, once a request, what waits at the places of these roles; costs nothing when none is counted."""
    held = set(map(str, roles))
    counted = [(place.endpoint, place.open_tasks) for place in _there(offered()) if held & set(place.roles)]
    if "open_tasks" not in g and any(count for _endpoint, count in counted):
        with database.reading() as db:
            now = clock.now()
            g.open_tasks = {endpoint: count(db, now=now) for endpoint, count in counted if count}


def _there(wanted: Iterable[Place]) -> list[Place]:
    # A room that this installation leaves out has no such endpoint.
    return [place for place in wanted if place.endpoint in current_app.view_functions]


def _links(wanted: Iterable[Place]) -> list[Link]:
    there = _there(wanted)
    waiting: dict[str, int] = g.get("open_tasks", {})
    urls = [url_for(place.endpoint) for place in there]
    here = max((url for url in urls if _is_above(url, request.path)), key=len, default="")
    return [
        Link(url, place.label, place.icon, place.room, url == here, waiting.get(place.endpoint, 0))
        for place, url in zip(there, urls, strict=True)
    ]


def _is_above(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))
