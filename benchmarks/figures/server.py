"""The web server over the made-up events, with somebody signed in, as a page of figures is really asked for: over HTTP."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from benchmarks.figures.events import NOW
from bot.app import App
from bot.config import Settings
from bot.services import staff
from bot.store.db import Database
from bot.web import app as web
from tests.standins.serving import Serving


@contextmanager
def signed_in(url: str, var: str) -> Iterator[httpx.Client]:
    """A browser of an administrator on a server of its own; the clock stands at NOW, the last instant of the events."""
    database = Database(url)
    app = App(Settings(_env_file=None, database_url=url, var=var, secret_key="b" * 32), database, lambda: NOW)
    login, password = f"quan-tri-{secrets.token_hex(4)}", secrets.token_urlsafe(24)
    with database.write() as session:
        staff.add(session, login, "Người đo", password, "administrator", (), NOW)
        tried = staff.sign_in(session, staff.seal_of(app.settings), login, password, "", NOW)
    with Serving(web.make(app)) as served, httpx.Client(base_url=served.url, cookies={"nhan_vien": tried.token or ""}, timeout=120) as client:
        client.app = app  # the caller reads what the pages read
        yield client
    database.close()
