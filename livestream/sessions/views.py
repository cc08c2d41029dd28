"""Sessions with the names that pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from county.clock import county_day
from county.people import service as people
from livestream.sessions.types import LiveSession, SessionState
from livestream.studios import service as studios


@dataclass(frozen=True)
class SessionView:
    """A session as pages show it."""

    session: LiveSession
    farmer: str
    streamer: str
    studio: str

    @property
    def name(self) -> str:
        """Give what the calendar shows."""
        return self.session.title

    @property
    def from_at(self) -> datetime:
        """Give when it begins."""
        return self.session.start_at

    @property
    def to_at(self) -> datetime:
        """Give when it ends."""
        return self.session.end_at

    @property
    def note(self) -> str:
        """Give who streams it where."""
        return " · ".join(each for each in (self.farmer, self.streamer, self.studio) if each)

    @property
    def href(self) -> str:
        """Give the address of its page for buyers; none before it is confirmed."""
        shown = (SessionState.CONFIRMED, SessionState.LIVE, SessionState.ENDED)
        return f"/live/{self.session.id}" if self.session.state in shown else ""


@dataclass(frozen=True)
class Day:
    """A county day and its sessions."""

    on: date
    items: tuple[SessionView, ...]


def named(db: Session, sessions: Sequence[LiveSession]) -> list[SessionView]:
    """Give sessions with the names of their people and studios, in a fixed number of queries."""
    ids: set[UUID] = {each.farmer_id for each in sessions}
    ids |= {each.streamer_id for each in sessions if each.streamer_id}
    names = people.names_of(db, ids=ids)
    rooms = {each.id: each.name for each in studios.list_studios(db)}
    return [
        SessionView(
            session=each,
            farmer=names[each.farmer_id],
            streamer=names[each.streamer_id] if each.streamer_id else "",
            studio=rooms[each.studio_id] if each.studio_id else "",
        )
        for each in sessions
    ]


def by_day(views: Sequence[SessionView], *, from_on: date, days: int) -> list[Day]:
    """Sort sessions into county days, empty ones too."""
    wanted = [from_on + timedelta(days=number) for number in range(days)]
    return [
        Day(on, tuple(view for view in views if county_day(view.session.start_at) == on)) for on in wanted
    ]
