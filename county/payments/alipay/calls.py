"""Calls to Alipay's gateway: the SDK's requests in, the node of a success or the reason why not out."""

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import rsa

from county.payments.alipay.transport import AnswerLost, NothingSent
from county.payments.gateway import Account, CallRefused, CallUnknown, Done, Effect, NotFound

if TYPE_CHECKING:
    from county.payments.alipay.client import GatewayClient

# Alipay says of these itself that the call may have taken effect.
UNKNOWN_CODES = ("ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "ACQ.TRADE_SETTLE_ERROR", "aop.ACQ.SYSTEM_ERROR")
REFUSALS = ("40001", "40002", "40003", "40004", "40006")
NO_TRADE = ("ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST")


class Calls:
    """One app's line to the gateway."""

    def __init__(
        self,
        *,
        address: str,
        account: Account,
        private_key: rsa.RSAPrivateKey,
        alipay_key: rsa.RSAPublicKey,
        timeout_s: float,
    ) -> None:
        self.address, self.account, self.timeout_s = address, account, timeout_s
        self.private_key, self.alipay_key = private_key, alipay_key

    @cached_property
    def client(self) -> "GatewayClient":
        """Make the client; this imports the SDK."""
        from county.payments.alipay.client import GatewayClient

        return GatewayClient(
            address=self.address,
            app_id=self.account.app_id,
            private_key=self.private_key,
            alipay_key=self.alipay_key,
            timeout_s=self.timeout_s,
        )

    def call(
        self, name: str, content: Mapping[str, Any], *, notify_url: str = ""
    ) -> dict[str, Any] | CallRefused | CallUnknown:
        """Send one request; gives the node of a success, else why not."""
        request = make_request(name, content)
        if notify_url:
            request.notify_url = notify_url
        try:
            reply = self.client.execute(request)
        except NothingSent as error:
            # Nothing can have happened, but to the caller it is the same: ask later, send the number again.
            return CallUnknown(f"not reached: {error}")
        except AnswerLost as error:
            return CallUnknown(str(error))
        node = reply.node
        code, sub_code = str(node.get("code", "")), str(node.get("sub_code") or "")
        if not reply.is_signed:
            # So Alipay answers when our key or app is wrong: mend the settings, then the same number again.
            return CallUnknown(f"without signature: {code} {sub_code}".strip())
        if code == "10000":
            return node
        if code not in REFUSALS or sub_code in UNKNOWN_CODES:
            return CallUnknown(f"{code} {sub_code}".strip())
        return CallRefused(sub_code or code, str(node.get("sub_msg") or node.get("msg") or ""))


def make_request(name: str, content: Mapping[str, Any]) -> Any:
    """Make the SDK's request object; only the modules of this operation are imported."""
    model = getattr(import_module(f"alipay.aop.api.domain.{name}Model"), f"{name}Model")
    request = getattr(import_module(f"alipay.aop.api.request.{name}Request"), f"{name}Request")
    return request(biz_model=model.from_alipay_dict(dict(content)))


def done(answer: dict[str, Any] | CallRefused | CallUnknown, reference: str) -> Effect:
    """Read the answer to a call with an effect; `reference` names the field that is kept."""
    return Done(reference=str(answer.get(reference) or "")) if isinstance(answer, dict) else answer


def not_found(answer: CallRefused | CallUnknown, *codes: str) -> NotFound | CallRefused | CallUnknown:
    """Read a refusal with one of these codes as "there is no such thing"."""
    return NotFound() if isinstance(answer, CallRefused) and answer.code in codes else answer
