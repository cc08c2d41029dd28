"""The walk's first part: the cashier, the return, the notice, QR codes, several orders at once, closing."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.gateways.clients.asking import NODE, OFFICIAL, Walk
from tests.gateways.simulating import POOR

# All that was ever mistaken for something else: separators, quotes, mark-up, emoji, a rare character.
SUBJECT = '高山茶🍵 a=1&b=2+c/d <富硒> "春" 100% 㐂'
PAGE, WAP = "alipay.trade.page.pay", "alipay.trade.wap.pay"


def order(number: str, amount: str = "76.50", subject: str = SUBJECT) -> dict[str, Any]:
    """Write an order."""
    return {"out_trade_no": number, "total_amount": amount, "subject": subject}


def on_a_page(number: str, amount: str = "76.50", **more: Any) -> dict[str, Any]:
    """Write an order for the cashier's page."""
    return {**order(number, amount), "product_code": "FAST_INSTANT_TRADE_PAY", **more}


def at_the_cashier(walk: Walk) -> None:
    """Go to the cashier, leave it, have too little money, pay; the return and the notice are signed."""
    absent = walk.query("S1")
    walk.refused("a trade that nobody began does not exist", absent, "ACQ.TRADE_NOT_EXIST")
    cashier = walk.simulator.reach(walk.page(PAGE, **on_a_page("S1")))
    walk.step("the page leads to the cashier", {"status": cashier.status}, status=200)
    waiting = walk.query("S1")
    facts = {"code": "10000", "trade_status": "WAIT_BUYER_PAY", "total_amount": "76.50"}
    walk.step("the trade exists once the buyer is there", waiting, **facts)
    walk.simulator.choose(cashier, "later")
    walk.step("who leaves has paid nothing", walk.query("S1"), **facts)
    walk.simulator.choose(cashier, "pay", POOR)
    walk.step("who has too little money has paid nothing", walk.query("S1"), **facts)
    back = walk.simulator.choose(cashier)
    paid = walk.query("S1")
    facts = {"trade_status": "TRADE_SUCCESS", "buyer_pay_amount": "76.50", "trade_no": waiting["trade_no"]}
    walk.step("who pays has paid", paid, **facts)
    walk.refused(
        "a paid order is not asked for again",
        walk.call("alipay.trade.precreate", **order("S1")),
        "ACQ.TRADE_HAS_SUCCESS",
    )
    returned = dict(parse_qsl(urlsplit(back.location).query, keep_blank_values=True))
    facts = {
        "out_trade_no": "S1",
        "trade_no": paid["trade_no"],
        "total_amount": "76.50",
        "trade_status": None,
    }
    walk.step("the return says what was paid, not how it stands", returned, **facts)
    walk.step("the client finds the return signed", walk.is_signed(returned), it=True)
    changed = {**returned, "total_amount": "0.01"}
    walk.step("and a changed one not", walk.is_signed(changed), it=False)


def the_notice(walk: Walk) -> None:
    """Have the first notice sent: its facts, its signature, nothing of it can be changed."""
    [notice] = walk.deliver()
    facts = {
        "out_trade_no": "S1",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "76.50",
        "subject": SUBJECT,
    }
    walk.step("the notice has the facts and the whole subject", notice, **facts)
    walk.step("the client finds the notice signed", walk.is_signed(notice), it=True)
    for name, value in (("total_amount", "76.51"), ("subject", SUBJECT[:-1]), ("body", "x")):
        changed = walk.is_signed({**notice, name: value})
        walk.step(f"and not one with another {name}", changed, it=False)
    walk.step("nor one that lost its blank field", walk.is_signed(_without(notice, "body")), it=False)


def _without(fields: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in fields.items() if key != name}


def by_code_and_phone(walk: Walk) -> None:
    """Pay by QR code, by a phone's page, by the client's form."""
    qr = walk.call("alipay.trade.precreate", **order("S2", "10.00"), notify_url=walk.notify_url)
    walk.step("a code is made", qr, code="10000", out_trade_no="S2")
    walk.refused("its trade does not exist before the scan", walk.query("S2"), "ACQ.TRADE_NOT_EXIST")
    cashier = walk.simulator.reach(qr["qr_code"])
    walk.step("it exists after the scan", walk.query("S2"), trade_status="WAIT_BUYER_PAY")
    walk.simulator.choose(cashier)
    walk.step("it is paid by the code", walk.query("S2"), trade_status="TRADE_SUCCESS", total_amount="10.00")
    product = {} if walk.name not in (OFFICIAL, NODE) else {"product_code": "QUICK_WAP_WAY"}
    walk.simulator.pay(walk.page(WAP, **order("S3", "0.01"), **product))
    walk.step(
        "one fen is paid on a phone", walk.query("S3"), trade_status="TRADE_SUCCESS", total_amount="0.01"
    )
    if walk.name in (OFFICIAL, NODE):
        plain = {**on_a_page("S4", "4.00"), "subject": '"高山茶" a=1'}
        walk.simulator.choose(walk.reach_by_form(PAGE, **plain))
        walk.step(
            "the client's form leads to the cashier too", walk.query("S4"), trade_status="TRADE_SUCCESS"
        )
    walk.deliver()


def several_at_once(walk: Walk) -> None:
    """Pay several orders in one visit, given at once or made before."""
    details = [on_a_page("S5", "10.00"), on_a_page("S6", "20.00")]
    walk.simulator.pay(walk.page("alipay.trade.page.merge.pay", out_merge_no="M1", order_details=details))
    first, second = walk.query("S5"), walk.query("S6")
    walk.step("the first of two orders is paid", first, trade_status="TRADE_SUCCESS", total_amount="10.00")
    walk.step("so is the second", second, trade_status="TRADE_SUCCESS", total_amount="20.00")
    walk.step("each has its own trade", first["trade_no"] != second["trade_no"], it=True)
    notices = walk.deliver()
    walk.step("each has its own notice", sorted(one["out_trade_no"] for one in notices), it=["S5", "S6"])
    walk.step("of the merge payment", [one["out_merge_no"] for one in notices], it=["M1", "M1"])
    walk.step("both signed", [walk.is_signed(one) for one in notices], it=[True, True])
    later = [on_a_page("S7", "1.00"), on_a_page("S8", "2.00")]
    made = walk.call("alipay.trade.merge.precreate", out_merge_no="M2", order_details=later)
    walk.step("a merge payment is made before", made, code="10000", out_merge_no="M2")
    walk.refused("its orders wait for the buyer", walk.query("S7"), "ACQ.TRADE_NOT_EXIST")
    walk.simulator.pay(walk.page("alipay.trade.wap.merge.pay", pre_order_no=made["pre_order_no"]))
    walk.step("it is paid on a phone", walk.query("S8"), trade_status="TRADE_SUCCESS", total_amount="2.00")


def closing(walk: Walk) -> None:
    """Close and cancel: unpaid, closed, paid, unknown."""
    cashier = walk.simulator.reach(walk.page(PAGE, **on_a_page("S9", "9.00")))
    closed = walk.call("alipay.trade.close", out_trade_no="S9")
    walk.step("an unpaid trade is closed", closed, code="10000", out_trade_no="S9")
    again = walk.call("alipay.trade.close", out_trade_no="S9")
    walk.refused("it is closed once", again, "ACQ.TRADE_HAS_CLOSE")
    walk.simulator.choose(cashier)
    walk.step("nobody can pay it any more", walk.query("S9"), trade_status="TRADE_CLOSED")
    late = walk.call("alipay.trade.close", out_trade_no="S1")
    walk.refused("a paid trade is not closed", late, "ACQ.REASON_TRADE_STATUS_INVALID")
    cancelled = walk.call("alipay.trade.cancel", out_trade_no="S2")
    walk.step("a paid one that is cancelled is paid back", cancelled, code="10000", action="refund")
    walk.step("and closed", walk.query("S2"), trade_status="TRADE_CLOSED")
    walk.simulator.reach(walk.page(PAGE, **on_a_page("S10", "9.00")))
    cancelled = walk.call("alipay.trade.cancel", out_trade_no="S10")
    walk.step("an unpaid one that is cancelled is closed", cancelled, code="10000", action="close")
    unknown = walk.call("alipay.trade.cancel", out_trade_no="NONE")
    walk.step("an unknown one is cancelled as well", unknown, code="10000", action=None, retry_flag="N")
