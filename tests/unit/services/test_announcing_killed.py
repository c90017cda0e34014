"""Workers that plan an announcement die by SIGKILL in the middle, two go on side by side: everybody once, and nobody who should not."""

import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select

from benchmarks.announce.people import fill, staff
from bot.services import announcements, announcing, linking
from bot.store.tables import Announcement, AnnouncementSend, Conversation, Outbound
from tests.announcing import approved, given, member, sends, subscriber, tick
from tests.factories import ROOT, TUESDAY_TEN
from tests.patience import WAIT_SECONDS

PEOPLE = 240
WORKER = """
import sys, time
from datetime import datetime
from bot.services import announcing
from bot.store.db import Database

announcing.BATCH = announcing.AT_ONCE = 10

def slowly(step):
    times = 0
    def inside(session, now):
        nonlocal times
        done = step(session, now)
        times += bool(done)
        time.sleep(600 if step.__name__ == sys.argv[3] and times > 3 else 0.05 if done else 0)  # before the commit: here it is killed
        return done
    return inside

announcing.expand, announcing.queue = slowly(announcing.expand), slowly(announcing.queue)
database, now = Database(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
while True:
    announcing.run(database, lambda: now)
"""


@pytest.fixture
def worker(database):
    """Starts a process that plans without end, or that stands still within the fourth time of a step; all are ended with the test."""
    running = []

    def start(stands_in: str = "") -> subprocess.Popen:
        url = database.engine.url.render_as_string(hide_password=False)
        running.append(subprocess.Popen([sys.executable, "-c", WORKER, url, TUESDAY_TEN.isoformat(), stands_in], cwd=ROOT))
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.wait()


def until(database, statement, least) -> int:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with database.read() as session:
            if (found := session.scalar(statement)) >= least:
                return found
        time.sleep(0.01)
    raise AssertionError(f"{found} of {least}")


ROWS, QUEUED = select(func.count()).select_from(AnnouncementSend), select(func.count()).select_from(Outbound)


def test_killed_in_the_middle_and_gone_on_with_by_two(database, worker):
    fill(database, PEOPLE, TUESDAY_TEN)
    writer, first, _ = staff(database, TUESDAY_TEN)
    with database.write() as session:
        ident = announcements.save(session, writer, None, given(), TUESDAY_TEN).id
        announcements.submit(session, writer, ident, TUESDAY_TEN)
        announcements.approve(session, first, ident, TUESDAY_TEN)
    for counted, step in ((ROWS, "expand"), (QUEUED, "queue")):
        one = worker(step)
        until(database, counted, 20)
        one.kill()
        one.wait()
        with database.read() as session:
            assert 20 <= session.scalar(counted) < PEOPLE
    worker(), worker()
    until(database, select(func.count()).where(Announcement.state == "sent"), 1)
    with database.read() as session:
        told = session.scalars(select(Conversation.citizen_id).join(Outbound, Outbound.conversation_id == Conversation.id)).all()
        planned = session.scalars(select(Conversation.citizen_id).join(AnnouncementSend, AnnouncementSend.conversation_id == Conversation.id)).all()
        assert sorted(told) == sorted(planned) == list(range(1, PEOPLE + 1))
        assert set(session.scalars(select(AnnouncementSend.channel))) == {"telegram"}  # the chat used last


@pytest.fixture
def desk(database):
    with database.write() as session:
        return tuple(member(session, n) for n in ("a-soan", "b-duyet", "c-duyet"))


def waiting(database) -> dict[tuple[str, str], int]:
    with database.read() as session:
        return {(kind, channel): count for kind, channel, count in session.execute(
            select(Outbound.kind, Outbound.channel, func.count()).where(Outbound.state == "due").group_by(Outbound.kind, Outbound.channel))}


def test_only_as_many_wait_in_the_outbox_as_soon_go_out(database, desk, monkeypatch):
    monkeypatch.setattr(announcing, "AHEAD", 3)
    monkeypatch.setattr(announcing, "AT_ONCE", 1)
    with database.write() as session:
        for n in range(12):
            subscriber(session, n, "web" if n >= 6 else "telegram")
        approved(session, *desk[:2])
    later = TUESDAY_TEN.replace(hour=TUESDAY_TEN.hour + 1)
    assert tick(database, later) == 9
    assert waiting(database) == {("news", "telegram"): 3, ("news", "web"): 6}  # who has the page closed holds up nobody
    assert tick(database, later) == 0
    with database.write() as session:
        for row in session.scalars(select(Outbound).where(Outbound.channel == "telegram").limit(2)):
            row.state = "sent"
    assert tick(database, later) == 2
    with database.write() as session:
        approved(session, *desk, now=later, kind="emergency", reason="Nước lũ lên trong đêm nay")
    tick(database, later)
    assert waiting(database) == {("news", "telegram"): 3, ("news", "web"): 6, ("alert", "telegram"): 3, ("alert", "web"): 6}


def test_who_had_it_before_two_became_one_is_not_told_again(database, desk, monkeypatch):
    monkeypatch.setattr(announcing, "BATCH", 1)
    with database.write() as session:
        first, second = subscriber(session, 1), subscriber(session, 2, "web")
        ident = approved(session, *desk[:2])
        announcing.begin(session, TUESDAY_TEN)
        announcing.expand(session, TUESDAY_TEN)
        linking.join(session, second, first, TUESDAY_TEN)
        first.citizen_id = second.citizen_id  # whichever of the two is kept, it is the one not looked at yet
    tick(database, TUESDAY_TEN)
    assert [s.channel for s in sends(database, ident)] == ["telegram"]
