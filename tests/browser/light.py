"""The web server alone, with a stand-in for Rasa: starts in a second, so that tests of the page need no whole bot."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.app import App
from bot.config import Settings
from bot.web import app as public
from tests.databases import sqlite_at
from tests.standins.rasa import RasaStandIn
from tests.standins.serving import Serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]


class Light(NamedTuple):
    """url of the page; app behind it; rasa: the stand-in."""

    url: str
    app: App
    rasa: RasaStandIn


@contextmanager
def light(folder: Path, port: int = 0, **settings: Any) -> Iterator[Light]:
    """The web server with a database of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    database = sqlite_at(folder / "bot.db")
    with RasaStandIn() as rasa:
        app = App(Settings(_env_file=None, database_url=database.url, rasa_url=rasa.url, chat_rate_per_minute=100_000, **settings), database)
        with Serving(public.make(app), port) as served:
            yield Light(served.url, app, rasa)
    database.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of this machine."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


def complaints(page: Page, but: str = "") -> list[str]:
    """What the page writes to the console as errors from now on; but: those with this in them are meant to come."""
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type == "error" and not (but and but in m.text) else None)
    page.on("pageerror", lambda e: found.append(str(e)))
    return found
