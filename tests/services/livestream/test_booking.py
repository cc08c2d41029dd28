"""A streamer and a studio are booked once: the database refuses the second, whoever asks."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from county import database
from county.errors import IllegalMove, NotFound
from livestream.roster import service as roster
from livestream.roster.types import SpanTaken
from livestream.sessions import service as sessions
from livestream.sessions.rules import MOVES, move
from livestream.sessions.types import (
    BadSession,
    NotAvailable,
    SessionClash,
    SessionEvent,
    SessionState,
)
from tests.makers.livestream import (
    HOUR,
    confirm,
    make_session,
    make_stage,
    make_streamer,
    make_studio,
    request,
)
from tests.makers.people import ROBOT
from tests.makers.web import all_at_once

RACERS = 200


def state_of(db, session):
    return sessions.get_session(db, session_id=session.id).state


def test_second_booking_of_streamer_or_studio_is_refused(db):
    stage = make_stage(db)
    make_session(db, stage)
    other_streamer, other_studio = make_streamer(db, name="吴涛"), make_studio(db)

    for shift, hours in ((0, 1), (-0.5, 1), (0.5, 1), (-1, 3), (0.25, 0.5)):
        start_at = stage.start_at + shift * HOUR
        asked = request(db, stage, start_at=start_at, hours=hours)
        for changed in (replace(stage, studio=other_studio), replace(stage, streamer=other_streamer)):
            with pytest.raises(SessionClash):
                confirm(db, changed, asked)
            assert state_of(db, asked) is SessionState.REQUESTED


def test_sessions_that_touch_or_use_nothing_in_common_are_booked(db):
    stage = make_stage(db)
    make_session(db, stage)
    elsewhere = replace(stage, streamer=make_streamer(db, name="吴涛"), studio=make_studio(db))

    booked = [
        confirm(db, stage, request(db, stage, start_at=stage.start_at - HOUR)),
        confirm(db, stage, request(db, stage, start_at=stage.start_at + HOUR)),
        confirm(db, elsewhere, request(db, elsewhere)),
    ]

    assert [each.state for each in booked] == [SessionState.CONFIRMED] * 3


def test_cancelled_session_frees_streamer_and_studio(db):
    stage = make_stage(db)
    first = make_session(db, stage)
    asked = request(db, stage)

    sessions.cancel_session(db, session_id=first.id, actor=ROBOT, now=stage.start_at - HOUR)

    assert confirm(db, stage, asked).state is SessionState.CONFIRMED


def test_raw_sql_cannot_book_twice_either(db):
    stage = make_stage(db)
    make_session(db, stage)
    other = replace(stage, streamer=make_streamer(db, name="吴涛"), studio=make_studio(db))
    booked = confirm(db, other, request(db, other))
    for column in ("streamer_id", "studio_id"):
        same = (
            f"(SELECT {column} FROM livestream_session WHERE number <> :own AND state = 'confirmed' LIMIT 1)"
        )
        own = {"own": booked.session_no}
        with pytest.raises(IntegrityError), db.begin_nested():
            db.execute(text(f"UPDATE livestream_session SET {column} = {same} WHERE number = :own"), own)
            db.flush()
    copied = (
        "INSERT INTO livestream_session (id, number, title, farmer_id, streamer_id, studio_id, start_at,"
        " end_at, state, requested_at, version) SELECT farmer_id, 'COPY', title, farmer_id, streamer_id,"
        " studio_id, start_at, end_at, 'live', requested_at, 1 FROM livestream_session WHERE number = :own"
    )
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text(copied), {"own": booked.session_no})

    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text("UPDATE livestream_session SET end_at = start_at"))


def test_streamers_spans_cannot_overlap(db):
    stage = make_stage(db)
    begin = stage.start_at

    with pytest.raises(SpanTaken):
        roster.offer_time(
            db, streamer_id=stage.streamer.id, start_at=begin, end_at=begin + HOUR, actor=ROBOT, now=begin
        )


def test_two_hundred_racers_on_one_slot_leave_one_winner(database_url):
    with database.transaction() as db:
        stage = make_stage(db)
        asked = [request(db, stage) for _ in range(RACERS)]

    def race(session):
        def book(db):
            return confirm(db, stage, session).session_no

        try:
            return "booked", database.in_transaction(book)
        except SessionClash:
            return "clash", ""

    results = all_at_once(race, asked)

    assert Counter(word for word, _number in results) == {"booked": 1, "clash": RACERS - 1}
    with database.reading() as db:
        booked = sessions.list_sessions(db, states=(SessionState.CONFIRMED,))
        assert [each.session_no for each in booked] == [
            number for word, number in results if word == "booked"
        ]
        assert len(sessions.list_sessions(db, states=(SessionState.REQUESTED,))) == RACERS - 1
        end_at = stage.start_at + HOUR
        offers = sessions.free_slots(
            db, start_at=stage.start_at, end_at=end_at, now=stage.start_at - 2 * HOUR
        )
    assert len(offers) == 3
    assert all(each.end_at <= stage.start_at or each.start_at >= end_at for each in offers)
    assert all(each.end_at - each.start_at == HOUR for each in offers)
    with database.transaction() as db:
        for offer in offers[:1]:
            moved = replace(
                asked[-1] if asked[-1].session_no != booked[0].session_no else asked[0],
                start_at=offer.start_at,
                end_at=offer.end_at,
            )
            assert confirm(db, stage, moved).start_at == offer.start_at


def test_session_moves_only_along_its_table():
    allowed = {(before, event): after for (before, event), after in MOVES.items()}
    S, E = SessionState, SessionEvent

    assert allowed == {
        (S.REQUESTED, E.CONFIRM): S.CONFIRMED,
        (S.REQUESTED, E.CANCEL): S.CANCELLED,
        (S.CONFIRMED, E.CANCEL): S.CANCELLED,
        (S.CONFIRMED, E.BEGIN): S.LIVE,
        (S.LIVE, E.END): S.ENDED,
    }
    for before in S:
        for event in E:
            if (before, event) not in allowed:
                with pytest.raises(IllegalMove):
                    move(before, event)


def test_only_its_streamer_begins_and_ends_a_session(db):
    stage = make_stage(db)
    session = make_session(db, stage)
    stranger = make_streamer(db, name="吴涛")
    given = {"session_id": session.id, "actor": ROBOT, "now": stage.start_at}

    for step in (sessions.begin_session, sessions.end_session):
        with pytest.raises(NotFound):
            step(db, streamer_id=stranger.id, **given)
    with pytest.raises(IllegalMove):
        sessions.end_session(db, streamer_id=stage.streamer.id, **given)
    sessions.begin_session(db, streamer_id=stage.streamer.id, **given)
    with pytest.raises(IllegalMove):
        sessions.cancel_session(db, **given)
    sessions.end_session(db, streamer_id=stage.streamer.id, **given)

    assert state_of(db, session) is SessionState.ENDED


def test_session_that_cannot_be_held_is_refused(db):
    stage = make_stage(db)
    asked = request(db, stage)
    late = stage.start_at + timedelta(days=5)

    with pytest.raises(NotAvailable):
        confirm(db, stage, replace(asked, start_at=late, end_at=late + HOUR))
    for commission_bp in (-1, 5001):
        with pytest.raises(BadSession):
            confirm(db, stage, asked, commission_bp=commission_bp)
    for hours in (0.2, 9):
        with pytest.raises(BadSession):
            request(db, stage, hours=hours)
    other = make_stage(db)
    with pytest.raises(NotFound):
        request(db, replace(stage, product=other.product))
    assert state_of(db, asked) is SessionState.REQUESTED
