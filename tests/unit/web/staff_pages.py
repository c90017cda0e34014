"""A browser for the pages of staff, signed in: real server, real database, no network."""

import re
import warnings
from datetime import timedelta
from itertools import count

from starlette.exceptions import StarletteDeprecationWarning

from bot.app import App
from bot.config import Settings
from bot.services import staff
from bot.web import app as web
from tests.factories import FrozenClock

with warnings.catch_warnings():
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from fastapi.testclient import TestClient

PASSWORD = "con trâu đi trước cái cày"
_numbers = count(1)


def app_on(database, tmp_path, **settings) -> App:
    given = {"database_url": f"sqlite:///{tmp_path}/var/x.db", "public_url": "http://testserver", "secret_key": "k" * 32, **settings}
    return App(Settings(_env_file=None, **given), database, FrozenClock())


def server_of(app: App):
    server = web.make(app)
    server.state.app = app
    return server


class Browser:
    """One person's browser. get and post follow redirects; post adds the token of the newest page's forms."""

    def __init__(self, app: App):
        self.app = app
        self.client = TestClient(server_of(app), follow_redirects=True, raise_server_exceptions=True)
        self.csrf = ""

    def get(self, path: str, **params):
        return self._seen(self.client.get(path, params=params or None))

    def post(self, path: str, data: dict | None = None, files=None, **more):
        return self._seen(self.client.post(path, data={"csrf": self.csrf, **(data or {})}, files=files, **more))

    def post_json(self, path: str, body: dict):
        return self.client.post(path, json=body, headers={"X-CSRF-Token": self.csrf})

    def _seen(self, answer):
        found = re.search(r'data-csrf="([^"]+)"', answer.text) if "text/html" in answer.headers.get("content-type", "") else None
        if found:
            self.csrf = found.group(1)
        return answer


def add_staff(app: App, role: str, communes: tuple[str, ...] = (), login: str = "") -> str:
    """A member of staff with PASSWORD; gives the login."""
    login = login or f"{role}{next(_numbers)}"
    with app.database.write() as session:
        staff.add(session, login, f"Người {role}", PASSWORD, role, communes, app.clock() - timedelta(days=1))
    return login


def signed_in(app: App, role: str, communes: tuple[str, ...] = ()) -> Browser:
    """A browser in which somebody with this role is signed in. Past the sign-in form, which takes a third of a second."""
    login = add_staff(app, role, communes)
    browser = Browser(app)
    with app.database.write() as session:
        tried = staff.sign_in(session, staff.seal_of(app.settings), login, PASSWORD, "", app.clock())
    browser.client.cookies.set("nhan_vien", tried.token)
    browser.get("/tai-khoan")
    return browser
