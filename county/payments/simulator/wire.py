"""The gateway's wire: parameters out of a request, amounts and times, and the exact text of a reply."""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from county import clock

MOST_FEN = 10_000_000_000
CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gbk", "gb2312": "gbk"}
ACCOUNT = re.compile(r"2088\d{12}")
_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


class GatewayError(Exception):
    """The gateway's answer is no: `code` of five digits, `sub_code`, and a sentence in Alipay's words."""

    MESSAGES = {
        "20000": "Service Currently Unavailable",
        "40001": "Missing Required Arguments",
        "40002": "Invalid Arguments",
        "40004": "Business Failed",
        "40006": "Insufficient Permissions",
    }

    def __init__(self, code: str, sub_code: str, sub_msg: str) -> None:
        self.code, self.sub_code, self.sub_msg = code, sub_code, sub_msg
        super().__init__(f"{code} {sub_code} {sub_msg}")

    def node(self) -> dict[str, Any]:
        """Give the error as a reply node."""
        return {
            "code": self.code,
            "msg": self.MESSAGES[self.code],
            "sub_code": self.sub_code,
            "sub_msg": self.sub_msg,
        }


def business(sub_code: str, sub_msg: str) -> GatewayError:
    """Make a refusal of the business kind, such as `ACQ.TRADE_NOT_EXIST`."""
    return GatewayError("40004", sub_code, sub_msg)


def invalid(what: str) -> GatewayError:
    """Make the refusal of a wrong or missing business parameter."""
    return business("ACQ.INVALID_PARAMETER", f"参数有误{what}")


def read_params(query: str, body: bytes) -> dict[str, str]:
    """Merge query and form parameters, decoded by the charset that the request itself names."""
    pairs = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    pairs += parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    named = dict(pairs).get("charset", "utf-8").strip().lower()
    charset = CHARSETS.get(named)
    if charset is None:
        raise GatewayError("40002", "isv.invalid-charset", "字符集错误")
    try:
        read = [(_again(name, charset), _again(value, charset)) for name, value in pairs]
    except UnicodeDecodeError:
        raise GatewayError("40002", "isv.invalid-encoding", "编码错误") from None
    params = dict(read)
    if len(params) != len(read) and any(params[name] != value for name, value in read):
        raise GatewayError("40002", "isv.invalid-parameter", "参数重复")
    return params


def charset_of(params: Mapping[str, str]) -> str:
    """Give the codec of a request's charset."""
    return CHARSETS.get(params.get("charset", "utf-8").lower(), "utf-8")


def read_content(params: Mapping[str, str]) -> dict[str, Any]:
    """Read `biz_content`; every number in it stays the text that was sent, so that none becomes a float."""
    try:
        content = json.loads(params.get("biz_content") or "{}", parse_float=str, parse_int=str)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise GatewayError("40002", "isv.invalid-parameter", "biz_content不是合法的JSON对象")
    return content


def read_fen(value: Any, name: str) -> int:
    """Read an amount from 0.01 to 100000000 yuan in fen."""
    text = value if isinstance(value, str) else ""
    if not _AMOUNT.fullmatch(text) or not text.isascii():
        raise invalid(name)
    yuan, _, rest = text.partition(".")
    fen = int(yuan) * 100 + int(rest.ljust(2, "0") or "0")
    if not 1 <= fen <= MOST_FEN:
        raise invalid(name)
    return fen


def read_text(content: Mapping[str, Any], name: str, *, most: int, needed: bool = True) -> str:
    """Read a text parameter of at most `most` characters."""
    value = content.get(name)
    text = "" if value is None else value if isinstance(value, str) else None
    if text is None or len(text) > most or (needed and not text):
        raise invalid(name)
    return text


def read_objects(content: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Read a list of objects; left out means empty."""
    value = content.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise invalid(name)
    return value


def read_object(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Read an object; left out means empty."""
    value = content.get(name) or {}
    if not isinstance(value, dict):
        raise invalid(name)
    return value


def yuan(fen: int) -> str:
    """Write fen as Alipay does: `76.50`."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def local_time(at_s: int) -> str:
    """Write an instant in Beijing time: `2026-10-05 19:30:00`."""
    return datetime.fromtimestamp(at_s, UTC).astimezone(clock.COUNTY_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def read_local_time(text: str, name: str) -> int:
    """Read an instant written in Beijing time."""
    try:
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=clock.COUNTY_ZONE)
    except ValueError:
        raise invalid(name) from None
    return int(at.timestamp())


def read_span(text: str, name: str, now_s: int) -> int:
    """Read a time-out such as `30m`, `2h`, `1d` or `1c` (until the end of today) in seconds."""
    match = re.fullmatch(r"([1-9]\d{0,4})([mhdc])", text)
    if not match:
        raise invalid(name)
    if match[2] == "c":
        today = datetime.fromtimestamp(now_s, UTC).astimezone(clock.COUNTY_ZONE).date()
        return int(clock.day_start(today).timestamp()) + 86_400 - now_s
    return int(match[1]) * {"m": 60, "h": 3_600, "d": 86_400}[match[2]]


@dataclass(frozen=True)
class Reply:
    """A reply node's name and its exact text, which is what gets signed."""

    name: str
    text: str

    def body(self, signature: str | None, charset: str) -> bytes:
        """Write the whole answer, with the signature when there is one."""
        tail = "" if signature is None else f',"sign":"{signature}"'
        return encode(f'{{"{self.name}":{self.text}{tail}}}', charset)


def make_reply(method: str, node: Mapping[str, Any]) -> Reply:
    """Write a node as compact JSON with `/` as `\\/`, the way Alipay's gateway prints it."""
    text = json.dumps(node, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    return Reply(name=f"{method.replace('.', '_')}_response" if method else "error_response", text=text)


def encode(text: str, charset: str) -> bytes:
    """Encode reply text; characters that GBK lacks become JSON escapes."""
    return text.encode(charset, errors="shanhuo-json-escape")


def _escape(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    return json.dumps(lost)[1:-1], error.end


codecs.register_error("shanhuo-json-escape", _escape)


def _again(text: str, charset: str) -> str:
    return text.encode("latin-1").decode(charset)
