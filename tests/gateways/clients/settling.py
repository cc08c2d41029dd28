"""The walk's second part: refunds, splits, sub-merchants, transfers; each does its work once."""

from typing import Any

from tests.gateways.clients.asking import Walk
from tests.gateways.clients.paying import PAGE, on_a_page
from tests.gateways.simulating import RICH

STREAMER, STRANGER = "2088000000000031", "2088000000000032"


def refund(walk: Walk, trade_no: str, amount: str, number: str, **more: Any) -> Any:
    """Have the client refund a part of a trade."""
    asked = {"trade_no": trade_no, "refund_amount": amount, "out_request_no": number, **more}
    return walk.call("alipay.trade.refund", **asked)


def refunding(walk: Walk) -> None:
    """Refund twice, again, too much; ask; the notice of a partial refund says TRADE_SUCCESS."""
    walk.deliver()
    trade_no = walk.query("S1")["trade_no"]
    had_fen = walk.simulator.books()[f"buyer:{RICH}"]
    first = refund(walk, trade_no, "20.00", "R1", refund_reason="烂了/坏了 <3 个>")
    walk.step("a part is refunded", first, code="10000", fund_change="Y", refund_fee="20.00")
    second = refund(walk, trade_no, "10.00", "R2")
    walk.step("another part, with the sum of both", second, fund_change="Y", refund_fee="30.00")
    again = refund(walk, trade_no, "10.00", "R2")
    walk.step("the same number changes nothing", again, code="10000", fund_change="N", refund_fee="30.00")
    other = refund(walk, trade_no, "11.00", "R2")
    walk.refused("nor with another amount", other, "ACQ.DISCORDANT_REPEAT_REQUEST")
    over = refund(walk, trade_no, "46.51", "R3")
    walk.refused("more than the rest is refused", over, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
    got_fen = walk.simulator.books()[f"buyer:{RICH}"] - had_fen
    walk.step("the buyer has 30.00 back", got_fen, it=3_000)
    ask = {"trade_no": trade_no, "out_request_no": "R1"}
    known = walk.call("alipay.trade.fastpay.refund.query", **ask)
    facts = {"refund_status": "REFUND_SUCCESS", "refund_amount": "20.00", "total_amount": "76.50"}
    walk.step("a refund is found", known, code="10000", **facts)
    unknown = walk.call("alipay.trade.fastpay.refund.query", trade_no=trade_no, out_request_no="R3")
    walk.step("one that was refused is not", unknown, code="10000", refund_status=None)
    notices = walk.deliver()
    walk.step("a refund tells of its sum", [one.get("refund_fee") for one in notices], it=["20.00", "30.00"])
    walk.step(
        "but the trade is paid as before",
        {one["trade_status"] for one in notices} == {"TRADE_SUCCESS"},
        it=True,
    )
    walk.step("both notices are signed", [walk.is_signed(one) for one in notices], it=[True, True])


def split(walk: Walk, trade_no: str, number: str, *parts: tuple[str, str], **more: Any) -> Any:
    """Have the client split a trade."""
    lines = [
        {"trans_in": account, "trans_in_type": "userId", "amount": amount, "royalty_type": "transfer"}
        for account, amount in parts
    ]
    asked = {"out_request_no": number, "trade_no": trade_no, "royalty_parameters": lines, **more}
    return walk.call("alipay.trade.order.settle", **asked)


def splitting(walk: Walk) -> None:
    """Bind, split, ask, split too much, unbind; a refund takes the split back."""
    walk.simulator.pay(walk.page(PAGE, **on_a_page("P1")))
    trade_no = walk.query("P1")["trade_no"]
    unbound = split(walk, trade_no, "P1-1", (STREAMER, "6.85"))
    walk.refused("who is not bound receives nothing", unbound, "ACQ.ROYALTY_RECEIVER_INVALID")
    receivers = [{"type": "userId", "account": STREAMER, "name": "主播"}]
    bound = walk.call("alipay.trade.royalty.relation.bind", out_request_no="B1", receiver_list=receivers)
    walk.step("a receiver is bound", bound, code="10000", result_code="SUCCESS")
    listed = walk.call("alipay.trade.royalty.relation.batchquery", out_request_no="B2")
    walk.step("and listed", [one["account"] for one in listed["receiver_list"]], it=[STREAMER])
    done = split(walk, trade_no, "P1-1", (STREAMER, "6.85"))
    walk.step("a part is split off", done, code="10000", trade_no=trade_no)
    again = split(walk, trade_no, "P1-1", (STREAMER, "6.85"))
    walk.step("the same number splits once", again, code="10000", settle_no=done["settle_no"])
    over = split(walk, trade_no, "P1-2", (STREAMER, "16.11"))
    walk.refused("over 30 % is refused", over, "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR")
    asked = walk.call("alipay.trade.order.settle.query", settle_no=done["settle_no"])
    lines = [(one["trans_in"], one["amount"], one["state"]) for one in asked["royalty_detail_list"]]
    walk.step("the split is found", lines, it=[(STREAMER, "6.85", "SUCCESS")])
    left = walk.call("alipay.trade.order.onsettle.query", trade_no=trade_no)
    walk.step("so is what may still be split", left, code="10000", unsettled_amount="16.10")
    walk.step("the receiver has it", walk.simulator.books()[f"user:{STREAMER}:available"], it=685)
    unbound = walk.call("alipay.trade.royalty.relation.unbind", out_request_no="B3", receiver_list=receivers)
    walk.step("a receiver is unbound", unbound, code="10000", result_code="SUCCESS")
    late = split(walk, trade_no, "P1-3", (STREAMER, "1.00"))
    walk.refused("and receives no more", late, "ACQ.ROYALTY_RECEIVER_INVALID")
    back = [{"royalty_type": "transfer", "trans_out": STREAMER, "amount": "6.85"}]
    whole = refund(walk, trade_no, "76.50", "P1-R", refund_royalty_parameters=back)
    walk.step("a whole refund takes the split back", whole, code="10000", fund_change="Y", refund_fee="76.50")
    walk.step("the receiver has nothing left", walk.simulator.books()[f"user:{STREAMER}:available"], it=0)
    walk.step("the trade is closed", walk.query("P1"), trade_status="TRADE_CLOSED")


def sub_merchants(walk: Walk) -> None:
    """Make a sub-merchant; its money is pending, confirmed, split, unfrozen."""
    made = walk.call("ant.merchant.expand.indirect.zft.create", external_id="farm1", name="岚皋茶园")
    walk.step("a sub-merchant is applied for", made, code="10000")
    listed = walk.call("ant.merchant.expand.indirect.zftorder.query", order_id=made["order_id"])
    [found] = listed["orders"]
    walk.step("and agreed to", found, status="99", external_id="farm1", merchant_name="岚皋茶园")
    smid = found["smid"]
    walk.simulator.pay(walk.page(PAGE, **on_a_page("Z1", sub_merchant={"merchant_id": smid})))
    trade_no = walk.query("Z1")["trade_no"]
    books = walk.simulator.books()
    walk.step("its money is pending, less the fee", books[f"sub:{smid}:pending"], it=7_604)
    receivers = [{"type": "userId", "account": STREAMER}]
    walk.call("alipay.trade.royalty.relation.bind", out_request_no="B4", receiver_list=receivers)
    early = split(walk, trade_no, "Z1-1", (STREAMER, "6.85"))
    walk.refused("it cannot be split before that", early, "ACQ.ILLEGAL_SETTLE_STATE")
    settled = {"settle_detail_infos": [{"trans_in_type": "defaultSettle", "amount": "76.50"}]}
    freeze = {"royalty_freeze": "true"}
    ask = {"out_request_no": "Z1-C", "trade_no": trade_no, "settle_info": settled, "extend_params": freeze}
    confirmed = walk.call("alipay.trade.settle.confirm", **ask)
    walk.step("it is confirmed", confirmed, code="10000", settle_amount="76.50")
    again = walk.call("alipay.trade.settle.confirm", **ask)
    walk.step("once", again, code="10000", settle_amount="76.50")
    books = walk.simulator.books()
    walk.step("now it is frozen", (books[f"sub:{smid}:pending"], books[f"sub:{smid}:frozen"]), it=(0, 7_604))
    done = split(walk, trade_no, "Z1-1", (STREAMER, "6.85"))
    walk.step("it is split", done, code="10000", trade_no=trade_no)
    finished = split(walk, trade_no, "Z1-2", extend_params={"royalty_finish": "true"})
    walk.step("the rest is unfrozen", finished, code="10000", trade_no=trade_no)
    walk.step("and the farm's", walk.simulator.books()[f"sub:{smid}:available"], it=6_919)


def transfers(walk: Walk) -> None:
    """Transfer once, ask, more than there is."""

    def transfer(number: str, amount: str) -> Any:
        payee = {"identity": STRANGER, "identity_type": "ALIPAY_USER_ID", "name": "王&李 <茶>"}
        return walk.call(
            "alipay.fund.trans.uni.transfer",
            out_biz_no=number,
            trans_amount=amount,
            product_code="TRANS_ACCOUNT_NO_PWD",
            biz_scene="DIRECT_TRANSFER",
            order_title="九月货款",
            payee_info=payee,
        )

    done = transfer("X1", "1.00")
    walk.step("money is transferred", done, code="10000", status="SUCCESS", out_biz_no="X1")
    again = transfer("X1", "1.00")
    walk.step("once", again, code="10000", order_id=done["order_id"])
    walk.refused("not with another amount", transfer("X1", "2.00"), "REQUEST_PROCESSED_DISCORDANT")
    walk.refused("not more than there is", transfer("X2", "90000000.00"), "PAYER_BALANCE_NOT_ENOUGH")
    walk.step("the payee has it", walk.simulator.books()[f"user:{STRANGER}:available"], it=100)
    asked = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}
    found = walk.call("alipay.fund.trans.common.query", out_biz_no="X1", **asked)
    walk.step("it is found", found, code="10000", status="SUCCESS", trans_amount="1.00")
    missing = walk.call("alipay.fund.trans.common.query", out_biz_no="X2", **asked)
    walk.refused("what was refused is not", missing, "ORDER_NOT_EXIST")
