"""Draws a history from a seed: who does what when and what goes wrong; at last everything due is done."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from flask import Flask

from shop.orders.types import OrderState
from tests.flows.money_simulation import buyers, clerk, county
from tests.flows.money_simulation.story import NotNow, Story

Deed = Callable[[Story], None]
# How long until the next deed, while somebody is paying and while nobody is; each with its odds.
SHORT: tuple[tuple[int, timedelta], ...] = (
    (70, timedelta(seconds=20)),
    (20, timedelta(minutes=3)),
    (7, timedelta(minutes=17)),
    (3, timedelta(hours=2)),
)
LONG: tuple[tuple[int, timedelta], ...] = (
    (30, timedelta(minutes=4)),
    (30, timedelta(hours=2)),
    (25, timedelta(hours=13)),
    (15, timedelta(hours=50)),
)
# For how many days, at least, what happens by itself is waited for: claims lapse, money is released.
PATIENCE = (0, 0, 3, 4, 12)
MOST_DAYS = 30


def deeds(cashier: Flask) -> tuple[tuple[int, Deed], ...]:
    """List what can happen, each with how often it does."""
    return (
        (5, buyers.order),
        (12, lambda story: buyers.order_and_pay(story, cashier)),
        (6, buyers.start_paying),
        (3, buyers.scan),
        (14, lambda story: buyers.pay(story, cashier)),
        (1, buyers.cancel),
        (5, buyers.claim),
        (3, buyers.go_on),
        (16, county.pack),
        (20, county.move_parcel),
        (8, county.decide),
        (2, county.blame),
        (2, county.refund),
        (3, county.try_again),
        (1, county.unbind),
        (1, county.give_account),
        (8, county.pay_out),
        (1, county.bank_returns),
        (1, county.retry_payments),
        (6, clerk.trouble),
        (6, clerk.deliver),
        (6, clerk.work),
        *((1, _bell(name)) for name, _ in clerk.BELLS),
        (4, clerk.tick),
        (2, _bill_fault),
    )


def _bell(name: str) -> Deed:
    return lambda story: clerk.ring(story, name)


def _bill_fault(story: Story) -> None:
    """Let a bill lack a row or show one too many; rarely, since it excuses a difference."""
    if story.happens(12):
        clerk.spoil_bill(story)


def live(story: Story, cashier: Flask, *, length: int) -> None:
    """Let `length` deeds happen, with time between them."""
    chance = story.world.chance
    choices = deeds(cashier)
    weights, acts = [weight for weight, _ in choices], [act for _, act in choices]
    story.world.lose_notice = lambda: _notice_fate(story)
    done = 0
    while done < length:
        try:
            chance.choices(acts, weights)[0](story)
        except NotNow:
            continue
        done += 1
        if story.happens(33):
            spans = SHORT if story.sales(OrderState.AWAITING_PAYMENT) else LONG
            clerk.pass_by(story, chance.choices([each for _, each in spans], [odds for odds, _ in spans])[0])


def _notice_fate(story: Story) -> str:
    return str(story.world.chance.choices(("", "lost", "dies before", "dies after"), (80, 12, 4, 4))[0])


def settle(story: Story) -> None:
    """Let nothing go wrong any more and everything due be done; then read the last bills."""
    clerk.calm(story)
    story.say("calm")
    patience = story.pick(PATIENCE)
    if story.happens(60):
        _let(story, county.pack, times=4)
        _let(story, county.move_parcel, times=8)
    for day in range(MOST_DAYS):
        clerk.revive(story)
        _let(story, county.try_again)
        if story.happens(50):
            _let(story, county.pay_out, times=4)
        if story.happens(8):
            _let(story, county.refund)
        clerk.tick(story)
        clerk.pass_by(story, timedelta(days=1))
        if day >= patience and clerk.is_quiet(story):
            break
    # What happened yesterday and today is on the bills of the next two mornings; what falls due on these,
    # such as a claim whose days are over, on later ones.
    clerk.pass_by(story, timedelta(days=2))
    for _ in range(MOST_DAYS):
        if not clerk.has_unread_bill(story):
            break
        clerk.pass_by(story, timedelta(days=1))


def _let(story: Story, deed: Deed, *, times: int = 1) -> None:
    """Let a deed happen so often, as long as there is something to do."""
    with suppress(NotNow):
        for _ in range(times):
            deed(story)
