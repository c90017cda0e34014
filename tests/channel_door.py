"""One platform's webhook as the public web server mounts it, with an application behind it that no other address can be reached from."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import httpx
from sqlalchemy import select

from bot.app import App
from bot.config import Settings
from bot.services import inbox, outbox, people
from bot.store.db import Database
from bot.store.tables import Button, Inbound, Outbound
from bot.web import app as web_app
from tests.every_channel import ENTRIES, Platform, Request
from tests.loops import run


def nothing_outside(monkeypatch):
    """A fixture. Addresses outside this machine that something tried to reach: refused, and a failure of the test."""
    tried: list[Any] = []
    real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex")}
    look_up = socket.getaddrinfo

    def guarded(name: str) -> Callable:
        def connect(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6) and not ipaddress.ip_address(address[0]).is_loopback:
                tried.append(address)
                raise OSError("no network but loopback")
            return real[name](self, address)

        return connect

    def getaddrinfo(host, *rest, **more):
        name = host.decode() if isinstance(host, bytes) else host
        if name not in (None, "", "localhost", "127.0.0.1", "::1"):
            tried.append(name)
            raise socket.gaierror("no names but localhost")
        return look_up(host, *rest, **more)

    for name in real:
        monkeypatch.setattr(socket.socket, name, guarded(name))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    yield tried
    assert tried == []


def applications(tmp_path):
    """A fixture. An application with a database of its own, whose settings switch on one platform and nothing else."""
    made: list[App] = []

    def make(one: Platform, api: Any, **changed: Any) -> App:
        database = Database(f"sqlite:///{tmp_path}/{len(made)}.db")
        database.migrate()
        off = {f"{n}_token": "" for n in ("telegram", "zalo_bot")} | {"zalo_oa_app_id": ""}
        settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/{len(made)}.db", secret_key="a key for tests",
                            **{**off, **one.settings(api), **changed})
        made.append(App(settings, database))
        return made[-1]

    yield make
    for app in made:
        app.database.close()


class Door:
    """The public web server with one platform's webhook; its messages go to the inbox and are left there. broken: they do not."""

    def __init__(self, one: Platform, api: Any, app: App):
        self.one, self._api, self._app = one, api, app
        self.broken = False

    async def accept(self, message):
        if self.broken:
            raise RuntimeError(f"the database is down, with {message.text} in hand")

        def write():
            with self._app.database.write() as session:
                return inbox.store(session, self._app.settings.key(), message, self._app.clock())

        return await asyncio.to_thread(write)

    def request(self, payload: Any) -> Request:
        return self.one.deliver(self._api, payload)

    def post(self, *payloads: Any) -> list[int]:
        return self.send(*map(self.request, payloads))

    def at_once(self, *payloads: Any) -> list[int]:
        return self.send(*map(self.request, payloads), together=True)

    def send(self, *requests: Request, together: bool = False) -> list[int]:
        """The statuses, of requests in turn or together."""
        async def main():
            web = web_app.make(self._app)
            web.state.gateway = self
            async with httpx.AsyncClient(transport=httpx.ASGITransport(web, raise_app_exceptions=False), base_url="http://bot") as client:
                def one(r: Request):
                    return client.post(r.path, content=r.body, headers=[(k.encode(), v.encode()) for k, v in r.headers.items()])

                if together:
                    return [a.status_code for a in await asyncio.gather(*map(one, requests))]
                return [(await one(r)).status_code for r in requests]

        return run(main())

    def offer(self, buttons: list[dict[str, str]]) -> str:
        """Shows the citizen buttons, as the gateway does; returns the second one's id."""
        with self._app.database.write() as session:
            now = self._app.clock()
            talk = people.conversation(session, self._app.settings.key(), self.one.module, self.one.chat, now)
            outbox.enqueue(session, talk, "inbox:0:0", "reply", {"text": "?", "buttons": buttons}, now, address=self.one.chat)
            talk.offered = [{**b, "numbered": True} for b in buttons]
            session.flush()
            return session.scalars(select(Button.id).where(Button.payload == buttons[1]["payload"])).one()

    def stored(self) -> list[tuple[str | None, str | None]]:
        """(text, payload) of the messages that wait for an answer, in the order of arrival."""
        with self._app.database.read() as session:
            rows = session.execute(select(Inbound.text, Inbound.payload).where(Inbound.state == "new").order_by(Inbound.id)).all()
            return [tuple(row) for row in rows]

    def finish(self) -> None:
        """All messages are answered."""
        with self._app.database.write() as session:
            for ident in session.scalars(select(Inbound.id)).all():
                inbox.done(session, ident, self._app.clock())

    def conversations(self) -> set[str]:
        with self._app.database.read() as session:
            return set(session.scalars(select(Inbound.conversation_id)))

    def answers(self) -> list[str]:
        with self._app.database.read() as session:
            return list(session.scalars(select(Outbound.cause)))


def doors(request, app_of):
    """A fixture, whose parameter names the platform."""
    one = ENTRIES[request.param]
    with one.standin() as api:
        yield Door(one, api, app_of(one, api))
