"""Speaks for python-alipay-sdk in its own environment: one question a line in, one answer a line out.

It runs under that environment's Python and imports nothing of ours.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from alipay import AliPay


@cache
def make_client(gateway: str, app_id: str, private_key_file: str, public_key_file: str) -> Any:
    """Make the library's own client; only the address, for which it has no setting, is put in by hand."""
    client = AliPay(
        appid=app_id,
        app_notify_url=None,
        app_private_key_string=Path(private_key_file).read_text(),
        alipay_public_key_string=Path(public_key_file).read_text(),
    )
    client._gateway = gateway
    return client


def client_of(settings: dict[str, str]) -> Any:
    """Give the client with these settings; it knows no charset but its own."""
    return make_client(**{name: value for name, value in settings.items() if name != "charset"})


def addresses(settings: dict[str, str], question: dict[str, Any]) -> dict[str, str]:
    """Give the common parameters that differ from what the library fills in."""
    given = {name: question[name] for name in ("notify_url", "return_url") if question.get(name)}
    return given | ({} if settings["charset"] == "utf-8" else {"charset": settings["charset"]})


def call(settings: dict[str, str], question: dict[str, Any]) -> Any:
    """Call the library's function of that name when it has one that takes this, else its general one."""
    client, given = client_of(settings), addresses(settings, question)
    special = getattr(client, f"api_{question['method'].replace('.', '_')}", None)
    if special is not None and "charset" not in given:
        try:
            return special(**question["content"], **given)
        except TypeError:
            pass
    return client.server_api(question["method"], question["content"], **given)


def page(settings: dict[str, str], question: dict[str, Any]) -> Any:
    """Give the address of a page."""
    client, given = client_of(settings), addresses(settings, question)
    special = getattr(client, f"api_{question['method'].replace('.', '_')}", None)
    if special is not None and "charset" not in given:
        query = special(**question["content"], **given)
    else:
        query = client.client_api(question["method"], question["content"], **given)
    return f"{settings['gateway']}?{query}"


def check(settings: dict[str, str], question: dict[str, Any]) -> Any:
    """Check a notice with the library's own function, as its documentation says."""
    fields = dict(question["fields"])
    return client_of(settings).verify(fields, fields.pop("sign"))


def main() -> None:
    """Answer questions until there are no more."""
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = {"call": call, "page": page, "check": check}[question["do"]](question["with"], question)
        except Exception as error:  # noqa: BLE001 - whatever the library raises is its answer
            answer = {"raised": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
