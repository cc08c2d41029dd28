"""The clerk and Alipay as time goes by: bells, jobs, notices, bills; and the faults that meet them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from county import clock, database
from county.jobs import service as jobs
from county.jobs import worker
from county.jobs.types import JobState
from county.payments.jobs import ask_unpaid, read_bills
from county.payments.simulator import faults
from county.payments.simulator.passage import pass_time
from shop.aftersales.jobs import run_due
from shop.checkout.jobs import expire_unpaid
from shop.payouts.jobs import release_due, settle_due
from tests.flows.money_simulation.story import Story

BELLS: tuple[tuple[str, Callable[[datetime], None]], ...] = (
    ("ask", ask_unpaid),
    ("expire", expire_unpaid),
    ("claims", run_due),
    ("release", release_due),
    ("settle", settle_due),
)
# What each bell looks for: a bell that would find nothing is not rung, which halves the time of a seed.
LOOKED_FOR = {
    "ask": "county_payment WHERE state = 'awaiting'",
    "expire": "shop_order WHERE state = 'awaiting_payment'",
    "claims": "shop_claim WHERE due_at IS NOT NULL",
    "release": "shop_order WHERE state = 'delivered'",
    "settle": "shop_settlement WHERE state <> 'settled'",
    "jobs": "county_job WHERE state <> 'done'",
    "refunds": "shop_refund WHERE state IN ('waiting', 'planned')",
    "stuck": "shop_settlement WHERE stuck <> ''",
}
LOOK = "SELECT " + ", ".join(f"(SELECT count(*) FROM {each})" for each in LOOKED_FOR.values())
# When the county reads its bills, in UTC.
BILL_HOUR, BILL_MINUTE = 2, 30
GATEWAY_FAULTS = ("dropped", "effect_timeout", "bad_gateway", "slow", "system_error")
OWN_FAULTS = ("unreachable", "die_before", "die_after")


def ring(story: Story, name: str) -> None:
    """Ring one bell."""
    story.do(f"bell {name}", lambda: dict(BELLS)[name](story.world.now), quiet=True)


def work(story: Story) -> None:
    """Do every due job."""
    story.do("jobs", lambda: worker.work_until_idle(story.world.clock))


def deliver(story: Story) -> None:
    """Let time pass at Alipay and send its due notices."""
    desk = story.world.desk
    with desk.database.transaction() as db:
        pass_time(db, desk.clock.now_s())
    sent = story.do("notices", lambda: len(desk.sender.send_due()))
    assert sent is not None


def tick(story: Story) -> None:
    """Do what the clerk does all the time: notices, every bell, every job."""
    deliver(story)
    waiting = look(story)
    for name, _ in BELLS:
        if waiting[name]:
            ring(story, name)
    if look(story)["jobs"]:
        work(story)


def look(story: Story) -> dict[str, int]:
    """Count what each bell, and the worker, would look at."""
    with database.engine().connect().execution_options(shanhuo_reading=True) as line:
        return dict(zip(LOOKED_FOR, line.exec_driver_sql(LOOK).one(), strict=True))


def pass_by(story: Story, span: timedelta) -> None:
    """Let time pass; at every half past ten on the way the bills are read and everything due is done."""
    world, until = story.world, story.world.now + span
    while (at := _next_bills(world.now)) <= until:
        world.now = at
        deliver(story)
        story.do("bills", lambda: read_bills(world.now))
        tick(story)
    world.now = until


def has_unread_bill(story: Story) -> bool:
    """Tell whether Alipay paid or refunded on a day whose bill was not read yet."""
    world = story.world
    with world.desk.database.transaction() as db:
        paid_or_refunded = "SELECT paid_at_s AS at_s FROM trade UNION ALL SELECT at_s FROM refund"
        latest_s = db.execute(f"SELECT max(at_s) FROM ({paid_or_refunded})").fetchone()[0]
    if latest_s is None:
        return False
    last_read = _next_bills(world.now) - timedelta(days=1)
    return clock.county_day(datetime.fromtimestamp(latest_s, UTC)) >= clock.county_day(last_read)


def _next_bills(now: datetime) -> datetime:
    at = now.replace(hour=BILL_HOUR, minute=BILL_MINUTE, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def trouble(story: Story) -> None:
    """Let one of the next calls to Alipay go wrong, or the process die at one of its next commits."""
    fate = story.world.fate
    kind = story.pick((*GATEWAY_FAULTS, *OWN_FAULTS, "die_commit", "die_commit"))
    if kind == "die_commit":
        fate.commits_left, fate.after_commit = story.world.chance.randrange(6), story.happens(50)
    elif kind in OWN_FAULTS:
        fate.call = kind
    else:
        with story.world.desk.database.transaction() as db:
            faults.ask(db, kind, method="", out_trade_no="", times=story.pick((1, 1, 2)), seconds=0.0)
    story.say(f"trouble {kind}")


def spoil_bill(story: Story) -> None:
    """Let the next bill lack its last row or show one that is nobody's."""
    kind = story.pick(faults.BILL_KINDS)
    with story.world.desk.database.transaction() as db:
        faults.ask(db, kind, method="", out_trade_no="", times=1, seconds=0.0)
    story.bill_faults += 1
    story.say(f"fault {kind}")


def calm(story: Story) -> None:
    """Let nothing go wrong any more; people have new hands, jobs that were given up are started again."""
    story.world.fate.clear()
    story.world.lose_notice = lambda: ""
    with story.world.desk.database.transaction() as db:
        faults.clear(db)


def revive(story: Story) -> int:
    """Start the jobs again that were given up, as the association would; gives how many."""
    with database.reading() as db:
        dead = jobs.list_jobs(db, state=JobState.DEAD)
    for job in dead:
        story.write(f"revive {job.kind}", partial(jobs.revive_job, job_id=job.id, now=story.world.now))
    return len(dead)


def is_quiet(story: Story) -> bool:
    """Tell whether nothing is under way that ends by itself within hours."""
    left = look(story)
    with story.world.desk.database.transaction() as db:
        due = db.execute("SELECT count(*) FROM notice WHERE state = 'due'").fetchone()[0]
    return left["settle"] == left["stuck"] and not any([due, left["ask"], left["jobs"], left["refunds"]])
