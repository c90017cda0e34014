"""Transactions that the database ended for its own reasons run again; the order of locks keeps two from waiting for each other."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.app import App
from bot.config import Settings
from bot.gateway import Gateway
from bot.services import inbox
from bot.store.db import Database
from bot.store.tables import Conversation, Inbound
from tests.factories import KEY, TUESDAY_TEN, FrozenClock, incoming
from tests.patience import WAIT_SECONDS


def lost() -> OperationalError:
    return OperationalError("COMMIT", {}, Exception("server closed the connection"))


def test_it_runs_again_until_it_succeeds(database, monkeypatch):
    waits, failures = [], [lost(), lost()]
    monkeypatch.setattr("bot.store.db.time.sleep", waits.append)

    def work(session):
        if failures:
            raise failures.pop()
        return "done"

    assert database.again(work) == "done"
    assert waits == pytest.approx([0.1, 0.3])


@pytest.mark.parametrize(("error", "tries"), [(lost(), 4), (IntegrityError("x", {}, Exception()), 1), (KeyError("x"), 1)])
def test_only_for_such_reasons_and_not_for_ever(database, monkeypatch, error, tries):
    monkeypatch.setattr("bot.store.db.time.sleep", lambda _: None)
    ran = []

    def work(session):
        ran.append(1)
        raise error

    with pytest.raises(type(error)):
        database.again(work)
    assert len(ran) == tries


def test_a_page_that_asks_again_while_its_answer_is_being_written_makes_no_deadlock(database, tmp_path, monkeypatch):
    """The page's transaction has the conversation's row and wants the message's; the gateway's wants both as well."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(database, "again", lambda work: Database.again(database, work, tries=1))  # a second try would hide it
    app = App(Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/x.db"), database, FrozenClock())
    with database.write() as session:
        inbox.store(session, KEY, incoming(), TUESDAY_TEN)
        message = inbox.claim(session, TUESDAY_TEN)
    replies = [{"text": "chào bạn", "buttons": [{"title": "Có", "payload": "/affirm"}], "image": None, "custom": {}}]
    finishing = threading.Thread(target=Gateway(app, None)._finish, args=(message, replies))
    with database.write() as session:
        session.get_one(Conversation, message.conversation_id).seen_at = TUESDAY_TEN + timedelta(seconds=1)
        session.flush()
        finishing.start()
        time.sleep(0.5)
        assert inbox.store(session, KEY, incoming(), TUESDAY_TEN + timedelta(seconds=2)).new is False
    finishing.join(WAIT_SECONDS)
    with database.read() as session:
        assert session.get_one(Inbound, message.id).state == "done"
