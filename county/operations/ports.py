"""Finds out before a start whether the ports it needs are free."""

import socket
from collections.abc import Mapping

from county.errors import BadInput, Fault


def is_free(host: str, port: int) -> bool:
    """Tell whether nobody listens on an address; also finds listeners that would share the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Without SO_REUSEADDR the last start's connections in TIME_WAIT would count as somebody listening.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def require_free(host: str, ports: Mapping[str, int]) -> None:
    """Refuse a start whose ports are taken.

    Takes: `ports`, the port of each program by the program's name.
    Refuses: `BadInput` with one sentence that names every busy port.
    """
    busy = [f"{port} ({name})" for name, port in ports.items() if not is_free(host, port)]
    if busy:
        word, verb = ("ports", "are") if len(busy) > 1 else ("port", "is")
        what = (
            f"{word} {', '.join(busy)} on {host} {verb} in use; stop what runs there or choose another number"
        )
        raise BadInput([Fault("SHANHUO_PORT", what)])
