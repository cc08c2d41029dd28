"""Kills the web process while people order and pay, and counts what was lost; 100 buyers for one unit."""

import json
import random
import threading
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine

from benchmarks.storm import judging, load
from benchmarks.storm.installation import Installation, NotUp, installed
from benchmarks.storm.load import Buyer, Journal
from county import clock, database
from county.audit.types import Actor
from county.people import service as people
from county.people.types import Role, TokenKind
from shop.catalogue import service as catalogue
from shop.catalogue.types import Category, NewSku

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
ROBOT = Actor.system("storm")
BUYERS = 5
RUSH = 100
ORDERS_EACH = 120
# The last kills come in any case after this; the storm is bounded in count and in time.
STORM_WITHIN_S = 150.0
IDLE_WITHIN_S = 90.0
# Just after each question of the payment query: 1, 5, 15 and 60 minutes after the order.
STEPS_S = (70, 250, 610, 2_710)
# Longer than the lease of a job whose clerk was killed.
LEASES_OVER_S = 900


def run(seeds: Sequence[int], quick: bool = False, *, kills: int = 20) -> list[dict[str, Any]]:
    """Storm SQLite and, where a server answers on this machine, PostgreSQL, once per seed."""
    servers = [""] if quick else ["", SERVER]
    return [storm(server, seed=seed, kills=3 if quick else kills) for server in servers for seed in seeds[:1]]


def storm(server_url: str, *, seed: int, kills: int) -> dict[str, Any]:
    """Play one storm on one database and give its figures."""
    with installed(server_url) as here:
        engine = database.make_engine(here.settings.database_url)
        database.connect(here.settings.database_url)
        try:
            tokens = make_buyers(RUSH)
            return {
                "database": engine.dialect.name,
                "seed": seed,
                **rush(here, tokens),
                **_storm(here, engine, tokens, random.Random(seed), kills),
            }
        finally:
            database.disconnect()
            engine.dispose()


def make_buyers(count: int) -> list[str]:
    """Register buyers and give each one's token of the API."""
    tokens = []
    for number in range(count):
        phone, now = f"137{number:08d}", clock.now()
        with database.transaction() as db:
            people.register_person(
                db, name=f"买家{number}", phone=phone, roles=[Role.BUYER], actor=ROBOT, now=now
            )
            signed = people.sign_in(
                db, phone=phone, fits=True, kind=TokenKind.API, address="127.0.0.1", request_id="", now=now
            )
        assert signed is not None
        tokens.append(signed.token)
    return tokens


def rush(here: Installation, tokens: Sequence[str]) -> dict[str, int]:
    """Have every buyer order the same last piece at the same moment; count who got it."""
    with database.transaction() as db:
        grower = people.find_person_by_phone(db, phone="13900000011")
        assert grower is not None
        product_id = catalogue.list_product(
            db,
            grower_id=grower.id,
            title="最后一罐",
            description="只此一罐。",
            category=Category.TEA,
            skus=[NewSku("250 g 罐", 6850, 500, 1)],
            picture_id=None,
            actor=ROBOT,
            now=clock.now(),
        )
    with database.reading() as db:
        sku = catalogue.get_product(db, product_id=product_id).skus[0]
    journal, start = Journal(), threading.Barrier(len(tokens))

    def order(number: int) -> None:
        start.wait()
        try:
            answer = load.call(
                here.settings.public_url + "/api/v1/orders",
                body={"items": [{"sku_id": str(sku.sku_id), "quantity": 1}], "address": load.ADDRESS},
                Authorization=f"Bearer {tokens[number]}",
                Idempotency_Key=f"rush-{number}",
            )
        except load.Broken:
            journal.count("broken")
            return
        is_refusal = answer.status == 409 and json.loads(answer.text)["code"] == "out_of_stock"
        journal.count("sold" if answer.status == 201 else "refused" if is_refusal else "other")

    _all_of([threading.Thread(target=order, args=(number,)) for number in range(len(tokens))])
    counts = journal.counts
    return {
        "buyers for one unit": len(tokens),
        "sold": counts["sold"],
        "oversold": max(0, counts["sold"] - 1),
        "refused as sold out": counts["refused"],
        "neither": counts["other"] + counts["broken"],
    }


def _storm(
    here: Installation, engine: Engine, tokens: Sequence[str], choice: random.Random, kills: int
) -> dict[str, Any]:
    before, others = judging.stock(engine), judging.numbers_of(engine)
    journal, over = Journal(), threading.Event()
    sku_ids = sorted(before)
    buyers = [
        Buyer(here.settings.public_url, tokens[number], journal, random.Random(choice.random()), number)
        for number in range(BUYERS)
    ]
    threads = [
        threading.Thread(
            target=buyer.shop_until, args=(over,), kwargs={"sku_ids": sku_ids, "most": ORDERS_EACH}
        )
        for buyer in buyers
    ]
    started_s = time.monotonic()
    for thread in threads:
        thread.start()
    try:
        killed = _kill_again_and_again(here, choice, kills, until_s=started_s + STORM_WITHIN_S)
    finally:
        over.set()
    here.wait_for_web()
    for thread in threads:
        thread.join()
    stormed_s = time.monotonic() - started_s
    _let_settle(here, engine)
    verified, said = here.command("audit", "verify")
    invariants, holds = here.command("invariants")
    return {
        "kills": killed,
        "requests cut off": journal.counts["cut off"],
        "requests that found nobody": journal.counts["found nobody"],
        **judging.judge(
            engine, here.settings.instance / "simulator.db", journal, before=before, others=others
        ),
        "invariants held": holds.count("holds   "),
        "invariants broken": holds.count("BROKEN  ") + (invariants not in (0, 1)),
        "audit faults": 0 if verified == 0 else max(1, said.count("\n  ")),
        "storm_s": round(stormed_s),
    }


def _kill_again_and_again(here: Installation, choice: random.Random, kills: int, *, until_s: float) -> int:
    """Kill the web process at random moments, one in five while it is still starting."""
    killed = 0
    while killed < kills and time.monotonic() < until_s:
        if choice.random() < 0.8:
            here.wait_for_web()
            pause_s = choice.uniform(0.05, 3.0)
        else:
            pause_s = choice.uniform(0.05, 1.0)
        threading.Event().wait(pause_s)
        here.kill("web")
        killed += 1
        here.start_web()
    return killed


def _let_settle(here: Installation, engine: Engine) -> None:
    """Move time past every question about unpaid payments, and wait each time until the clerk is idle."""
    for seconds in STEPS_S:
        here.let_pass(seconds)
        # A clerk that starts rings its bells at once; and it must bear being killed as well.
        here.kill("clerk")
        here.start("clerk", "clerk")
        _wait_until_idle(here, engine, but={"jobs running"})
    here.let_pass(LEASES_OVER_S)
    _wait_until_idle(here, engine, but=set())


def _wait_until_idle(here: Installation, engine: Engine, *, but: set[str]) -> None:
    assert here.settings.clock_file is not None
    clock.follow_offset_file(here.settings.clock_file)
    until_s, quiet = time.monotonic() + IDLE_WITHIN_S, 0
    try:
        while quiet < 3:
            waiting = judging.open_work(engine, clock.now())
            quiet = 0 if set(waiting) - but else quiet + 1
            if time.monotonic() > until_s:
                raise NotUp(f"the clerk has still to do after {IDLE_WITHIN_S:.0f} s: {waiting}")
            threading.Event().wait(0.3)
    finally:
        clock.follow_offset_file(None)


def _all_of(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
