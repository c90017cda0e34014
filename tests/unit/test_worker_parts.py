"""A message in several parts: those that are out are not sent again, whichever worker goes on."""

import asyncio

import pytest

from bot.app import App
from bot.channels.base import BLOCKED, UNKNOWN_OUTCOME, WINDOW_CLOSED, Limits, SendError
from bot.config import Settings
from bot.services import outbox, takeover
from bot.services.receipts import Receipts
from bot.store.tables import Outbound
from bot.worker import Worker
from tests.factories import FrozenClock, talk_of


class Platform:
    """Takes the words of a text one by one; before the word that is a key of `fails` it fails, once."""

    name, limits = "telegram", Limits(4096, 10, per_second=100)

    def __init__(self, **fails):
        self.took, self.fails = [], fails

    async def send(self, address, body, occasion):
        done = list(occasion.done)
        for word in body["text"].split()[len(done):]:
            if word in self.fails:
                raise self.fails.pop(word)
            self.took.append(word)
            done.append(f"id-{word}")
            occasion.note(done)
        return ",".join(done)


@pytest.fixture
def app(database, tmp_path):
    app = App(Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/x.db"), database, FrozenClock())
    with database.write() as session:
        talk = talk_of(session, "77", "telegram")
        outbox.enqueue(session, talk, "a:1", "reply", {"text": "một hai ba", "buttons": []}, app.clock(), address="77")
    return app


def deliver(app, platform):
    """By a worker that has just been started."""
    asyncio.run(Worker(app, [platform]).deliver())
    app.clock.forward(minutes=10)


def row(app):
    with app.database.read() as session:
        found = session.query(Outbound).one()
        return found.state, found.platform_message_id


@pytest.mark.parametrize("failure", [SendError(UNKNOWN_OUTCOME), RuntimeError("ours")], ids=["named", "internal"])
def test_another_worker_goes_on_with_the_part_that_failed(app, failure):
    platform = Platform(ba=failure)
    deliver(app, platform)
    assert row(app) == ("due", "id-một,id-hai")
    deliver(app, platform)
    assert (platform.took, row(app)) == (["một", "hai", "ba"], ("sent", "id-một,id-hai,id-ba"))


def test_a_dead_letter_goes_on_where_it_ended(app):
    platform = Platform(hai=SendError(BLOCKED))
    deliver(app, platform)
    with app.database.write() as session:
        assert outbox.replay(session, [session.query(Outbound.id).scalar()], app.clock()) == 1
    deliver(app, platform)
    assert (platform.took, row(app)) == (["một", "hai", "ba"], ("sent", "id-một,id-hai,id-ba"))


def test_what_is_held_begins_anew_for_it_says_that_it_is_late(app):
    deliver(app, Platform(hai=SendError(WINDOW_CLOSED)))
    assert row(app) == ("held", None)


class Killed(BaseException):
    """The process ends here."""


def test_a_killed_workers_parts_are_known_by_its_receipts(app):
    platform = Platform(ba=Killed())
    worker = Worker(app, [platform])
    with pytest.raises(Killed):
        asyncio.run(worker.deliver())
    assert row(app) == ("sending", None)
    worker.receipts._file.close()  # its lock is free
    takeover.from_the_dead(app.database, Receipts(app.settings.receipts, "worker:other"), app.clock())
    assert row(app) == ("due", "id-một,id-hai")
    deliver(app, platform)
    assert platform.took == ["một", "hai", "ba"]


def test_what_a_failure_has_recorded_is_no_receipt_any_more(app):
    worker = Worker(app, [Platform(hai=SendError(UNKNOWN_OUTCOME))])
    asyncio.run(worker.deliver())
    worker.receipts.close()
    assert list(app.settings.receipts.iterdir()) == []


@pytest.mark.parametrize("parts", [[""], ["", "2"], ["1", "", "3"], ["1,5"], ["x" * 90] * 5, ["x" * 300]], ids=range(6))
def test_the_count_of_parts_survives_its_column(app, parts):
    with app.database.write() as session:
        (found,) = outbox.claim(session, ["telegram"], app.clock(), holder="w")
        outbox.not_sent(session, found, "unreachable", 1.0, app.clock(), parts=parts)
    with app.database.read() as session:
        back = outbox.parts_out(session.query(Outbound).one())
    assert len(back) == len(parts) and (back[0] == "") == (parts[0] == "")
