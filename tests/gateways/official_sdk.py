"""Runs inside a network namespace: the unmodified official SDK against the simulator on port 80.

Prints one JSON object of what the SDK got; `test_official_sdk.py` starts it and checks that.
"""

import json
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.exception.Exception import ResponseException
from werkzeug.serving import make_server

from county import config
from county.payments import keys
from county.payments.simulator import create_simulator
from tests.gateways.simulating import Simulator

ADDRESS = "http://127.0.0.1/gateway.do"


def make_client(settings: config.Settings, charset: str = "utf-8") -> DefaultAlipayClient:
    """Make the SDK's own client as its documentation says."""
    client_config = AlipayClientConfig()
    client_config.server_url = ADDRESS
    client_config.app_id = settings.alipay_app_id
    client_config.app_private_key = settings.alipay_private_key_file.read_text()
    client_config.alipay_public_key = settings.alipay_public_key_file.read_text()
    client_config.charset = charset
    return DefaultAlipayClient(client_config)


def ask(client: DefaultAlipayClient, name: str, content: dict[str, Any]) -> dict[str, Any]:
    """Execute one request with the SDK's own model, request and response classes."""
    base = "alipay.aop.api"
    model = getattr(import_module(f"{base}.domain.{name}Model"), f"{name}Model").from_alipay_dict(content)
    request = getattr(import_module(f"{base}.request.{name}Request"), f"{name}Request")(biz_model=model)
    response = getattr(import_module(f"{base}.response.{name}Response"), f"{name}Response")()
    try:
        text = client.execute(request)
    except ResponseException as error:
        return {"raised": str(error)}
    response.parse_response_content(text)
    return {**json.loads(text), "is_success": response.is_success()}


def page(client: DefaultAlipayClient, name: str, content: dict[str, Any], *, mobile: bool = False) -> str:
    """Make the SDK's GET address of a page."""
    base = "alipay.aop.api"
    model = getattr(import_module(f"{base}.domain.{name}Model"), f"{name}Model").from_alipay_dict(content)
    request = getattr(import_module(f"{base}.request.{name}Request"), f"{name}Request")(biz_model=model)
    request.notify_url, request.return_url = "http://127.0.0.1/nobody", "http://127.0.0.1/back"
    address: str = client.page_execute(request, http_method="GET")
    return address


def order(number: str, amount: str = "76.50") -> dict[str, Any]:
    """Write an order."""
    return {
        "out_trade_no": number,
        "total_amount": amount,
        "subject": "高山茶 a=1&b/c<d> 富硒",
        "product_code": "FAST_INSTANT_TRADE_PAY",
    }


def trade(client: DefaultAlipayClient, gbk: DefaultAlipayClient, simulator: Simulator) -> dict[str, Any]:
    """Pay, query, refund, close and cancel, also in GBK."""
    found: dict[str, Any] = {}
    found["absent"] = ask(client, "AlipayTradeQuery", {"out_trade_no": "S1"})
    simulator.pay(page(client, "AlipayTradePagePay", order("S1")))
    found["paid"] = ask(client, "AlipayTradeQuery", {"out_trade_no": "S1"})
    trade_no = found["paid"]["trade_no"]
    found["refunded"] = ask(
        client,
        "AlipayTradeRefund",
        {
            "trade_no": trade_no,
            "refund_amount": "20.00",
            "out_request_no": "R1",
            "refund_reason": "烂了/坏了",
        },
    )
    found["refund"] = ask(
        client, "AlipayTradeFastpayRefundQuery", {"trade_no": trade_no, "out_request_no": "R1"}
    )
    found["gbk"] = ask(gbk, "AlipayTradeQuery", {"out_trade_no": "S1"})
    simulator.pay(page(gbk, "AlipayTradePagePay", order("S2")))
    found["gbk_paid"] = ask(gbk, "AlipayTradeQuery", {"out_trade_no": "S2"})
    simulator.reach(page(client, "AlipayTradeWapPay", {**order("S3"), "product_code": "QUICK_WAP_WAY"}))
    found["closed"] = ask(client, "AlipayTradeClose", {"out_trade_no": "S3"})
    found["cancelled"] = ask(client, "AlipayTradeCancel", {"out_trade_no": "S2"})
    return found


def scan_and_merge(client: DefaultAlipayClient, simulator: Simulator) -> dict[str, Any]:
    """Pay by QR code and several orders at once."""
    found: dict[str, Any] = {}
    qr = ask(client, "AlipayTradePrecreate", order("S4"))
    found["before_scan"] = ask(client, "AlipayTradeQuery", {"out_trade_no": "S4"})
    simulator.pay(qr["qr_code"])
    found["after_scan"] = ask(client, "AlipayTradeQuery", {"out_trade_no": "S4"})
    merged = {"out_merge_no": "M1", "order_details": [order("S5", "10.00"), order("S6", "20.00")]}
    simulator.pay(page(client, "AlipayTradePageMergePay", merged))
    found["merged"] = [ask(client, "AlipayTradeQuery", {"out_trade_no": f"S{n}"}) for n in (5, 6)]
    later = {"out_merge_no": "M2", "order_details": [order("S7", "1.00"), order("S8", "2.00")]}
    found["precreated"] = ask(client, "AlipayTradeMergePrecreate", later)
    simulator.pay(
        page(client, "AlipayTradeWapMergePay", {"pre_order_no": found["precreated"]["pre_order_no"]})
    )
    found["wap_merged"] = ask(client, "AlipayTradeQuery", {"out_trade_no": "S8"})
    return found


def move_on(client: DefaultAlipayClient, trade_no: str) -> dict[str, Any]:
    """Bind, split, transfer, make a sub-merchant, ask for a bill."""
    found: dict[str, Any] = {}
    receivers = [{"type": "userId", "account": "2088000000000031", "name": "主播"}]
    found["bound"] = ask(
        client, "AlipayTradeRoyaltyRelationBind", {"out_request_no": "B1", "receiver_list": receivers}
    )
    split = {
        "trans_in": "2088000000000031",
        "trans_in_type": "userId",
        "amount": "6.85",
        "royalty_type": "transfer",
    }
    asked = {"out_request_no": "P1", "trade_no": trade_no, "royalty_parameters": [split]}
    found["split"] = ask(client, "AlipayTradeOrderSettle", asked)
    found["split_query"] = ask(
        client, "AlipayTradeOrderSettleQuery", {"settle_no": found["split"]["settle_no"]}
    )
    found["sub_merchant"] = ask(
        client, "AntMerchantExpandIndirectZftCreate", {"external_id": "farm1", "name": "岚皋茶园"}
    )
    found["transfer"] = ask(
        client,
        "AlipayFundTransUniTransfer",
        {
            "out_biz_no": "X1",
            "trans_amount": "1.00",
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
            "payee_info": {"identity": "2088000000000031", "identity_type": "ALIPAY_USER_ID", "name": "主播"},
        },
    )
    found["no_bill"] = ask(
        client, "AlipayDataDataserviceBillDownloadurlQuery", {"bill_type": "trade", "bill_date": "2096-10-05"}
    )
    return found


def walk(client: DefaultAlipayClient, gbk: DefaultAlipayClient, simulator: Simulator) -> dict[str, Any]:
    """Go through everything that the SDK and the simulator do together."""
    found = trade(client, gbk, simulator)
    found |= scan_and_merge(client, simulator)
    found |= move_on(client, found["paid"]["trade_no"])
    return {**found, "total_fen": simulator.total_fen()}


def main(folder: Path) -> None:
    """Serve the simulator on port 80 and walk through it."""
    settings = config.load({}, root=folder, demo=True)
    keys.make_demo_keys(settings)
    server = make_server("127.0.0.1", 80, create_simulator(settings, sends_notices=False), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    simulator = Simulator(settings, "http://127.0.0.1")
    print(
        json.dumps(walk(make_client(settings), make_client(settings, "gbk"), simulator), ensure_ascii=False)
    )
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
