"""The Zalo Official Account channel against its stand-in, for the contract tests: events of Zalo, and one call for each thing to try."""

import asyncio
import json
import threading
import time
from datetime import UTC, datetime

import pytest

from bot.channels.base import Occasion, SendError
from bot.channels.zalo_oa import ZaloOaChannel, router
from bot.config import Settings
from bot.errors import Unreadable
from tests import loops
from tests.loops import opened, run
from tests.patience import HTTP_SECONDS
from tests.standins.zalo_oa import ZaloOaStandIn

CITIZEN = "1112223334445556667"
APP, SECRET = "360846524940903967", "oa-secret-key-EXAMPLE"
STAMP = "1727000000000"
AT = datetime(2024, 9, 22, 10, 13, 20, tzinfo=UTC)
PNG = b"\x89PNG\r\n" + b"0" * 5000
PICTURE = "/pictures/" + "ab" * 32 + ".png"
HOUR = 3600


def event(name="user_send_text", **more):
    return {"app_id": APP, "sender": {"id": CITIZEN}, "user_id_by_app": "222", "recipient": {"id": "333"}, "event_name": name,
            "timestamp": STAMP, **more}


def text(words, **more):
    return event(message={"text": words, "msg_id": "m1"}, **more)


def media(kind, payload, **message):
    return event(f"user_send_{kind}", message={"msg_id": "m1", "attachments": [{"type": kind, "payload": payload}], **message})


def relation(name, **more):
    return {"app_id": APP, "oa_id": "333", "user_id_by_app": "222", "follower": {"id": CITIZEN}, "event_name": name, "timestamp": STAMP, **more}


def echo(kind="text", **sender):
    return event(f"oa_send_{kind}", sender={"id": "333", **sender}, recipient={"id": CITIZEN}, message={"text": "chào bác", "msg_id": "m9"})


def stand_in():
    """A fixture: the stand-in, which has met the citizen."""
    with ZaloOaStandIn() as one:
        one.meet(CITIZEN)
        yield one


class MemoryKeep:
    """A Keep in memory. broken_puts: which of the next puts fail; on_put sees each; slow_seconds: how long one takes."""

    def __init__(self, broken_puts=(), on_put=None, slow_seconds=0.0):
        self.values, self.locks, self.unreadable = {}, {}, False
        self._broken, self._on_put, self._slow = list(broken_puts), on_put, slow_seconds
        self._guard = threading.Lock()

    def get(self, key):
        if self.unreadable:
            raise Unreadable("what is kept cannot be read with this SECRET_KEY")
        return self.values.get(key)

    def put(self, key, value):
        time.sleep(self._slow)
        if self._broken and self._broken.pop(0):
            raise RuntimeError("the database is down")
        if self._on_put:
            self._on_put(key, value)
        self.values[key] = value

    def lock(self, name, seconds):
        with self._guard:
            return self.locks.setdefault(name, ident := object()) is ident

    def unlock(self, name):
        self.locks.pop(name, None)


def options(api, more):
    return Settings(_env_file=None, **api.settings(**more))


def channel(api, keep=None, picture=lambda path: PNG, timeout_seconds=HTTP_SECONDS, sleep=asyncio.sleep, **more):
    return ZaloOaChannel(options(api, more), keep if keep is not None else MemoryKeep(), picture, timeout_seconds, api.now, sleep)


def now_of(api):
    return datetime.fromtimestamp(api.now(), UTC)


def sent(api, *bodies, occasion=Occasion(), **more):
    """The ids of each message, sent to CITIZEN by a process of its own."""
    async def main():
        async with opened(channel(api, **more)) as bot:
            return [await bot.send(CITIZEN, body, occasion) for body in bodies]

    return run(main())


def refusal(api, body, occasion=Occasion(), **more):
    """The error of a message that is not sent."""
    async def main():
        async with opened(channel(api, **more)) as bot:
            with pytest.raises(SendError) as caught:
                await bot.send(CITIZEN, body, occasion)
            return caught.value

    return run(main())


def state(api, keep, **more):
    async def main():
        async with opened(channel(api, keep=keep, **more)) as bot:
            return await bot.state()

    return run(main())


def die_while_saving(api, keep):
    """Leaves everything as after kill -9 between the token server's answer and the save: intent kept, lock held by nobody alive."""
    class Killed(BaseException):
        pass

    before, puts = keep.put, []

    def put(key, value):
        puts.append(key)
        if len(puts) == 2:
            raise Killed
        before(key, value)

    keep.put = put
    with pytest.raises(Killed):
        sent(api, {"text": "một"}, keep=keep)
    keep.put = before
    keep.locks.clear()
    assert [json.loads(v)["asked_at"] > 0 for v in keep.values.values()] == [True]
    assert api.refresh_token != api.first_refresh_token


def posted(api, requests, secret=SECRET, store=None, **more):
    """The answers to webhook requests of (body, signature), and what was stored."""
    def make():
        return channel(api, zalo_oa_secret_key=secret, **{f"zalo_oa_{name}": value for name, value in more.items()})

    signed = [(body, {} if header is None else {"X-ZEvent-Signature": header.encode()}) for body, header in requests]
    return loops.posted(make, router, "/channels/zalo-oa", signed, store)
