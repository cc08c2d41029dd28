"""The port through which SMS leave; a county plugs its provider in here."""

from typing import Protocol


class SmsSender(Protocol):
    """Sends one SMS; raises `Unreachable` when the provider does not take it."""

    def send(self, *, phone: str, text: str) -> None:
        """Send `text` to `phone`."""


class _Sender:
    current: SmsSender | None = None


def use_sender(sender: SmsSender) -> None:
    """Make this process send its SMS by `sender`."""
    _Sender.current = sender


def sender() -> SmsSender:
    """Give the sender in use: the demo's, which prints, unless another was set."""
    if _Sender.current is None:
        from county.notices.demo_sender import PrintedSms

        _Sender.current = PrintedSms()
    return _Sender.current
