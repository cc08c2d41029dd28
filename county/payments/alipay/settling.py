"""What happens to money after it was paid, at Alipay: splits, settlement, transfers, sub-merchants."""

from typing import Any

from county import money
from county.payments.alipay.calls import NO_TRADE, Calls, done, not_found
from county.payments.gateway import CallRefused, CallUnknown, Done, Effect, NotFound, SplitFacts, SplitLine
from county.payments.types import Confirmation, Split, SplitPart, Transfer

_SPLIT_STATES = {"PROCESSING": "processing", "SUCCESS": "done", "FAIL": "failed"}


class Settling:
    """The part of the provider that moves paid money on."""

    calls: Calls

    def split(self, *, trade_no: str, request_no: str, split: Split) -> Effect:
        """Split a trade's money among bound receivers."""
        content: dict[str, Any] = {"trade_no": trade_no, "out_request_no": request_no}
        if split.parts:
            content["royalty_parameters"] = [_part(one) for one in split.parts]
            content["royalty_mode"] = "async" if split.is_async else "sync"
        if split.finishes:
            content["extend_params"] = {"royalty_finish": "true"}
        return done(self.calls.call("AlipayTradeOrderSettle", content), "settle_no")

    def unfreeze(self, *, trade_no: str, request_no: str) -> Effect:
        """Finish splitting: what is still frozen becomes the payee's."""
        return self.split(trade_no=trade_no, request_no=request_no, split=Split(parts=(), finishes=True))

    def query_split(
        self, *, trade_no: str, request_no: str
    ) -> SplitFacts | NotFound | CallRefused | CallUnknown:
        """Ask what became of a split, receiver by receiver."""
        content = {"trade_no": trade_no, "out_request_no": request_no}
        answer = self.calls.call("AlipayTradeOrderSettleQuery", content)
        if not isinstance(answer, dict):
            return not_found(answer, *NO_TRADE, "ACQ.SETTLE_NOT_EXIST")
        try:
            lines = tuple(
                SplitLine(
                    part=SplitPart(account=str(one["trans_in"]), fen=money.parse_yuan(one["amount"])),
                    state=_SPLIT_STATES[one["state"]],
                    error=str(one.get("error_code") or ""),
                )
                for one in answer.get("royalty_detail_list", [])
            )
        except (KeyError, ValueError) as error:
            return CallUnknown(f"the answer cannot be read: {error}")
        return SplitFacts(request_no=request_no, lines=lines)

    def executed_splits(
        self, *, trade_no: str
    ) -> tuple[SplitPart, ...] | NotFound | CallRefused | CallUnknown:
        """List every part of a trade that was split, whoever asked for it."""
        content = {"trade_no": trade_no, "query_options": ["trade_settle_info"]}
        answer = self.calls.call("AlipayTradeQuery", content)
        if not isinstance(answer, dict):
            return not_found(answer, *NO_TRADE)
        try:
            details = (answer.get("trade_settle_info") or {}).get("trade_settle_detail_list") or []
            return tuple(
                SplitPart(account=str(one["trans_in"]), fen=money.parse_yuan(one["amount"]))
                for one in details
                if one.get("operation_type") == "transfer"
            )
        except (KeyError, ValueError) as error:
            return CallUnknown(f"the answer cannot be read: {error}")

    def confirm(self, *, trade_no: str, request_no: str, confirmation: Confirmation) -> Effect:
        """Settle a sub-merchant's trade."""
        content: dict[str, Any] = {
            "trade_no": trade_no,
            "out_request_no": request_no,
            "settle_info": {
                "settle_detail_infos": [
                    {"trans_in_type": "defaultSettle", "amount": money.format_yuan(confirmation.fen)}
                ]
            },
        }
        if confirmation.holds_for_split:
            content["extend_params"] = {"royalty_freeze": "true"}
        return done(self.calls.call("AlipayTradeSettleConfirm", content), "trade_no")

    def transfer(self, *, request_no: str, transfer: Transfer) -> Effect:
        """Pay from our account to another."""
        content = {
            "out_biz_no": request_no,
            "trans_amount": money.format_yuan(transfer.fen),
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
            "order_title": transfer.title[:128],
            "payee_info": {
                "identity": transfer.account,
                "identity_type": "ALIPAY_USER_ID",
                "name": transfer.name,
            },
        }
        return done(self.calls.call("AlipayFundTransUniTransfer", content), "order_id")

    def query_transfer(self, *, request_no: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Ask whether a transfer took effect."""
        content = {
            "out_biz_no": request_no,
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
        }
        answer = self.calls.call("AlipayFundTransCommonQuery", content)
        if not isinstance(answer, dict):
            return not_found(answer, "ORDER_NOT_EXIST")
        if answer.get("status") == "SUCCESS":
            return Done(reference=str(answer.get("order_id", "")))
        return CallUnknown(f"the transfer is {answer.get('status')}")

    def bind_receivers(self, *, request_no: str, receivers: dict[str, str]) -> Effect:
        """Allow accounts to receive splits."""
        listed = [{"type": "userId", "account": account, "name": name} for account, name in receivers.items()]
        content = {"out_request_no": request_no, "receiver_list": listed}
        return done(self.calls.call("AlipayTradeRoyaltyRelationBind", content), "result_code")

    def create_sub_merchant(self, *, external_id: str, name: str) -> Effect:
        """Apply for a sub-merchant with its name and our number for it; papers are added at Alipay."""
        content = {
            "external_id": external_id,
            "name": name,
            "alias_name": name,
            "service": ["电脑支付", "wap支付"],
        }
        return done(self.calls.call("AntMerchantExpandIndirectZftSimplecreate", content), "order_id")

    def find_sub_merchant(self, *, external_id: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Find a sub-merchant's number at Alipay by our number for it."""
        answer = self.calls.call("AntMerchantExpandIndirectZftorderQuery", {"external_id": external_id})
        if not isinstance(answer, dict):
            return answer
        for one in answer.get("orders") or []:
            if one.get("smid"):
                return Done(reference=str(one["smid"]))
        return NotFound()


def _part(part: SplitPart) -> dict[str, Any]:
    asked = {
        "royalty_type": "transfer",
        "trans_in": part.account,
        "trans_in_type": "userId",
        "amount": money.format_yuan(part.fen),
    }
    return {
        **asked,
        **({"royalty_scene": part.scene} if part.scene else {}),
        **({"desc": part.note} if part.note else {}),
    }
