"""The simulator's own books: whatever is done in whatever order, their total stays and every part adds up."""

import base64
import json
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from county import clock, config
from county.payments import keys
from county.payments.bill_file import read_bill
from county.payments.simulator import books, faults, orders, trades
from county.payments.simulator.desk import Desk
from county.payments.simulator.wire import GatewayError

RECEIVERS = ("2088000000000031", "2088000000000091", "2088000000000001")
METHODS = {
    "query": "alipay.trade.query",
    "close": "alipay.trade.close",
    "cancel": "alipay.trade.cancel",
    "refund": "alipay.trade.refund",
    "settle": "alipay.trade.order.settle",
    "confirm": "alipay.trade.settle.confirm",
    "transfer": "alipay.fund.trans.uni.transfer",
    "refund query": "alipay.trade.fastpay.refund.query",
    "settle query": "alipay.trade.order.settle.query",
}


class Gateway:
    """Sends signed requests straight into the gateway, without HTTP."""

    def __init__(self, folder: Path) -> None:
        self.settings = config.load({}, root=folder, demo=True)
        self.desk = Desk(self.settings, post=lambda *_: "success")
        self.key = keys.read_private_key(self.settings.alipay_private_key_file)

    def ask(self, method: str, content: dict[str, Any]) -> dict[str, Any]:
        """Send one request and give the reply node, or the cashier token of a page."""
        params = {
            "app_id": self.settings.alipay_app_id,
            "biz_content": json.dumps(content),
            "charset": "utf-8",
            "method": method,
            "notify_url": "http://127.0.0.1/notify",
            "sign_type": "RSA2",
            "timestamp": f"{clock.now():%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
        }
        text = "&".join(f"{name}={params[name]}" for name in sorted(params)).encode()
        raw = self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        query = urlencode({**params, "sign": base64.b64encode(raw).decode()})
        answer = self.desk.gateway.answer(query, b"", "http://127.0.0.1")
        if answer.visit:
            return {"visit": answer.visit}
        whole = json.loads(answer.body)
        node: dict[str, Any] = next(value for name, value in whole.items() if name != "sign")
        return node

    def pay(self, content: dict[str, Any], buyer: str) -> str | None:
        """Pay an order at the cashier; gives the trade number, or None when it could not be paid."""
        reached = self.ask("alipay.trade.page.pay", content)
        if "visit" not in reached:
            return None
        now_s = self.desk.clock.now_s()
        try:
            with self.desk.database.transaction() as db:
                _, made = orders.reach(db, reached["visit"], now_s)
                for trade in made:
                    trades.pay(db, trade["trade_no"], buyer_id=buyer, now_s=now_s)
        except (GatewayError, books.NotEnough):
            return None
        return str(made[0]["trade_no"])

    def check(self, start_fen: int) -> None:
        """Assert that the total stands and that every trade's parts are where the accounts say."""
        with self.desk.database.transaction() as db:
            accounts = books.balances(db)
            assert books.total_fen(db) == start_fen
            assert min(accounts.values()) >= 0
            assert _by_movements(db, accounts) == accounts
            for rest in ("pending", "frozen"):
                held = db.execute(f"SELECT coalesce(sum({rest}_fen), 0) FROM trade").fetchone()[0]
                assert held == sum(fen for code, fen in accounts.items() if code.endswith(f":{rest}"))
            fees = db.execute("SELECT coalesce(sum(fee_fen - fee_back_fen), 0) FROM trade").fetchone()[0]
            assert fees == accounts.get(books.FEES, 0)


def _by_movements(db: sqlite3.Connection, accounts: dict[str, int]) -> dict[str, int]:
    summed = dict.fromkeys(accounts, 0)
    for buyer in books.BUYERS:
        summed[f"buyer:{buyer.user_id}"] = buyer.starts_with_fen
    for row in db.execute("SELECT from_code, to_code, fen FROM movement"):
        summed[row["from_code"]] -= row["fen"]
        summed[row["to_code"]] += row["fen"]
    return summed


def _content(chance: random.Random, trade_no: str, kind: str) -> tuple[str, dict[str, Any]]:
    method = METHODS[kind]
    number = f"{kind.replace(' ', '')[0]}{chance.randrange(40)}"
    amount = f"{chance.randrange(0, 120)}.{chance.randrange(100):02d}"
    account = chance.choice(RECEIVERS)
    content: dict[str, Any] = {"trade_no": trade_no, "out_request_no": number}
    if kind == "refund":
        back = {"trans_out": account, "amount": f"{chance.randrange(1, 20)}.00"}
        content["refund_amount"] = amount
        content["refund_royalty_parameters"] = [back] if chance.random() < 0.4 else []
    elif kind == "settle":
        content["royalty_mode"] = chance.choice(["sync", "sync", "async"])
        content["royalty_parameters"] = [{"trans_in": account, "amount": f"{chance.randrange(1, 25)}.50"}]
        content["extend_params"] = {"royalty_finish": chance.choice(["true", "false", "false", "false"])}
    elif kind == "confirm":
        detail = {"trans_in_type": "defaultSettle", "amount": "76.50"}
        content["settle_info"] = {"settle_detail_infos": [detail]}
        content["extend_params"] = {"royalty_freeze": chance.choice(["true", "false"])}
    elif kind == "transfer":
        info = {"identity": account, "identity_type": "ALIPAY_USER_ID"}
        content = {"out_biz_no": number, "trans_amount": amount, "payee_info": info}
    return method, content


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_total_is_constant_after_every_step(tmp_path: Path, seed: int) -> None:
    chance, gateway = random.Random(seed), Gateway(tmp_path)
    gateway.ask(
        "alipay.trade.royalty.relation.bind",
        {
            "out_request_no": "b",
            "receiver_list": [{"type": "userId", "account": one} for one in RECEIVERS[:2]],
        },
    )
    smid = gateway.ask("ant.merchant.expand.indirect.zft.create", {"external_id": "f", "name": "茶园"})[
        "smid"
    ]
    start_fen = sum(buyer.starts_with_fen for buyer in books.BUYERS)
    paid: list[str] = []
    answered: dict[str, int] = {}

    for step in range(250):
        if step < 6 or chance.random() < 0.15:
            order: dict[str, Any] = {"out_trade_no": f"A{step}", "total_amount": "76.50", "subject": "茶"}
            order |= chance.choice(
                [
                    {},
                    {"extend_params": {"royalty_freeze": "true"}},
                    {"sub_merchant": {"merchant_id": smid}, "settle_info": {"settle_period_time": "9d"}},
                ]
            )
            trade_no = gateway.pay(order, chance.choice(books.BUYERS).user_id)
            paid += [trade_no] if trade_no else []
        elif chance.random() < 0.1:
            with gateway.desk.database.transaction() as db:
                gateway.desk.clock.move(db, chance.choice([60, 3_600, 86_400, 40 * 86_400]))
        else:
            kind = chance.choice(list(METHODS))
            answer = gateway.ask(*_content(chance, chance.choice(paid[-3:]), kind))
            if answer["code"] == "10000":
                answered[kind] = answered.get(kind, 0) + 1
        gateway.check(start_fen)

    assert {"refund", "settle", "confirm", "transfer"} <= set(answered), (seed, answered)


def test_a_seed_draws_the_same_faults_every_time(tmp_path: Path) -> None:
    drawn = []
    for run in ("a", "b"):
        gateway = Gateway(tmp_path / run)
        with gateway.desk.database.transaction() as db:
            faults.sow(db, seed="harvest", rate_bp=2_000, kinds=("bad_gateway", "system_error"))
        answers = []
        for number in range(60):
            with gateway.desk.database.transaction() as db:
                fault = faults.take_gateway(db, method="alipay.trade.query", out_trade_no=str(number))
            answers.append(fault.kind if fault else "")
        drawn.append(answers)

    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {"", "bad_gateway", "system_error"}


def test_a_bill_cuts_the_day_at_beijing_midnight(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path)
    desk = gateway.desk
    today = clock.county_day(datetime.fromtimestamp(desk.clock.now_s(), UTC))
    midnight_s = int(clock.day_start(today + timedelta(days=2)).timestamp())
    for number, at_s in (("before", midnight_s - 30), ("after", midnight_s + 30)):
        with desk.database.transaction() as db:
            desk.clock.move(db, at_s - desk.clock.now_s())
        gateway.pay(
            {"out_trade_no": number, "total_amount": "1.00", "subject": "茶"}, books.BUYERS[0].user_id
        )
    with desk.database.transaction() as db:
        desk.clock.move(db, 86_400)

    billed = []
    for days in (1, 2):
        on = today + timedelta(days=days)
        gateway.ask(
            "alipay.data.dataservice.bill.downloadurl.query",
            {"bill_type": "trade", "bill_date": on.isoformat()},
        )
        with desk.database.transaction() as db:
            content = db.execute("SELECT content FROM bill ORDER BY rowid DESC LIMIT 1").fetchone()["content"]
        billed.append(
            [
                row.out_trade_no
                for row in read_bill(content, on=on, seller_id=gateway.settings.alipay_seller_id).rows
            ]
        )

    assert billed == [["before"], ["after"]]
