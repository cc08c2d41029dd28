"""Alipay as a `PaymentProvider`: fen in, values out, every answer typed."""

from datetime import date, datetime
from typing import Any

from county import clock, money
from county.config import Settings
from county.errors import BadInput, Fault
from county.payments import bill_faults, bill_file, keys, parsers
from county.payments.alipay import signature
from county.payments.alipay.calls import NO_TRADE, Calls, done, make_request, not_found
from county.payments.alipay.settling import Settling
from county.payments.alipay.transport import AnswerLost, download
from county.payments.gateway import (
    BILL_UNUSABLE,
    Account,
    Bill,
    CallRefused,
    CallUnknown,
    Done,
    Effect,
    Limits,
    NotFound,
)
from county.payments.types import (
    Notice,
    NoticeRefused,
    Payment,
    PaymentGroup,
    Refund,
    RoyaltyBack,
    TradeFacts,
    TradeStatus,
)

TIMEOUT_S = 15.0
# Source: Alipay's notes on 商家分账, 直付通 and 合并支付, 2025; a contract may change the cap.
LIMITS = Limits(
    split_cap_bp=3_000,
    sync_receivers=5,
    sync_requests=50,
    async_receivers=50,
    async_requests=300,
    freeze_days=30,
    settle_days_most=365,
    subject_characters=256,
    number_characters=64,
    has_merge_payment=True,
    has_sub_merchants=True,
    # An ordinary contract's 0.6 %; used to judge the bill, never to compute a fee.
    fee_bp=60,
)


class Alipay(Settling):
    """Alipay for one app and one account."""

    def __init__(self, calls: Calls, *, notify_url: str, return_url: str, limits: Limits = LIMITS) -> None:
        self.calls, self._limits = calls, limits
        self.notify_url, self.return_url = notify_url, return_url

    @classmethod
    def from_settings(cls, settings: Settings) -> "Alipay":
        """Make the adapter from the settings; makes the demo's keys when they are missing."""
        if settings.uses_simulator:
            keys.make_demo_keys(settings)
        calls = Calls(
            address=settings.alipay_gateway,
            account=Account(app_id=settings.alipay_app_id, seller_id=settings.alipay_seller_id),
            private_key=keys.read_private_key(settings.alipay_private_key_file),
            alipay_key=keys.read_public_key(settings.alipay_public_key_file),
            timeout_s=TIMEOUT_S,
        )
        return cls(
            calls,
            notify_url=f"{settings.public_url}/pay/alipay/notify",
            return_url=f"{settings.public_url}/pay/alipay/return",
        )

    @property
    def account(self) -> Account:
        """Who we are at Alipay."""
        return self.calls.account

    @property
    def limits(self) -> Limits:
        """What Alipay allows."""
        return self._limits

    def page_pay(self, group: PaymentGroup, *, mobile: bool) -> str:
        """Sign the address of the cashier: plain for one payment, a merge payment for several."""
        awaiting = group.awaiting
        if len(awaiting) == 1:
            # Only the phone's page names another account than ours as the seller: the computer's would drop
            # it, and the money would come to us.
            is_wap = mobile or bool(awaiting[0].payee.seller_id)
            name = "AlipayTradeWapPay" if is_wap else "AlipayTradePagePay"
            product = "QUICK_WAP_WAY" if is_wap else "FAST_INSTANT_TRADE_PAY"
            content = {**self._order(awaiting[0], product), "time_expire": _beijing(group.expires_at)}
        else:
            name = "AlipayTradePageMergePay"
            minutes = max(1, int((group.expires_at - clock.now()).total_seconds()) // 60)
            content = {
                "out_merge_no": _merge_no(group),
                "order_details": [self._merged(one) for one in awaiting],
                "timeout_express": f"{minutes}m",
            }
        request = make_request(name, content)
        request.notify_url, request.return_url = self.notify_url, self.return_url
        return self.calls.client.page_address(request)

    def _order(self, payment: Payment, product: str) -> dict[str, Any]:
        payee = payment.payee
        order: dict[str, Any] = {
            "out_trade_no": payment.out_trade_no,
            "total_amount": money.format_yuan(payment.fen),
            "subject": _subject(payment.subject, most=self._limits.subject_characters),
            "product_code": product,
        }
        if payee.seller_id:
            order["seller_id"] = payee.seller_id
        if payee.sub_merchant_id:
            order["sub_merchant"] = {"merchant_id": payee.sub_merchant_id}
            order["settle_info"] = {
                "settle_detail_infos": [
                    {"trans_in_type": "defaultSettle", "amount": money.format_yuan(payment.fen)}
                ],
                "settle_period_time": f"{payee.settle_days}d",
            }
        elif payee.holds_for_split:
            order["extend_params"] = {"royalty_freeze": "true"}
        return order

    def _merged(self, payment: Payment) -> dict[str, Any]:
        return {**self._order(payment, "FAST_INSTANT_TRADE_PAY"), "app_id": self.account.app_id}

    def precreate(self, group: PaymentGroup, *, expires_at: datetime) -> Effect:
        """Ask for what a QR code shows to a phone; several orders become the address of a merge payment."""
        awaiting = group.awaiting
        minutes = max(1, int((expires_at - clock.now()).total_seconds()) // 60)
        if len(awaiting) == 1:
            content = {
                **self._order(awaiting[0], "FACE_TO_FACE_PAYMENT"),
                "time_expire": _beijing(group.expires_at),
                "qr_code_timeout_express": f"{minutes}m",
            }
            answer = self.calls.call("AlipayTradePrecreate", content, notify_url=self.notify_url)
            return done(answer, "qr_code")
        content = {
            "out_merge_no": _merge_no(group),
            "order_details": [self._merged(one) for one in awaiting],
            "timeout_express": f"{minutes}m",
        }
        answer = self.calls.call("AlipayTradeMergePrecreate", content, notify_url=self.notify_url)
        if not isinstance(answer, dict):
            return answer
        request = make_request("AlipayTradeWapMergePay", {"pre_order_no": answer.get("pre_order_no")})
        request.notify_url, request.return_url = self.notify_url, self.return_url
        return Done(reference=self.calls.client.page_address(request))

    def read_notice(self, body: bytes) -> Notice:
        """Read a notice: the raw form, then the signature over it, then its facts."""
        fields = parsers.read_fields(body)
        if fields.get("sign_type") != "RSA2":
            raise NoticeRefused(why="its signature is not of the type RSA2")
        if not signature.is_right(self.calls.alipay_key, parsers.signed_text(fields), fields.get("sign", "")):
            raise NoticeRefused(why="its signature is wrong")
        return parsers.read_notice(fields)

    def query(self, *, out_trade_no: str) -> TradeFacts | NotFound | CallRefused | CallUnknown:
        """Ask about a trade by our number."""
        answer = self.calls.call("AlipayTradeQuery", {"out_trade_no": out_trade_no})
        if not isinstance(answer, dict):
            return not_found(answer, *NO_TRADE)
        try:
            paid = answer.get("send_pay_date")
            return TradeFacts(
                trade_no=str(answer["trade_no"]),
                out_trade_no=str(answer["out_trade_no"]),
                status=TradeStatus(answer["trade_status"]),
                total_fen=money.parse_yuan(answer["total_amount"]),
                paid_at=parsers.read_time(paid) if paid else None,
                buyer=str(answer.get("buyer_user_id") or answer.get("buyer_open_id") or ""),
            )
        except (KeyError, ValueError) as error:
            return CallUnknown(f"the answer cannot be read: {error}")

    def close(self, *, out_trade_no: str) -> Effect:
        """Close an unpaid trade; one that nobody began, or that is closed, is closed."""
        answer = self.calls.call("AlipayTradeClose", {"out_trade_no": out_trade_no})
        if isinstance(answer, CallRefused) and answer.code in (*NO_TRADE, "ACQ.TRADE_HAS_CLOSE"):
            return Done()
        return done(answer, "trade_no")

    def refund(self, *, trade_no: str, request_no: str, refund: Refund) -> Effect:
        """Pay back a part or all of a trade; the same number pays back once."""
        content: dict[str, Any] = {
            "trade_no": trade_no,
            "out_request_no": request_no,
            "refund_amount": money.format_yuan(refund.fen),
            "refund_reason": refund.reason[:256],
        }
        if refund.back:
            content["refund_royalty_parameters"] = [_back(one) for one in refund.back]
        return done(self.calls.call("AlipayTradeRefund", content), "trade_no")

    def query_refund(self, *, trade_no: str, request_no: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Ask whether a refund took effect."""
        content = {"trade_no": trade_no, "out_request_no": request_no}
        answer = self.calls.call("AlipayTradeFastpayRefundQuery", content)
        if not isinstance(answer, dict):
            return not_found(answer, *NO_TRADE)
        if answer.get("refund_status") == "REFUND_SUCCESS":
            return Done(reference=str(answer.get("trade_no", "")))
        # Alipay answers success without any fact for a number it has not seen.
        return NotFound() if not answer.get("refund_status") else CallUnknown("the refund is being processed")

    def bill(self, *, on: date) -> Bill | NotFound | CallRefused | CallUnknown:
        """Fetch and read the trade bill of a day that is over."""
        content = {"bill_type": "trade", "bill_date": on.isoformat()}
        answer = self.calls.call("AlipayDataDataserviceBillDownloadurlQuery", content)
        if not isinstance(answer, dict):
            return not_found(answer, "isp.bill_not_exist")
        try:
            packed = download(str(answer.get("bill_download_url", "")), timeout_s=self.calls.timeout_s)
            return bill_file.read_bill(packed, on=on, seller_id=self.account.seller_id)
        except AnswerLost as error:
            return CallUnknown(str(error))
        except BadInput as error:
            return CallRefused(code=BILL_UNUSABLE, message=_why(error.faults[0]))


def _why(fault: Fault) -> str:
    return bill_faults.write_fault(fault) if isinstance(fault, bill_faults.BillFault) else fault.what


def _beijing(at: datetime) -> str:
    return at.astimezone(clock.COUNTY_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _merge_no(group: PaymentGroup) -> str:
    # Another set of orders is another merge payment, so the number says which orders.
    return f"{group.group_no}_{len(group.awaiting)}"


# Alipay's note on `subject`: no special characters such as / = &. Their full-width twins read the same.
_WIDE = str.maketrans("/=&", "／＝＆")


def _subject(text: str, *, most: int) -> str:
    return "".join(one if one.isprintable() else " " for one in text.translate(_WIDE))[:most]


def _back(back: RoyaltyBack) -> dict[str, Any]:
    return {
        "royalty_type": "transfer",
        "trans_out": back.account,
        "trans_out_type": "userId",
        "amount": money.format_yuan(back.fen),
    }
