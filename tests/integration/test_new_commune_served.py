"""A unit that staff add while the bot runs is understood in the chat within seconds, without training and without a restart."""

import time

import pytest

from bot import places
from bot.clock import now
from bot.services import communes
from bot.services.communes import Form
from bot.services.staff import Who
from bot.store.db import Database
from tests.patience import WAIT_SECONDS


@pytest.fixture
def new_unit(served):
    """Added in the database by another process, as a web process on another machine would."""
    database = Database(served.environment["DATABASE_URL"])
    with database.write() as session:
        communes.add(session, Who(None, "quantri", "Quản trị", "administrator", (), "", ""), "99077", Form("Xã Bến Mới", formerly="Xã Bến Cũ"), now())  # type: ignore[arg-type]
    database.close()
    yield
    places.know(places.shipped())


def test_the_name_alone_is_understood_and_kept(served, citizen, new_unit):
    citizen.say("chào bạn")
    citizen.tap("Đồng ý")
    deadline = time.monotonic() + WAIT_SECONDS
    while "Xã Bến Mới" not in citizen.read() and time.monotonic() < deadline:
        time.sleep(1)
        citizen.say("bác ở Bến Mới")
    assert "Đã ghi nơi ở của bạn là Xã Bến Mới" in citizen.read()
    citizen.say("em ở xã Bến Cũ")
    assert "Xã Bến Cũ nay thuộc Xã Bến Mới." in citizen.read()
