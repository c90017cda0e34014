"""What channels keep: sealed at rest, one holder of a lock at a time, on both databases."""

import base64
import json
import threading

import pytest
from sqlalchemy import select, text

from bot.config import Settings
from bot.errors import Unreadable
from bot.services.keep import Kept
from bot.store.tables import ChannelState
from tests.factories import FrozenClock
from tests.patience import WAIT_SECONDS

PAIR = json.dumps({"access": "bí mật" * 200, "refresh": "r" * 600})


@pytest.fixture
def clock():
    return FrozenClock()


def kept(database, clock, key="one key"):
    return Kept(database, Settings(_env_file=None, secret_key=key, database_url=database.url), clock)


def test_what_is_put_is_there_for_every_process(database, clock):
    kept(database, clock).put("a", PAIR)
    assert kept(database, clock).get("a") == PAIR
    kept(database, clock).put("a", "anew")
    assert kept(database, clock).get("a") == "anew"
    assert kept(database, clock).get("b") is None


def test_nothing_of_it_can_be_read_in_the_database(database, clock):
    kept(database, clock).put("a", PAIR)
    with database.read() as session:
        sealed = session.scalars(select(ChannelState.value)).one()
    assert "refresh" not in sealed and b"refresh" not in base64.urlsafe_b64decode(sealed)
    kept(database, clock).put("a", PAIR)
    with database.read() as session:
        assert session.scalars(select(ChannelState.value)).one() != sealed, "not the same twice"


def test_another_secret_key_reads_nothing_and_destroys_nothing(database, clock):
    kept(database, clock).put("a", PAIR)
    with pytest.raises(Unreadable) as caught:
        kept(database, clock, "another key").get("a")
    assert "SECRET_KEY" in str(caught.value)
    assert kept(database, clock).get("a") == PAIR


@pytest.mark.parametrize("damage", ["", "not base64 é", "QUJD", "A" * 200])
def test_a_damaged_row_is_unreadable(database, clock, damage):
    kept(database, clock).put("a", PAIR)
    with database.write() as session:
        session.execute(text("UPDATE channel_state SET value = :v"), {"v": damage})
    with pytest.raises(Unreadable):
        kept(database, clock).get("a")


def test_no_row_can_stand_for_another(database, clock):
    kept(database, clock).put("a", PAIR)
    with database.write() as session:
        session.execute(text("UPDATE channel_state SET key = 'b'"))
    with pytest.raises(Unreadable):
        kept(database, clock).get("b")


def test_a_lock_has_one_holder_until_it_is_given_back(database, clock):
    one, two = kept(database, clock), kept(database, clock)
    assert one.lock("renew", 60)
    assert not two.lock("renew", 60)
    assert not one.lock("renew", 60), "not re-entrant: two renewals of one process are two"
    two.unlock("renew")
    assert not two.lock("renew", 60), "nobody gives back what is not theirs"
    assert two.lock("another", 60)
    one.unlock("renew")
    assert two.lock("renew", 60)


def test_the_lock_of_a_dead_holder_ends(database, clock):
    one, two = kept(database, clock), kept(database, clock)
    assert one.lock("renew", 60)
    clock.forward(seconds=59)
    assert not two.lock("renew", 60)
    clock.forward(seconds=1)
    assert two.lock("renew", 60)
    one.unlock("renew")
    assert not one.lock("renew", 60), "the one who comes back late frees nothing"


def test_of_many_at_once_one_gets_the_lock(database, clock):
    got: list[bool] = []
    start = threading.Barrier(8)

    def take():
        mine = kept(database, clock)
        start.wait()
        got.append(mine.lock("renew", 60))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
    assert sorted(got) == [False] * 7 + [True]
