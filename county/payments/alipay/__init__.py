"""Alipay behind the provider interface, on the official SDK.

A folder: the SDK's transport replaced, the operations, and the settings they come from are three ideas. The
SDK is imported only when a call is made: its modules take 0.3 s, and most processes never pay.
"""

from county.config import Settings


def connect(settings: Settings) -> None:
    """Make Alipay the provider of this process; keys are read when it is first needed."""
    from county.payments import service
    from county.payments.alipay.provider import Alipay

    service.wire_provider(lambda: Alipay.from_settings(settings))
