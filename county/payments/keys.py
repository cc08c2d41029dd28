"""Key files: made once for the demo, read as PKCS#1 or PKCS#8, with or without their PEM frame."""

import base64
import os
import textwrap
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from county.config import Settings
from county.errors import BadInput, Fault

BITS = 2048


def make_demo_keys(settings: Settings) -> None:
    """Make the key files that are missing under the instance folder, each once and readable by us only.

    Our own private key and the simulator's; Alipay's public key is the public half of the simulator's. Files
    that the settings place elsewhere are never made: they hold keys that came from Alipay.
    """
    for path in (settings.alipay_private_key_file, settings.simulator_private_key_file):
        if path.parent == settings.instance:
            _write_once(path, _new_private_pem)
    if settings.alipay_public_key_file.parent == settings.instance and settings.uses_simulator:
        _write_once(
            settings.alipay_public_key_file,
            lambda: public_pem(read_private_key(settings.simulator_private_key_file).public_key()),
        )


def read_private_key(path: Path) -> rsa.RSAPrivateKey:
    """Read an RSA private key file; refuses `BadInput` when there is none that can be used."""
    try:
        key = serialization.load_pem_private_key(_framed(path, "PRIVATE KEY"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadInput([Fault(str(path), "is not an RSA private key; expected PKCS#1 or PKCS#8 PEM")])
    return key


def read_public_key(path: Path) -> rsa.RSAPublicKey:
    """Read an RSA public key file; refuses `BadInput` when there is none that can be used."""
    try:
        key = serialization.load_pem_public_key(_framed(path, "PUBLIC KEY"))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadInput([Fault(str(path), "is not an RSA public key; expected PEM")])
    return key


def public_pem(key: rsa.RSAPublicKey) -> bytes:
    """Write a public key as PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _new_private_pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=BITS)
    # PKCS#1, because the official SDK reads nothing else.
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _write_once(path: Path, make: Callable[[], bytes]) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(make())
        # link() refuses an existing name: of two processes that start together, one key stays.
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _framed(path: Path, kind: str) -> bytes:
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadInput([Fault(str(path), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise BadInput([Fault(str(path), "is not a key in PEM text")]) from None
    if text.startswith("-----"):
        return text.encode()
    # Alipay's key tool hands out the bare base64 body; PKCS#8 begins with the version and the RSA identifier.
    body = "".join(text.split())
    try:
        is_pkcs8 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" in base64.b64decode(body)[:40]
    except ValueError:
        raise BadInput([Fault(str(path), "is neither PEM nor base64")]) from None
    if kind == "PRIVATE KEY" and not is_pkcs8:
        kind = "RSA PRIVATE KEY"
    lines = "\n".join(textwrap.wrap(body, 64))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n".encode()
