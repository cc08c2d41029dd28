"""The grower's money page: the sum's lines."""

import re
from datetime import timedelta

from county import clock, database
from livestream.attribution import service as attribution
from tests.makers.livestream import make_session, make_stage
from tests.makers.shop import make_card, pay, place
from tests.makers.web import make_browser


def lines_of(page):
    """Give the lines of each sum of a page, label and amount."""
    return [
        [re.sub(r"<[^>]+>|\s+", "", line) for line in re.findall(r"<tr>(.*?)</tr>", table, re.S)]
        for table in re.findall(r'<table class="sum">(.*?)</table>', page, re.S)
    ]


def test_the_sum_has_a_line_for_the_streamer_only_when_there_is_one(web_app):
    tomorrow = clock.day_start(clock.county_day(clock.now()) + timedelta(days=1))
    with database.transaction() as db:
        make_card(db)
        stage = make_stage(db, start_at=tomorrow + timedelta(hours=12))
        session = make_session(db, stage)
        token = attribution.attribution().token(session_id=session.id, now=session.start_at)
        for source_ref in ("", token):
            order = place(db, stage.product, source_ref=source_ref, now=stage.start_at).orders[0]
            pay(db, order.order_no, fen=order.total_fen, now=stage.start_at)

    total, *sales = lines_of(make_browser(web_app, stage.farmer).get("/money?lang=en").text)

    assert total == ["Goodssold137.00", "Streamer−6.85", "Association−6.86", "Yours=¥123.29"]
    assert sorted(sales) == [
        ["Goodssold68.50", "Association−3.43", "Yours=¥65.07"],
        ["Goodssold68.50", "Streamer−6.85", "Association−3.43", "Yours=¥58.22"],
    ]
