"""The walk's last part: keys and charsets, what the gateway refuses, the bill, the refund window's end."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from county.payments import keys
from tests.gateways.clients.asking import NODE, OFFICIAL, PYTHON_ALIPAY, Walk, another_key, today_of
from tests.gateways.clients.paying import PAGE, on_a_page
from tests.gateways.clients.settling import refund


def keys_and_charsets(walk: Walk) -> None:
    """Sign with the other key format and a stranger's key, be another app, speak GBK."""
    pkcs8 = {"private_key_file": another_key(walk, "pkcs8.txt", pkcs8=True)}
    got = walk.call("alipay.trade.query", pkcs8, out_trade_no="S1")
    if walk.name == OFFICIAL:
        walk.raised("the client itself reads no PKCS#8 key", got, "request sign failed")
    else:
        walk.step("a PKCS#8 key signs as well", got, code="10000", out_trade_no="S1")
    stranger = {"private_key_file": another_key(walk, "stranger.txt", pkcs8=False)}
    _unsigned(walk, "a stranger's signature gets no signed reply", stranger, "isv.invalid-signature")
    _unsigned(walk, "nor does another app", {"app_id": "2021000000000009"}, "isv.invalid-app-id")
    wrong = {"public_key_file": str(walk.simulator.settings.instance / "wrong.pem")}
    _write_other_public_key(walk, wrong["public_key_file"])
    got = walk.call("alipay.trade.query", wrong, out_trade_no="S1")
    walk.raised("the client refuses a reply that another key signed", got, _WRONG_KEY[walk.name])
    gbk = {"charset": "gbk"}
    subject = "岚皋富硒茶 a=1&b" if walk.name == OFFICIAL else "tea a=1&b"
    page = walk.page(PAGE, gbk, **{**on_a_page("G1", "5.00"), "subject": subject})
    walk.simulator.pay(page)
    got = walk.call("alipay.trade.query", gbk, out_trade_no="G1")
    walk.step("an order in GBK is paid", got, code="10000", trade_status="TRADE_SUCCESS", total_amount="5.00")


_WRONG_KEY = {OFFICIAL: "verify failed", PYTHON_ALIPAY: "AliPayValidationError", NODE: "验签失败"}


def _unsigned(walk: Walk, name: str, settings: dict[str, str], sub_code: str) -> None:
    """Write down a step whose reply is not signed: clients raise; Node's says why only unchecked."""
    got = walk.call("alipay.trade.query", settings, out_trade_no="S1")
    walk.raised(name, got, 'The "signature" argument' if walk.name == NODE else sub_code)
    if walk.name == NODE:
        got = walk.ask("call", settings=settings, method="alipay.trade.query", content={}, unchecked=True)
        walk.refused(f"{name}, for this reason", got, sub_code, "40002")


def _write_other_public_key(walk: Walk, path: str) -> None:
    ours = keys.read_private_key(walk.simulator.settings.alipay_private_key_file)
    Path(path).write_bytes(keys.public_pem(ours.public_key()))


def what_is_refused(walk: Walk) -> None:
    """Ask with wrong amounts, nothing, in an unknown way, while the gateway is ill."""
    for amount in ("0.00", "1e1", "76.505", "-1.00", "１.00", "100000000.01"):
        got = walk.call("alipay.trade.precreate", **{**on_a_page("W1"), "total_amount": amount})
        walk.refused(f"an amount of {amount} is none", got, "ACQ.INVALID_PARAMETER")
    got = walk.call("alipay.trade.query", trade_no="1")
    walk.refused("a trade number of somebody else is unknown", got, "ACQ.TRADE_NOT_EXIST")
    got = walk.call("alipay.trade.create", **on_a_page("W1"))
    if walk.name in _ERROR_NODE:
        walk.raised("a method that is not there", got, _ERROR_NODE[walk.name])
    else:
        walk.refused("a method that is not there", got, "isv.invalid-method", "40002")
    walk.simulator.fault("system_error")
    walk.refused("an ill gateway says so", walk.query("S1"), "isp.unknow-error", "20000")
    walk.step("and answers the next time", walk.query("S1"), code="10000", out_trade_no="S1")


# python-alipay-sdk raises over every `error_response`, Node's SDK looks for a signature in the wrong place.
_ERROR_NODE = {PYTHON_ALIPAY: "isv.invalid-method", NODE: "验签失败"}


def the_bill(walk: Walk) -> None:
    """Ask for the bill too early, then for the day that is over; it is a zip of GBK that adds up."""
    today = today_of(walk.simulator)
    ask = {"bill_type": "trade", "bill_date": today}
    method = "alipay.data.dataservice.bill.downloadurl.query"
    walk.refused("a day that goes on has no bill", walk.call(method, **ask), "isp.bill_not_exist")
    walk.simulator.move_clock(days=1)
    got = walk.call(method, **ask)
    walk.step("a day that is over has one", got, code="10000")
    with build_opener(ProxyHandler({})).open(got["bill_download_url"], timeout=20) as answer:
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    text = next(text for text in _texts(archive) if "业务明细列表" in text)
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("支付宝交易号"))
    end = next(number for number, line in enumerate(lines) if "业务明细列表结束" in line)
    rows = list(csv.DictReader(lines[start:end]))
    walk.step("it has 25 columns in GBK", len(rows[0]), it=25)
    walk.step("and its numbers end in a tab", {row["商户订单号"][-1] for row in rows} == {"\t"}, it=True)
    paid = sorted(row["商户订单号"].strip() for row in rows if row["业务类型"] == "交易")
    wanted = ["G1", "P1", "S1", "S2", "S3", "S5", "S6", "S7", "S8", "Z1"]
    walk.step(
        "it has every paid order", paid, it=sorted(wanted + (["S4"] if walk.name != PYTHON_ALIPAY else []))
    )
    back = sorted(row["退款批次号/请求号"].strip() for row in rows if row["业务类型"] == "退款")
    walk.step("and every refund", back, it=["P1-R", "R1", "R2", "cancel"])
    sums = [f"共{_sum(rows, kind)}元" in text for kind in ("交易", "退款")]
    walk.step("its totals are the sums of its rows", sums, it=[True, True])


def _texts(archive: zipfile.ZipFile) -> list[str]:
    return [archive.read(entry).decode("gbk") for entry in archive.infolist()]


def _sum(rows: list[dict[str, str]], kind: str) -> str:
    fen = sum(int(row["商家实收（元）"].replace(".", "")) for row in rows if row["业务类型"] == kind)
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def when_time_has_passed(walk: Walk) -> None:
    """Let the refund window end: finished, told so, nothing refunded any more; the books kept their total."""
    trade_no = walk.query("S1")["trade_no"]
    walk.deliver()
    walk.simulator.move_clock(days=90)
    walk.step("the trade is finished", walk.query("S1"), trade_status="TRADE_FINISHED", trade_no=trade_no)
    notices: list[dict[str, Any]] = [one for one in walk.deliver() if one["out_trade_no"] == "S1"]
    walk.step("one notice says so", [one["trade_status"] for one in notices], it=["TRADE_FINISHED"])
    walk.step("and is signed", walk.is_signed(notices[0]), it=True)
    late = refund(walk, trade_no, "1.00", "R9")
    walk.refused("nothing is refunded any more", late, "ACQ.TRADE_HAS_FINISHED")
    cashier = walk.simulator.reach(walk.page(PAGE, **on_a_page("T1", "1.00", timeout_express="30m")))
    walk.simulator.move_clock(minutes=30)
    walk.step("what nobody pays in time is closed", walk.query("T1"), trade_status="TRADE_CLOSED")
    walk.simulator.choose(cashier)
    walk.step("and stays so", walk.query("T1"), trade_status="TRADE_CLOSED")
    walk.step("no fen came or went", walk.simulator.total_fen(), it=200_000_001)
