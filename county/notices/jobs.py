"""The job that hands SMS to their sender."""

from datetime import datetime
from typing import Any

from county import money
from county.notices import gateway
from county.notices.types import SENTENCES

# SMS go to people in the county: Chinese, whatever language the office reads.
_CHINESE = {"sign_in_code": "【山货】登录验证码 {code}，5 分钟内有效，请勿告诉他人。"}


def send_sms(payload: dict[str, Any], now: datetime) -> None:
    """Send one SMS; `Unreachable` makes the clerk try again later."""
    code = payload["code"]
    text = money.fill(_CHINESE.get(code, SENTENCES[code]), payload["facts"])
    gateway.sender().send(phone=payload["phone"], text=text)
