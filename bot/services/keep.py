"""What channels keep between runs, over the table channel_state: encrypted, for all processes together.

Each call is a transaction of its own, because what is kept (a single-use token) must be safe before it is used.
"""

import base64
import secrets
from datetime import timedelta
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.config import Settings
from bot.errors import Unreadable
from bot.store.db import Database
from bot.store.tables import ChannelState, Lease

NONCE_BYTES = 12


class Kept:
    """See bot/channels/base.py, Keep. One a process: locks belong to it."""

    def __init__(self, database: Database, settings: Settings, clock: Clock):
        self._database, self._settings, self._clock = database, settings, clock
        self._holder = secrets.token_hex(16)

    def get(self, key: str) -> str | None:
        """The value, None when there is none. Raises Unreadable when SECRET_KEY is not the one it was written under."""
        with self._database.read() as session:
            sealed = session.scalar(select(ChannelState.value).where(ChannelState.key == key))
        return None if sealed is None else self._open(key, sealed)

    def put(self, key: str, value: str) -> None:
        """Writes the value; on disk when this returns."""
        sealed = self._seal(key, value)
        with self._database.write() as session:
            session.execute(_insert(session)(ChannelState).values(key=key, value=sealed).on_conflict_do_update(
                index_elements=["key"], set_={"value": sealed}))

    def lock(self, name: str, seconds: float) -> bool:
        """Takes the lock unless it is held; a lock whose time is over counts as free. Not re-entrant."""
        now = self._clock()
        mine = {"holder": self._holder, "until": now + timedelta(seconds=seconds)}
        with self._database.write() as session:
            return session.execute(_insert(session)(Lease).values(job=name, **mine).on_conflict_do_update(
                index_elements=["job"], set_=mine, where=Lease.until <= now).returning(Lease.job)).scalar() is not None

    def unlock(self, name: str) -> None:
        """Frees the lock if this process still holds it."""
        with self._database.write() as session:
            session.execute(delete(Lease).where(Lease.job == name, Lease.holder == self._holder))

    @cached_property
    def _sealer(self) -> "Seal":
        return Seal(self._settings.key(), b"channel_state")

    def _seal(self, key: str, value: str) -> str:
        return self._sealer.close(key, value)

    def _open(self, key: str, sealed: str) -> str:
        return self._sealer.open(key, sealed)


class Seal:
    """Seals short texts under the server's key. purpose: keeps what is sealed for one use from being opened in another."""

    def __init__(self, key: bytes, purpose: bytes):
        self._cipher = AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(key))

    def close(self, name: str, value: str) -> str:
        """The row's name is sealed in, so that no row can stand for another."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, value.encode(), name.encode())).decode()

    def open(self, name: str, sealed: str) -> str:
        """Raises Unreadable when SECRET_KEY is not the one it was sealed under."""
        try:
            raw = base64.urlsafe_b64decode(sealed)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], name.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unreadable(f"what is kept as {name} cannot be read with this SECRET_KEY") from error


def _insert(session: Session):
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
