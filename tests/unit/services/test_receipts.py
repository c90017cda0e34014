"""What a killed worker had sent is recorded by the next one, and what it had only leased is free at once."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from bot.services import inbox, outbox, takeover
from bot.services.receipts import Left, Receipts
from bot.services.roll import SILENT_SECONDS, Roll
from bot.store.tables import Inbound, Outbound
from tests.factories import KEY, ROOT, TUESDAY_TEN, incoming, talk_of

BODY = {"text": "chào", "buttons": [], "image": None, "quick": False}
DEAD = "worker:here:1:abcd"


def leave(folder, holder: str, *lines: str) -> None:
    """The file of a process that notes these receipts and is then killed with -9."""
    program = ("import sys, time; from pathlib import Path; from bot.services.receipts import Receipts\n"
               "r = Receipts(Path(sys.argv[1]), sys.argv[2])\n"
               "for a in sys.argv[3:]: n, p = a.split('='); r.note(int(n), p)\n"
               "print('noted', flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", program, str(folder), holder, *lines], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"noted\n"
        os.kill(process.pid, signal.SIGKILL)


@pytest.fixture
def leased(database):
    """Two messages leased by a worker; their ids."""
    with database.write() as session:
        for n in (1, 2):
            outbox.enqueue(session, talk_of(session, f"chat-{n}-0123456789", "telegram"), f"a:{n}", "reminder", BODY, TUESDAY_TEN, address=str(n))
        return [r.id for r in outbox.claim(session, ["telegram"], TUESDAY_TEN, holder=DEAD)]


def state(database, row_id):
    with database.read() as session:
        row = session.get_one(Outbound, row_id)
        return row.state, row.platform_message_id


def test_what_was_sent_is_not_sent_again_and_the_rest_is_free_at_once(database, leased, tmp_path):
    leave(tmp_path, DEAD, f"{leased[0]}=77")
    ours = Receipts(tmp_path, "worker:here:2:efgh")
    assert takeover.from_the_dead(database, ours, TUESDAY_TEN) == 1
    assert [state(database, n) for n in leased] == [("sent", "77"), ("due", None)]
    with database.write() as session:
        assert [r.id for r in outbox.claim(session, ["telegram"], TUESDAY_TEN, holder=ours.holder)] == [leased[1]]
    assert takeover.from_the_dead(database, ours, TUESDAY_TEN) == 0
    assert [p.name for p in tmp_path.glob("*.receipts")] == ["worker-here-2-efgh.receipts"]


def test_the_living_are_left_alone(database, leased, tmp_path):
    living, other = Receipts(tmp_path, DEAD), Receipts(tmp_path, "worker:here:2:efgh")
    living.note(leased[0], "77")
    assert takeover.from_the_dead(database, other, TUESDAY_TEN) == 0
    assert [state(database, n)[0] for n in leased] == ["sending", "sending"]


def test_a_receipt_for_a_row_that_is_somebody_elses_by_now_changes_nothing(database, leased, tmp_path):
    leave(tmp_path, DEAD, f"{leased[0]}=77")
    with database.write() as session:
        outbox.given_up(session, DEAD, TUESDAY_TEN)
        outbox.claim(session, ["telegram"], TUESDAY_TEN, holder="worker:there:9:xxxx")
    takeover.from_the_dead(database, Receipts(tmp_path, "worker:here:2:efgh"), TUESDAY_TEN)
    assert [state(database, n) for n in leased] == [("sending", None)] * 2


def test_the_file_is_empty_when_the_database_knows_all_and_gone_after_a_good_end(tmp_path):
    ours = Receipts(tmp_path, DEAD)
    (file,) = tmp_path.iterdir()
    ours.note(1, "a")
    ours.note(2, "b")
    ours.note_parts(3, ["c", "d"])
    assert (Left.read(file.read_bytes()).taken, Left.read(file.read_bytes()).begun) == ([(1, "a"), (2, "b")], [(3, ["c", "d"])])
    ours.recorded(1)
    ours.recorded(3)
    assert (Left.read(file.read_bytes()).taken, Left.read(file.read_bytes()).begun) == ([(2, "b")], [])
    ours.recorded(2)
    assert (Left.read(file.read_bytes()).holder, Left.read(file.read_bytes()).taken) == (DEAD, [])
    ours.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"holder": 7}\n[1', b'{"holder": "7"}\n[1, "a"]\n["x", 2]\n[]\n{}\nnull\n'])
def test_a_torn_file_breaks_nothing(content):
    assert all(isinstance(n, int) for n, _ in Left.read(content).taken)


def test_a_web_process_that_died_frees_its_messages(database, tmp_path):
    with database.write() as session:
        stored = inbox.store(session, KEY, incoming(), TUESDAY_TEN)
        inbox.claim(session, TUESDAY_TEN, holder="web:here:3:ijkl")
    leave(tmp_path, "web:here:3:ijkl")
    takeover.from_the_dead(database, Receipts(tmp_path, "worker:here:2:efgh"), TUESDAY_TEN)
    with database.read() as session:
        row = session.get_one(Inbound, stored.inbox_id)
        assert (row.state, row.attempts) == ("new", 0)


class Steady:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class TestRoll:
    """Other machines: by beats, watched by a clock that cannot jump."""

    def beat(self, database, roll, now=TUESDAY_TEN):
        with database.write() as session:
            roll.beat(session, now)

    def silent(self, database, roll, *names):
        with database.write() as session:
            return roll.silent(session, names)

    def test_who_does_not_beat_while_we_watch_is_gone(self, database):
        steady = Steady()
        ours, theirs = Roll("worker:a", steady), Roll("worker:b")
        self.beat(database, theirs)
        assert self.silent(database, ours, "worker:b") == set()
        steady.now = SILENT_SECONDS - 1
        assert self.silent(database, ours, "worker:b") == set()
        steady.now = SILENT_SECONDS
        assert self.silent(database, ours, "worker:b") == {"worker:b"}

    def test_who_beats_lives_whatever_the_time_of_day_does(self, database):
        steady = Steady()
        ours, theirs = Roll("worker:a", steady), Roll("worker:b")
        for hours in (0, 1, -3, 500):
            self.beat(database, theirs, TUESDAY_TEN + timedelta(hours=hours))
            steady.now += SILENT_SECONDS - 1
            assert self.silent(database, ours, "worker:b") == set()

    def test_who_has_left_is_gone_at_once_and_we_are_never_gone(self, database):
        ours, theirs = Roll("worker:a", Steady()), Roll("worker:b")
        self.beat(database, theirs)
        with database.write() as session:
            theirs.leave(session)
        assert self.silent(database, ours, "worker:a", "worker:b", "worker:c") == {"worker:b", "worker:c"}


def test_a_leap_of_the_clock_frees_nothing_that_is_being_sent(database, leased):
    later = TUESDAY_TEN + timedelta(hours=1)
    with database.write() as session:
        assert outbox.claim(session, ["telegram"], later, holder="worker:there:9:xxxx") == []
        assert outbox.leased_by(session, DEAD) == set(leased)
        assert outbox.given_up(session, DEAD, later, only=leased[:1]) == 1
        assert outbox.leased_by(session, DEAD) == {leased[1]}
