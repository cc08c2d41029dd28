"""Ten thousand notices that must not be believed: made from right ones, by name of the trick and by seed."""

import base64
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

Fields = dict[str, str]
DIGESTS: tuple[hashes.HashAlgorithm, ...] = (
    hashes.MD5(),
    hashes.SHA1(),
    hashes.SHA224(),
    hashes.SHA384(),
    hashes.SHA512(),
)
SIGN_TYPES = ("RSA", "MD5", "DSA", "HMAC", "RSA1", "rsa2", "RSA2 ", " RSA2", "RSA22", "ＲＳＡ２", "", "none")
AMOUNTS = (
    *("76.5", "76.500", "76", "7650", "76.", ".50", "1e1", "7.65e1", "76.50e0", "0x4c.80", "0b1001100.10"),
    *(
        "+76.50",
        "-76.50",
        "＋76.50",
        "−76.50",
        " 76.50",
        "76.50 ",
        "76.50\n",
        "\t76.50",
        "76.50\x00",
        "76 .50",
    ),
    *(
        "７６.５０",
        "76．50",
        "٧٦.٥٠",
        "७६.५०",
        "76.5０",
        "⑦⑥.50",
        "76,50",
        "76·50",
        "76'50",
        "7_6.50",
        "76.5_0",
    ),
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "null",
        "true",
        "",
        "¥76.50",
        "76.50元",
        "CNY76.50",
        "76.50&",
        "76.50=1",
    ),
    *("76.49", "76.51", "0.01", "0.00", "7.65", "765.00", "76.05", "67.50", "176.50", "76.50.00", "76..50"),
    *(
        "1000000076.50",
        "9999999999.99",
        "76.50,76.50",
        "[76.50]",
        "{}",
        "0076.500",
        "76.50#",
        "76.50;",
        "%37%36.50",
    ),
)
WRONG_FACTS: dict[str, Sequence[str | None]] = {
    "app_id": ("2021000000000002", "", "2021000000000001\x00", "２０２１", "*", None),
    "seller_id": ("2088000000000002", "", "2088000000000001&", "2088", None),
    "out_trade_no": ("A9", "a1", "A1 ", " A1", "A1\x00", "A1'--", "A1%00", "Ａ1", "", "A" * 65, None),
    "trade_status": ("TRADE_PAID", "trade_success", "TRADE_SUCCESS ", "SUCCESS", "", "TRADE＿SUCCESS", None),
    "trade_no": ("", " ", "1;2", "一", "1" * 65, None),
    "notify_id": ("", "é", "a b", "1" * 129, None),
    "notify_time": ("", "yesterday", "2026-10-05T20:00:01Z", "2026-13-05 20:00:01", "1790000000", None),
    "gmt_payment": ("now", "2026-02-30 20:00:00", "2026-10-05 25:00:00"),
    "charset": ("", "big5", "utf-16", "utf-7", "latin-1", "utf-8,gbk", "UTF８", None),
    "refund_fee": ("1e1", "-1.00", "1", "1.0", "１.00", "x"),
}


@dataclass(frozen=True)
class Forgery:
    """A body, and by which trick it was made."""

    trick: str
    body: bytes


def text_of(fields: Fields, *leave_out: str) -> bytes:
    """Write what a signature covers, in the order of the names."""
    names = sorted(name for name in fields if name not in ("sign", "sign_type", *leave_out))
    return "&".join(f"{name}={fields[name]}" for name in names).encode()


def form(pairs: Sequence[tuple[str, str]]) -> bytes:
    """Write a form, in this order, repeated names and all."""
    return urlencode(pairs).encode()


def meaning(body: bytes) -> dict[bytes, list[bytes]]:
    """Read a form without asking the program under test, to leave out other spellings of the same message."""
    found: dict[bytes, list[bytes]] = {}
    for pair in body.split(b"&"):
        name, equals, value = pair.replace(b"+", b" ").partition(b"=")
        found.setdefault(unquote_to_bytes(name), []).append(unquote_to_bytes(value) if equals else b"")
    return found


class Forger:
    """Knows right notices and how they are signed."""

    def __init__(
        self, right: Sequence[Fields], key: rsa.RSAPrivateKey, others: Sequence[rsa.RSAPrivateKey]
    ) -> None:
        self.key, self.others = key, others
        self.right = [self.signed(fields) for fields in right]

    def signed(
        self,
        fields: Fields,
        *,
        key: rsa.RSAPrivateKey | None = None,
        digest: hashes.HashAlgorithm | None = None,
        text: bytes | None = None,
        sign_type: str | None = "RSA2",
        pad: padding.AsymmetricPadding | None = None,
    ) -> Fields:
        """Sign fields as Alipay does, or in another way."""
        covered = text_of(fields) if text is None else text
        raw = (key or self.key).sign(covered, pad or padding.PKCS1v15(), digest or hashes.SHA256())
        kind = {} if sign_type is None else {"sign_type": sign_type}
        return {**fields, **kind, "sign": base64.b64encode(raw).decode()}

    def by_name(self) -> Iterator[Forgery]:
        """Give every trick that has a name, once for every place where it can be played."""
        yield from self._with_a_field()
        yield from self._with_the_signature()
        yield from self._with_other_signatures()
        yield from self._with_wrong_facts()
        yield from self._with_hidden_fields()
        yield from self._with_other_orders()

    def _bare(self) -> Fields:
        return {name: value for name, value in self.right[0].items() if name not in ("sign", "sign_type")}

    def _with_a_field(self) -> Iterator[Forgery]:
        pairs = list(self.right[0].items())
        for at, (name, value) in enumerate(pairs):
            before, after = pairs[:at], pairs[at + 1 :]
            changes: dict[str, list[tuple[str, str]]] = {
                "left out": [],
                "doubled": [(name, value)] * 2,
                "doubled, the second another": [(name, value), (name, value + "1")],
                "doubled, the first another": [(name, "1" + value), (name, value)],
                "emptied": [(name, "")] if value else [(name, "1")],
                "longer": [(name, value + " ")],
                "cut": [(name, value[:-1])] if value else [(name, " ")],
                "turned": [(name, value.swapcase())] if value != value.swapcase() else [(name, value + "x")],
                "with a zero byte": [(name, value + "\x00")],
                "encoded twice": [(name, quote_from_bytes(f"{value}%".encode()))],
                "renamed": [(name + "_", value)],
                "in capitals": [(name.upper(), value)],
                "as a list": [(name + "[]", value)],
                "beside a list": [(name, value), (name + "[]", value)],
                "with one more": [(name, value), (name + "x", "")],
            }
            for how, instead in changes.items():
                yield Forgery(f"field {how}", form([*before, *instead, *after]))

    def _with_the_signature(self) -> Iterator[Forgery]:
        fields = self.right[0]
        raw = base64.b64decode(fields["sign"])
        for bit in range(len(raw) * 8):
            flipped = bytearray(raw)
            flipped[bit // 8] ^= 1 << bit % 8
            sign = base64.b64encode(bytes(flipped)).decode()
            yield Forgery("signature bit", form([*{**fields, "sign": sign}.items()]))
        sign = fields["sign"]
        spare = sign[:-3] + chr(ord(sign[-3]) + 1) + "=="
        for other in (
            *(
                sign.rstrip("="),
                sign + "=",
                sign + "\n",
                " " + sign,
                sign + sign,
                sign[:-4],
                "A" + sign,
                spare,
            ),
            *(raw.hex(), sign.lower(), sign[::-1], "AAAA", base64.b64encode(raw[1:]).decode(), "success"),
            *(base64.b64encode(b"\x00" * 256).decode(), base64.b64encode(b"\x00" + raw).decode()),
            base64.b64encode(raw[:-1]).decode(),
        ):
            yield Forgery("signature otherwise", form([*{**fields, "sign": other}.items()]))

    def _with_other_signatures(self) -> Iterator[Forgery]:
        fields = self._bare()
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        for kind in ("RSA2", *SIGN_TYPES):
            for digest in DIGESTS:
                made = self.signed(fields, digest=digest, sign_type=kind)
                yield Forgery("other digest", form([*made.items()]))
            if kind != "RSA2":
                yield Forgery("other sign_type", form([*self.signed(fields, sign_type=kind).items()]))
            for other in self.others:
                yield Forgery("other key", form([*self.signed(fields, key=other, sign_type=kind).items()]))
        yield Forgery("other padding", form([*self.signed(fields, pad=pss).items()]))
        yield Forgery("no sign_type", form([*self.signed(fields, sign_type=None).items()]))
        texts = {
            "without blanks": text_of(fields, *(name for name in fields if not fields[name])),
            "with sign_type": text_of({**fields, "a_sign_type": "RSA2"}),
            "encoded": form(sorted(fields.items())),
            "backwards": b"&".join(reversed(text_of(fields).split(b"&"))),
            "values only": "".join(fields[name] for name in sorted(fields)).encode(),
            "nothing": b"",
            "in gbk": text_of(fields).decode().encode("gbk"),
            "one line more": text_of(fields) + b"\n",
        }
        for text in texts.values():
            yield Forgery("other text signed", form([*self.signed(fields, text=text).items()]))

    def _with_wrong_facts(self) -> Iterator[Forgery]:
        fields = self._bare()
        for amount in AMOUNTS:
            yield Forgery("amount", form([*self.signed({**fields, "total_amount": amount}).items()]))
        for name, values in WRONG_FACTS.items():
            for value in values:
                changed = {**fields, name: value or ""}
                if value is None:
                    del changed[name]
                yield Forgery(f"{name} wrong", form([*self.signed(changed).items()]))

    def _with_hidden_fields(self) -> Iterator[Forgery]:
        """Two fields made into one: the text that is signed stays the same, so the signature is right."""
        fields = self.right[0]
        names = sorted(name for name in fields if name not in ("sign", "sign_type"))
        for first, second in zip(names, names[1:], strict=False):
            if second in ("body", "version", "subject", "notify_type"):
                continue  # Nobody reads these: it is the same payment, to the fen.
            merged = {**fields, first: f"{fields[first]}&{second}={fields[second]}"}
            del merged[second]
            yield Forgery("one field in another", form([*merged.items()]))
        # And the other way round: a product's name that brings a success along.
        closed = {**self._bare(), "trade_status": "TRADE_CLOSED"}
        facts = f"&total_amount={closed['total_amount']}&trade_no=1&trade_status=TRADE_SUCCESS&u="
        made = self.signed({**closed, "subject": f"茶{facts}"})
        rest = "".join(
            f"&{name}={made[name]}" for name in ("total_amount", "trade_no", "trade_status", "version")
        )
        forged = {**made, "subject": "茶", "trade_no": "1", "trade_status": "TRADE_SUCCESS", "u": rest}
        del forged["version"]
        yield Forgery("a name that brings fields along", form([*forged.items()]))

    def _with_other_orders(self) -> Iterator[Forgery]:
        for ours in self.right:
            for other in self.right:
                if ours is not other:
                    for name in ("out_trade_no", "trade_no", "sign", "notify_id"):
                        yield Forgery("replay", form([*{**ours, name: other[name]}.items()]))

    def by_seed(self, seed: int) -> Iterator[Forgery]:
        """Give changes without end: bytes, fields, mixtures of two right notices."""
        chance = random.Random(seed)
        bodies = [form([*fields.items()]) for fields in self.right]
        right = [meaning(body) for body in bodies]
        tricks = (_byte_flipped, _byte_put_in, _byte_left_out, _bytes_swapped, _value_changed, _mixed, _cut)
        while True:
            trick = tricks[chance.randrange(len(tricks))]
            body = trick(self.right, bodies, chance)
            if meaning(body) not in right:
                yield Forgery(trick.__name__.strip("_"), body)


def _byte_flipped(_right: Sequence[Fields], bodies: Sequence[bytes], chance: random.Random) -> bytes:
    body = bytearray(chance.choice(bodies))
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return bytes(body)


def _byte_put_in(_right: Sequence[Fields], bodies: Sequence[bytes], chance: random.Random) -> bytes:
    body = chance.choice(bodies)
    at = chance.randrange(len(body))
    return body[:at] + chance.randbytes(1) + body[at:]


def _byte_left_out(_right: Sequence[Fields], bodies: Sequence[bytes], chance: random.Random) -> bytes:
    body = chance.choice(bodies)
    at = chance.randrange(len(body))
    return body[:at] + body[at + 1 :]


def _bytes_swapped(_right: Sequence[Fields], bodies: Sequence[bytes], chance: random.Random) -> bytes:
    body = bytearray(chance.choice(bodies))
    one, other = chance.randrange(len(body)), chance.randrange(len(body))
    body[one], body[other] = body[other], body[one]
    return bytes(body)


def _value_changed(right: Sequence[Fields], _bodies: Sequence[bytes], chance: random.Random) -> bytes:
    fields = dict(chance.choice(right))
    name = chance.choice([*fields])
    fields[name] = "".join(chance.choices("0123456789abcXYZ.-+ &=<茶🍵\x00", k=chance.randrange(1, 20)))
    return form([*fields.items()])


def _mixed(right: Sequence[Fields], _bodies: Sequence[bytes], chance: random.Random) -> bytes:
    one, other = chance.sample(range(len(right)), 2)
    taken = {name for name in right[one] if chance.random() < 0.5}
    return form([(name, right[one if name in taken else other][name]) for name in right[one]])


def _cut(_right: Sequence[Fields], bodies: Sequence[bytes], chance: random.Random) -> bytes:
    body = chance.choice(bodies)
    return body[: chance.randrange(len(body))]
