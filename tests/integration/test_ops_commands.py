"""bot backup, restore and letters as whoever runs the server types them."""

import json
import os
import subprocess
import sys

import pytest
from sqlalchemy import text

from bot.services import outbox
from bot.store.tables import Outbound
from tests.databases import sqlite_at
from tests.factories import ROOT, TUESDAY_TEN, talk_of

SECRET = "chuyện riêng của bác Tám"


@pytest.fixture
def database(tmp_path):
    """With a dead message."""
    made = sqlite_at(tmp_path / "bot.db")
    with made.write() as session:
        outbox.enqueue(session, talk_of(session, "77", "telegram"), "reminder:1:x", "reminder", {"text": SECRET, "buttons": []}, TUESDAY_TEN, address="77")
        row = session.query(Outbound).one()
        row.state, row.error = "dead", "unreachable"
    yield made
    made.close()


@pytest.fixture
def bot(database):
    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-m", "bot", *arguments], cwd=ROOT, capture_output=True, text=True,
                              env={**os.environ, "DATABASE_URL": database.url})

    return run


def test_letters_are_listed_shown_and_replayed_without_their_words(bot, database):
    listed = bot("letters", "list", "--jsonl")
    (letter,) = map(json.loads, listed.stdout.splitlines())
    assert (letter["name"], letter["error"]) == ("out:1", "unreachable")
    shown = bot("letters", "show", "out:1")
    assert json.loads(shown.stdout)["characters"] == len(SECRET)
    assert SECRET not in listed.stdout + shown.stdout + bot("letters", "list").stdout
    assert bot("letters", "replay", "out:1").stdout == "1 of 1 message(s) will be tried again\n"
    with database.read() as session:
        assert session.query(Outbound).one().state == "due"
    assert bot("letters", "list").stdout == ""


@pytest.mark.parametrize(("arguments", "code", "why"), [
    (["letters", "show", "out:99"], 1, "bot: there is no message out:99\n"), (["letters", "show", "99"], 1, "is not the name of a message"),
    (["letters", "replay"], 2, "give names of messages"), (["letters", "replay", "out:1", "--all"], 2, "give names of messages"),
    (["restore", "no-such-file"], 2, "does not exist")])
def test_what_is_wrong_is_one_sentence(bot, arguments, code, why):
    done = bot(*arguments)
    assert (done.returncode, why in done.stderr, "Traceback" in done.stderr) == (code, True, False)


def test_a_backup_comes_back(bot, database, tmp_path):
    file = tmp_path / "backup"
    assert bot("backup", str(file)).stdout.startswith(f"{file}: ")
    with database.write() as session:
        session.execute(text("DELETE FROM outbox"))
    refused = bot("restore", str(file))
    assert refused.returncode == 1 and "--replace" in refused.stderr
    assert bot("restore", str(file), "--replace").returncode == 0
    with database.read() as session:
        assert session.query(Outbound).one().body["text"] == SECRET
