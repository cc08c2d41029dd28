"""A pytest plugin: a test that reaches for anything but this machine fails at once."""

import ipaddress
import sys
from typing import Any

_watching = False


def refuse_far_addresses(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise when Python connects or sends to, or looks up, an address that is not loopback."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host is not None and not is_near(host.decode() if isinstance(host, bytes) else str(host)):
        raise PermissionError(f"tests reach loopback only, not {host}")


def is_near(host: str) -> bool:
    """Tell whether a host is this machine; unix sockets have no host."""
    if host in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def pytest_configure() -> None:
    """Begin to watch; an audit hook cannot be taken away again."""
    global _watching
    if not _watching:
        sys.addaudithook(refuse_far_addresses)
        _watching = True
