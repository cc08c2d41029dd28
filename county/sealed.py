"""Texts that only this installation can read: a column type that seals with a key made from its secret."""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

_VERSION = "1:"
_NONCE_BYTES = 12


class _Wired:
    cipher: AESGCM | None = None


class CannotUnseal(Exception):
    """A sealed text was made with another secret, for another column, or was changed."""


def wire_secret(secret_key: str) -> None:
    """Set the secret that this process seals with; the wiring does it with the installation's."""
    # A key of its own purpose: what is known of cookies or links says nothing about it (RFC 5869).
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"shanhuo sealed columns")
    _Wired.cipher = AESGCM(derived.derive(secret_key.encode()))


def seal(text: str, *, purpose: str) -> str:
    """Seal a text with AES-256-GCM; it opens only for the same `purpose`, such as `table.column`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + _cipher().encrypt(nonce, text.encode(), purpose.encode())
    return _VERSION + base64.b64encode(sealed).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Open a sealed text; raises `CannotUnseal` when it is not ours or was changed."""
    try:
        raw = base64.b64decode(sealed.removeprefix(_VERSION), validate=True)
        opened = _cipher().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise CannotUnseal(purpose) from error
    return opened.decode()


class SealedText(TypeDecorator[str]):
    """A text that stands sealed in the database; it cannot be searched, sorted or compared there."""

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else seal(value, purpose=self.purpose)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unseal(value, purpose=self.purpose)


def _cipher() -> AESGCM:
    if _Wired.cipher is None:
        raise RuntimeError("no secret: the ground floor is not connected")
    return _Wired.cipher
