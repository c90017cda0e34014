"""What a certificate says, signed so that anybody can check it without us: Ed25519 over canonical JSON. Pure.

It certifies that a course of this assistant was completed, never a universal-skill confirmation by the state.
"""

import base64
import binascii
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.errors import BotError

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which are mistaken for each other on paper."""


class BadCertificate(BotError):
    """The text or file is no certificate, or its signature is not ours. The message says which."""


@dataclass(frozen=True)
class Certificate:
    """completed_on, issued_on: ISO dates in the province. version: the beginning of the course version's hash."""

    number: str
    name: str
    course: str
    slug: str
    version: str
    score_percent: int
    completed_on: str
    issued_on: str
    issuer: str

    def payload(self) -> dict[str, Any]:
        return {"v": 1, **asdict(self)}


def new_number() -> str:
    """A number nobody can guess, easy to read aloud: "CN-7KQ2-M4XH-9TRB" (60 bits)."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(12))
    return f"CN-{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"


def canonical(payload: dict[str, Any]) -> bytes:
    """The bytes that are signed: JSON, keys sorted, no spaces, UTF-8."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def key_of(seed: bytes) -> Ed25519PrivateKey:
    """The signing key of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_pem(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def signature(key: Ed25519PrivateKey, payload: dict[str, Any]) -> str:
    """Base64 (URL-safe, no padding) of the signature."""
    return unpadded(key.sign(canonical(payload)))


def token(payload: dict[str, Any], signed: str) -> str:
    """Payload and signature in one line, as the QR code carries them."""
    return f"{unpadded(canonical(payload))}.{signed}"


def verified(text: str, public: str) -> dict[str, Any]:
    """The payload of a token whose signature is right. public: PEM. Raises BadCertificate."""
    body, _, signed = text.strip().rpartition("#")[2].partition(".")
    try:
        raw, mark = padded(body), padded(signed)
        payload = json.loads(raw)
    except (ValueError, binascii.Error) as error:
        raise BadCertificate("this is no certificate of ours: its text cannot be read") from error
    if not isinstance(payload, dict):
        raise BadCertificate("this is no certificate of ours: its text cannot be read")
    try:
        key = serialization.load_pem_public_key(public.encode())
    except ValueError as error:
        raise BadCertificate("the public key cannot be read; it must be an Ed25519 key as PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadCertificate("the public key cannot be read; it must be an Ed25519 key as PEM")
    try:
        key.verify(mark, raw)
    except InvalidSignature as error:
        raise BadCertificate("the signature is wrong: the certificate was changed or is not from this server") from error
    return payload


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def padded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
