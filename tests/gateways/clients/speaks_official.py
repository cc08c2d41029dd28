"""Speaks for the official SDK, unmodified: one question a line in, one answer a line out.

The three speakers take the same questions; `asking.py` says which.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

BASE = "alipay.aop.api"


def client_of(settings: dict[str, str]) -> Any:
    """Make the SDK's own client as its documentation says."""
    config = import_module(f"{BASE}.AlipayClientConfig").AlipayClientConfig()
    config.server_url = settings["gateway"]
    config.app_id = settings["app_id"]
    config.app_private_key = Path(settings["private_key_file"]).read_text()
    config.alipay_public_key = Path(settings["public_key_file"]).read_text()
    config.charset = settings["charset"]
    return import_module(f"{BASE}.DefaultAlipayClient").DefaultAlipayClient(config)


def request_of(question: dict[str, Any]) -> tuple[str, Any]:
    """Fill the SDK's own model and request classes."""
    name = "".join(part.capitalize() for part in question["method"].split("."))
    model_class = getattr(import_module(f"{BASE}.domain.{name}Model"), f"{name}Model")
    request_class = getattr(import_module(f"{BASE}.request.{name}Request"), f"{name}Request")
    request = request_class(biz_model=model_class.from_alipay_dict(question["content"]))
    for address in ("notify_url", "return_url"):
        if question.get(address):
            setattr(request, address, question[address])
    return name, request


def call(settings: dict[str, str], question: dict[str, Any]) -> Any:
    """Execute a request; the SDK checks the reply's signature and its own class reads the reply."""
    name, request = request_of(question)
    text = client_of(settings).execute(request)
    response = getattr(import_module(f"{BASE}.response.{name}Response"), f"{name}Response")()
    response.parse_response_content(text)
    answer = json.loads(text)
    if response.is_success() != (answer["code"] == "10000") or response.sub_code != answer.get("sub_code"):
        raise ValueError(f"the SDK's response class reads {text} otherwise")
    return answer


def page(settings: dict[str, str], question: dict[str, Any]) -> Any:
    """Give the address of a page, or the form that leads there."""
    _, request = request_of(question)
    return client_of(settings).page_execute(request, http_method="POST" if question["as_form"] else "GET")


def check(settings: dict[str, str], question: dict[str, Any]) -> Any:
    """Check a notice; the SDK has no helper for that, but the sign text and the check that one is made of."""
    signatures = import_module(f"{BASE}.util.SignatureUtils")
    fields = {k: v for k, v in question["fields"].items() if k not in ("sign", "sign_type")}
    text = signatures.get_sign_content(fields).encode(settings["charset"])
    key = Path(settings["public_key_file"]).read_text()
    try:
        return bool(signatures.verify_with_rsa(key, text, question["fields"]["sign"]))
    except import_module("rsa").VerificationError:
        return False


def main() -> None:
    """Answer questions until there are no more."""
    for line in sys.stdin:
        question = json.loads(line)
        try:
            answer = {"call": call, "page": page, "check": check}[question["do"]](question["with"], question)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is its answer
            answer = {"raised": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
