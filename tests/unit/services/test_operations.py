"""What administrators read of the running system: judged rightly, in words, the worst first."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from bot import clock
from bot.config import ROOT
from bot.services import health, inbox, operations, tallies
from bot.services.health import Picture
from bot.services.operations import Here, Spread
from bot.services.roll import Roll
from tests.databases import sqlite_at
from tests.factories import KEY, TUESDAY_TEN, incoming

WELL = Here(Spread(10, 0.4, 0.9), 1_500_000, 0.5, TUESDAY_TEN - timedelta(hours=8), ())


def seen(**changes) -> Picture:
    return Picture(**{"processes": {"worker": 1, "web": 1}, "channels": {"zalo_oa": {"up": True, "why": "", "token_expires_seconds": 80_000.0}}, **changes})


def checked(picture: Picture, more: Here = WELL, rasas=None) -> dict[str, operations.Check]:
    found = operations.checks(picture, more, {"http://r": True} if rasas is None else rasas, TUESDAY_TEN)
    order = [operations.WORST.index(one.state) for one in found]
    assert order == sorted(order, reverse=True)
    return {one.key: one for one in found}


def test_when_all_is_well_nothing_is_asked_of_anybody():
    found = checked(seen())
    assert {one.state for one in found.values()} == {"good"} and not any(one.advice for one in found.values())
    assert found["channel:zalo_oa"].said == "Gửi được, mã truy cập còn 22 giờ"


@pytest.mark.parametrize(("key", "state", "picture", "more", "rasas"), [
    ("rasa", "bad", {}, WELL, {"http://r": False}),
    ("rasa", "bad", {}, WELL, {}),
    ("rasa", "warn", {}, WELL, {"http://r": True, "http://s": False}),
    ("worker", "bad", {"processes": {"web": 1}}, WELL, None),
    ("channel:zalo_oa", "bad", {"channels": {"zalo_oa": {"up": False, "why": "x", "token_expires_seconds": None}}}, WELL, None),
    ("channel:zalo_oa", "warn", {"channels": {"zalo_oa": {"up": True, "why": "", "token_expires_seconds": 5 * 3600.0}}}, WELL, None),
    ("channel:zalo_oa", "bad", {"channels": {"zalo_oa": {"up": True, "why": "", "token_expires_seconds": 600.0}}}, WELL, None),
    ("unanswered", "warn", {"inbox": {"new": 2}, "oldest_inbox_seconds": 10.0}, WELL, None),
    ("unanswered", "bad", {"inbox": {"new": 2}, "oldest_inbox_seconds": 60.0}, WELL, None),
    ("unsent", "bad", {"depth": {("telegram", 1): 9}, "oldest": {"telegram": 601.0}}, WELL, None),
    ("speed", "warn", {}, Here(Spread(9, 1.0, 4.0), 1, 0.5, TUESDAY_TEN, ()), None),
    ("letters", "warn", {"dead": {"blocked": 1}}, WELL, None),
    ("letters", "warn", {"inbox": {"parked": 1}}, WELL, None),
    ("backup", "warn", {}, Here(Spread(0), 1, 0.5, None, ()), None),
    ("backup", "bad", {}, Here(Spread(0), 1, 0.5, TUESDAY_TEN - timedelta(days=8), ()), None),
    ("disk", "bad", {}, Here(Spread(0), 1, 0.04, TUESDAY_TEN, ()), None)])
def test_what_is_wrong_is_named_with_what_to_do(key, state, picture, more, rasas):
    found = checked(seen(**picture), more, rasas)
    assert (found[key].state, bool(found[key].advice)) == (state, True)
    assert [k for k, one in found.items() if one.state != "good"] == [key]
    assert operations.worst(list(found.values())) == state


def test_what_waits_for_a_closed_browser_is_nobodys_fault():
    assert checked(seen(depth={("web", 1): 40}, oldest={"web": 90_000.0}))["unsent"].said == "Không có tin nào"


class TestSpread:
    def test_half_and_most_of_the_counted_buckets(self, database):
        counted = tallies.Tallies()
        for seconds, times in ((0.03, 50), (0.3, 45), (2.0, 5)):
            for _ in range(times):
                counted.observe("send_seconds", seconds, channel="telegram")
        counted.observe("send_seconds", 99.0, channel="zalo_oa")
        with database.write() as session:
            counted.flush(session)
        with database.read() as session:
            picture = health.picture(session, TUESDAY_TEN, counts=True)
        assert operations.spread_of(picture, "send_seconds", channel="telegram") == Spread(100, 0.05, 0.4)
        assert operations.spread_of(picture, "send_seconds", channel="zalo_oa") == Spread(1, 15.0, 15.0, True)
        assert operations.spread_of(picture, "send_seconds", channel="web") == Spread(0)

    def test_answers_of_the_last_hour_and_no_older_ones(self, database):
        with database.write() as session:
            for number, (came, took) in enumerate([(-7200, 50), (-600, 1), (-500, 2), (-400, 9)]):
                at = TUESDAY_TEN + timedelta(seconds=came)
                stored = inbox.store(session, KEY, incoming(str(number)), at)
                inbox.done(session, stored.inbox_id, at + timedelta(seconds=took))
        with database.read() as session:
            assert operations.recent_answers(session, TUESDAY_TEN) == Spread(3, 2.0, 9.0)


def test_the_database_says_its_size_its_processes_and_its_last_backup(database, tmp_path):
    with database.write() as session:
        for name, ago in (("worker:may-a:1:x", 3), ("web:may-b:2:y", 4), ("worker:may-c:3:z", 99)):
            Roll(name).beat(session, TUESDAY_TEN - timedelta(seconds=ago))
    with database.read() as session:
        before = operations.here(session, tmp_path / "not-there-yet", TUESDAY_TEN)
    assert before.backup_at is None and before.database_bytes > 10_000 and 0 < before.free_share < 1
    assert [(kind, host) for kind, host, _ in before.processes] == [("web", "may-b"), ("worker", "may-a")]
    with database.write() as session:
        health.note_backup(session, TUESDAY_TEN)
        health.note_backup(session, TUESDAY_TEN + timedelta(hours=1))
    with database.read() as session:
        assert operations.here(session, tmp_path, TUESDAY_TEN).backup_at == TUESDAY_TEN + timedelta(hours=1)


@pytest.mark.parametrize(("given", "said"), [(0, "0 giây"), (119, "119 giây"), (120, "2 phút"), (7199, "119 phút"), (7200, "2 giờ"), (172_800, "2 ngày")])
def test_lengths_are_said_in_the_unit_people_would_choose(given, said):
    assert operations.length(given) == said


@pytest.mark.parametrize(("given", "said"), [(12, "12,0 B"), (1_234_567, "1,2 MB"), (5_400_000_000_000_000, "5400,0 TB")])
def test_sizes_are_read_by_people(given, said):
    assert operations.size(given) == said


def test_the_backup_command_leaves_its_time_for_the_page(tmp_path):
    database = sqlite_at(tmp_path / "bot.db")
    subprocess.run([sys.executable, "-m", "bot", "backup", str(tmp_path / "copy.db")], cwd=ROOT, check=True, capture_output=True,
                   env={**os.environ, "DATABASE_URL": database.url})
    with database.read() as session:
        assert abs((clock.now() - health.backup_at(session)).total_seconds()) < 600
    database.close()
