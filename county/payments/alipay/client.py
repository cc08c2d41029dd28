"""`GatewayClient`: the official SDK's client with another transport and RSA2 by `cryptography`.

Requests are built, their sign string is made and replies are parsed by the SDK. Ours are: the signature
itself (38 ms of pure Python there), Beijing time, any port, kept connections, and a check that takes only
SHA-256.
"""

import json
from dataclasses import dataclass
from typing import Any

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.constant.CommonConstants import THREAD_LOCAL
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.exception.Exception import ResponseException
from alipay.aop.api.util.SignatureUtils import get_sign_content
from alipay.aop.api.util.WebUtils import url_encode
from cryptography.hazmat.primitives.asymmetric import rsa

from county import clock
from county.payments.alipay import signature
from county.payments.alipay.transport import AnswerLost, Transport

CHARSET = "utf-8"


@dataclass(frozen=True)
class Reply:
    """A reply node; `is_signed` says whether Alipay's signature was there and right."""

    node: dict[str, Any]
    is_signed: bool


class GatewayClient(DefaultAlipayClient):  # type: ignore[misc]
    """Speaks to the gateway as the SDK does, over our transport."""

    def __init__(
        self,
        *,
        address: str,
        app_id: str,
        private_key: rsa.RSAPrivateKey,
        alipay_key: rsa.RSAPublicKey,
        timeout_s: float,
    ) -> None:
        config = AlipayClientConfig()
        config.server_url, config.app_id, config.charset = address, app_id, CHARSET
        # The SDK neither signs nor verifies then; both are done here.
        config.skip_sign = True
        super().__init__(config)
        self.address, self.private_key, self.alipay_key = address, private_key, alipay_key
        self.transport = Transport(address, timeout_s=timeout_s)

    def _signed(self, request: Any) -> tuple[str, str]:
        THREAD_LOCAL.uuid = ""
        common, params = self._DefaultAlipayClient__prepare_request_params(request)
        # The SDK writes the machine's local time; Alipay reads Beijing time.
        common["timestamp"] = clock.now().astimezone(clock.COUNTY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
        text = get_sign_content({**params, **common}).encode(CHARSET)
        common["sign"] = signature.sign(self.private_key, text)
        return url_encode(common, CHARSET), url_encode(params, CHARSET)

    def page_address(self, request: Any) -> str:
        """Sign the address that a browser is sent to; the SDK's form of it breaks on HTML entities."""
        common, params = self._signed(request)
        return f"{self.address}?{common}&{params}"

    def execute(self, request: Any) -> Reply:
        """Send one request and give its reply node.

        Refuses: `NothingSent` and `AnswerLost` of the transport; `AnswerLost` also when the reply is not a
        gateway's, or its signature is wrong.
        """
        query, body = self._signed(request)
        headers = {
            "Content-Type": f"application/x-www-form-urlencoded;charset={CHARSET}",
            "Cache-Control": "no-cache",
            "User-Agent": "shanhuo (alipay-sdk-python-3.7.1411)",
        }
        status, content = self.transport.post(query, body, headers)
        if status != 200:
            raise AnswerLost(f"status {status}")
        return self._read(content)

    def _read(self, content: bytes) -> Reply:
        try:
            node_text = self._DefaultAlipayClient__parse_response(content)
            whole = json.loads(content.decode(CHARSET))
            node = json.loads(node_text)
        except (ResponseException, ValueError) as error:
            raise AnswerLost(f"not a gateway's reply: {str(error)[:100]}") from error
        if not isinstance(node, dict) or not isinstance(whole, dict):
            raise AnswerLost("not a gateway's reply")
        given = whole.get("sign")
        if not given:
            return Reply(node=node, is_signed=False)
        if not signature.is_right(self.alipay_key, node_text.encode(CHARSET), str(given)):
            raise AnswerLost("the reply's signature is wrong")
        return Reply(node=node, is_signed=True)
