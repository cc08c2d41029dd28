"""RSA2 as Alipay does it: what is signed, signing it, checking it."""

import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def notice_text(params: Mapping[str, str]) -> str:
    """Write the text that a notice's or return's signature covers: blank values belong to it."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name not in ("sign", "sign_type"))


def request_text(params: Mapping[str, str]) -> str:
    """Write the text that a request's signature covers: sorted `k=v` joined by `&`, empty values dropped."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "sign" and params[name])


def sign(key: rsa.RSAPrivateKey, text: bytes) -> str:
    """Sign bytes by RSA-SHA256 and give the signature in base64."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(key: rsa.RSAPublicKey, text: bytes, signature: str) -> bool:
    """Tell whether `signature` is the RSA-SHA256 signature of these bytes."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
