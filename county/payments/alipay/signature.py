"""RSA2 and nothing else: our signature under requests, Alipay's under replies and notices."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def sign(key: rsa.RSAPrivateKey, text: bytes) -> str:
    """Sign by PKCS#1 v1.5 with SHA-256 and give the signature in base64."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode("ascii")


def is_right(key: rsa.RSAPublicKey, text: bytes, signature: str) -> bool:
    """Tell whether a signature is RSA2's; one made with MD5 or SHA-1 is not, unlike in the SDK."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if base64.b64encode(raw).decode("ascii") != signature:
            return False  # Base64 has spare bits; only one spelling of a signature is the signature.
        key.verify(raw, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
