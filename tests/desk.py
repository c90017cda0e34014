"""Somebody of staff at the served bot."""

import re

import httpx

from bot.app import App
from bot.clock import now
from bot.config import Settings
from bot.services import staff
from bot.store.db import Database
from tests.patience import HTTP_SECONDS
from tests.served import Served
from tests.unit.web.staff_pages import PASSWORD, add_staff

NEWS = "/admin/thong-bao"


class Desk:
    """Somebody of staff with a browser at the served bot."""

    def __init__(self, bot: Served, role: str, communes: tuple[str, ...] = ()):
        database = Database(bot.environment["DATABASE_URL"])
        app = App(Settings(_env_file=None, database_url=database.url), database)
        with database.write() as session:
            login = add_staff(app, role, communes)
        with database.write() as session:
            token = staff.sign_in(session, staff.seal_of(app.settings), login, PASSWORD, "", now()).token
        database.close()
        self.client = httpx.Client(base_url=bot.url, cookies={"nhan_vien": token}, follow_redirects=True, timeout=HTTP_SECONDS)
        self.csrf = ""
        self.get("/tai-khoan")

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        found = re.search(r'data-csrf="([^"]+)"', answer.text)
        self.csrf = found.group(1) if found else self.csrf
        return answer

    def get(self, path: str) -> str:
        return self._seen(self.client.get(path)).text

    def post(self, path: str, **data: str) -> httpx.Response:
        return self._seen(self.client.post(path, data={"csrf": self.csrf, **data}))
