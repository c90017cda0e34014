"""The web server alone with a course in it, and somebody of staff at its studio."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext

from bot.app import App
from bot.services import staff
from tests.browser.light import Light
from tests.unit.web.staff_pages import PASSWORD, add_staff


def sign_in(context: BrowserContext, served: Light, login: str) -> None:
    """Past the sign-in form."""
    app: App = served.app
    with app.database.write() as session:
        tried = staff.sign_in(session, staff.seal_of(app.settings), login, PASSWORD, "", app.clock())
    context.add_cookies([{"name": "nhan_vien", "value": tried.token, "url": served.url}])


@contextmanager
def at_work(browser: Browser, served: Light, role: str, **options) -> Iterator[BrowserContext]:
    """A browser of somebody with this role, signed in."""
    context = browser.new_context(locale="vi-VN", **options)
    sign_in(context, served, add_staff(served.app, role))
    yield context
    context.close()
