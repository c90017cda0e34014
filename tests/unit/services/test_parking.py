"""What a database refuses stops no platform's queue, and nobody is left without an answer for it."""

import asyncio

import pytest
from sqlalchemy import select

from bot.app import App
from bot.channels.base import Limits
from bot.config import Settings
from bot.gateway import Gateway
from bot.messages import Incoming
from bot.services import inbox, letters
from bot.store.tables import Conversation, Inbound, Outbound
from bot.wording import say
from bot.worker import Worker
from tests.factories import KEY, TUESDAY_TEN, FrozenClock, talk_of

CHAT = "700123"
REFUSED = Incoming("telegram", "1", CHAT, answer="ảnh", album="\ud800")
"""No channel lets this through; both databases refuse it."""
GOOD = Incoming("telegram", "2", CHAT, "chào")


@pytest.fixture
def app(database, tmp_path):
    return App(Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/x.db", secret_key="k" * 32), database, FrozenClock())


def stored(app):
    with app.database.read() as session:
        return [(r.platform_id, r.state, r.text, r.error) for r in session.scalars(select(Inbound).order_by(Inbound.id))]


@pytest.mark.parametrize("ident", ["\0", "b\0", "b" + "\0" * 12, "", "b" * 500, "/delete_my_data"], ids=range(6))
def test_no_database_is_asked_for_a_button_that_cannot_be_ours(database, ident):
    with database.write() as session:
        assert inbox.pressed(session, talk_of(session, CHAT, "telegram"), ident) is None


def test_a_forged_press_is_answered_like_any_old_button(database):
    with database.write() as session:
        inbox.store(session, KEY, Incoming("telegram", "1", CHAT, button="b\0"), TUESDAY_TEN)
        assert [r.body["text"] for r in session.scalars(select(Outbound))] == [say("stale_button")]


def test_by_webhook_it_is_parked_once_without_its_words_and_the_citizen_is_told(app):
    gateway = Gateway(app, None)
    first, again = (asyncio.run(gateway.accept(REFUSED)) for _ in range(2))
    assert (first.inbox_id, first.new) == (again.inbox_id, False) and first.inbox_id
    assert stored(app) == [("1", "parked", None, "UnicodeEncodeError")]
    with app.database.read() as session:
        assert [(r.body["text"], r.address) for r in session.scalars(select(Outbound))] == [(say("parked"), CHAT)]
        assert [one.name for one in letters.all_of(session)] == [f"in:{first.inbox_id}"]


@pytest.mark.parametrize("message", [Incoming("telegram", "\ud800", CHAT, "chào"), Incoming("telegram", "1", "\ud800", "chào"),
                                     Incoming("telegram", "1", "\ud800", left=True)], ids=["id", "address", "left"])
def test_where_not_even_its_id_can_be_stored_the_log_has_it(app, message, caplog):
    assert asyncio.run(Gateway(app, None).accept(message)).inbox_id == 0
    assert stored(app) == [] and "cannot be stored" in caplog.text
    with app.database.read() as session:
        assert session.scalars(select(Conversation)).all() == []


def test_by_polling_what_comes_after_it_is_stored(app):
    class Polled:
        name, limits = "telegram", Limits(4096, 10)

        async def poll(self, store):
            for message in (REFUSED, GOOD):
                await store(message)

    asyncio.run(Worker(app, [])._poll(Polled()))
    assert [(ident, state) for ident, state, *_ in stored(app)] == [("1", "parked"), ("2", "new")]
