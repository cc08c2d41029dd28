"""Alipay behind the provider interface, on the official SDK.

A folder: the SDK's transport replaced, the operations, and the settings they come from are three ideas. The
SDK is imported only when a call is made: its modules take 0.3 s, and most processes never pay.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from county.config import Settings
    from county.payments.alipay.provider import Alipay


def connect(settings: "Settings") -> "Alipay":
    """Make Alipay the provider of this process, from its settings."""
    from county.payments import service
    from county.payments.alipay.provider import Alipay

    alipay = Alipay.from_settings(settings)
    service.wire_provider(lambda: alipay)
    return alipay
