"""A backup holds everything, and comes back whole or not at all."""

import gzip
import shutil

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot.services import audit, backup, outbox, people
from bot.services.backup import BackupFailed
from bot.store.db import Database
from bot.store.tables import ActiveDay, Citizen, Conversation, Outbound, PublishedPicture
from tests.databases import POSTGRES, drop_postgres_database, new_postgres_database, sqlite_at
from tests.factories import TUESDAY_TEN, talk_of

BODY = {"text": "chào bác “Đặng” 🌾", "buttons": [{"title": "Tiếp", "payload": "/next_step"}], "image": None, "quick": False}


def fill(database, count: int = 3) -> None:
    with database.write() as session:
        for n in range(count):
            talk = talk_of(session, f"sender-{n:04d}-0123456", consent=("learning", "reminders"))
            outbox.enqueue(session, talk, f"x:{n}", "reminder", BODY, TUESDAY_TEN)
        session.add(PublishedPicture(sha256="ab" * 32, media_type="image/png", data=b"\x89PNG\x00\xff", created_at=TUESDAY_TEN))
        session.add(ActiveDay(day=TUESDAY_TEN.date(), conversation_id="web:x", channel="web", commune=None))
        session.execute(text("INSERT INTO rasa_trackers (sender_id, events, updated_at) VALUES ('web:x', '[]', 1.5)"))
        session.execute(text("INSERT INTO leases (job, holder, until) VALUES ('poll', 'somebody', '2026-01-01 00:00:00+00')"))


def counted(database) -> dict[str, int]:
    with database.read() as session:
        return {table.name: session.execute(select(func.count()).select_from(table)).scalar_one() for table in backup._every_table()}


def content(database) -> list:
    with database.read() as session:
        rows = session.scalars(select(Outbound).order_by(Outbound.id)).all()
        picture = session.scalars(select(PublishedPicture)).one()
        days = [(r.day, r.conversation_id) for r in session.scalars(select(ActiveDay).order_by(ActiveDay.conversation_id))]
        return [*[(r.id, r.cause, r.body["text"], r.next_try_at, r.state) for r in rows], picture.data, *days]


@pytest.fixture(params=[False, True], ids=["native", "portable"])
def portable(request):
    if not request.param and not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed")
    return request.param


def test_what_was_there_comes_back_and_what_came_since_is_gone(database, tmp_path, portable):
    fill(database)
    before, rows = counted(database), content(database)
    how = backup.save(database, tmp_path / "b", portable)
    assert how == "our own dump" if portable else how in ("copy of SQLite", "pg_dump")
    with database.write() as session:
        session.execute(text("DELETE FROM outbox"))
        session.execute(text("DELETE FROM pictures"))
        talk_of(session, "sender-new-0123456", consent=("learning",))
    backup.load(database, tmp_path / "b", replace=True)
    assert content(database) == rows
    assert counted(database) == {**before, "leases": 0}  # of the moment, and in the way of who starts now


def test_new_rows_count_on_behind_the_restored(database, tmp_path, portable):
    fill(database)
    backup.save(database, tmp_path / "b", portable)
    backup.load(database, tmp_path / "b", replace=True)
    with database.write() as session:
        talk = talk_of(session, "sender-new-0123456", consent=("learning",))
        assert outbox.enqueue(session, talk, "x:new", "reply", BODY, TUESDAY_TEN) > 3
        assert session.scalar(select(func.count()).select_from(Citizen)) == 4


def test_the_log_of_staff_comes_back_whole_and_still_only_grows(database, tmp_path, portable):
    with database.write() as session:
        for n in range(3):
            audit.note(session, None, "máy", "exported", f"bảng {n}", TUESDAY_TEN, rows=n)
    backup.save(database, tmp_path / "b", portable)
    with database.write() as session:
        audit.note(session, None, "máy", "exported", "sau đó", TUESDAY_TEN)
    backup.load(database, tmp_path / "b", replace=True)
    with database.read() as session:
        assert [row.about for row in audit.listed(session)] == ["bảng 2", "bảng 1", "bảng 0"]
        assert audit.first_broken(session) is None
    for statement in ("UPDATE audit_log SET login = 'x'", "DELETE FROM audit_log"):
        with pytest.raises(DBAPIError), database.write() as session:
            session.execute(text(statement))


def test_over_living_conversations_only_when_told_so(database, tmp_path):
    fill(database)
    backup.save(database, tmp_path / "b")
    with pytest.raises(BackupFailed, match="--replace"):
        backup.load(database, tmp_path / "b")


def test_a_portable_backup_moves_between_the_two_databases(tmp_path):
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set: no PostgreSQL to test on")
    here = sqlite_at(tmp_path / "here.db")
    fill(here)
    backup.save(here, tmp_path / "b", portable=True)
    url, admin = new_postgres_database()
    there = Database(url)
    try:
        assert backup.load(there, tmp_path / "b") == "our own dump"
        assert content(there) == content(here)
        backup.save(there, tmp_path / "c", portable=True)
        again = Database(f"sqlite:///{tmp_path}/again.db")
        backup.load(again, tmp_path / "c")
        assert content(again) == content(here)
        again.close()
    finally:
        there.close()
        here.close()
        drop_postgres_database(url, admin)


@pytest.mark.parametrize("harm", ["cut", "garbage", "newer", "foreign", "flipped"])
def test_a_damaged_backup_changes_nothing(database, tmp_path, harm):
    fill(database)
    file = tmp_path / "b"
    backup.save(database, file, portable=True)
    whole = gzip.decompress(file.read_bytes())
    file.write_bytes({
        "cut": gzip.compress(whole[:len(whole) // 2].rsplit(b"\n", 1)[0]), "garbage": b"\x1f\x8bnot gzip at all", "foreign": b"hello",
        "newer": gzip.compress(whole.replace(b'"version": "00', b'"version": "99', 1)), "flipped": file.read_bytes()[:-60] + b"\0" * 60}[harm])
    before = content(database)
    with pytest.raises(BackupFailed):
        backup.load(database, file, replace=True)
    assert content(database) == before


def test_a_damaged_copy_of_sqlite_changes_nothing(tmp_path):
    database = sqlite_at(tmp_path / "t.db")
    fill(database)
    backup.save(database, tmp_path / "b")
    raw = bytearray((tmp_path / "b").read_bytes())
    raw[4096:20000] = b"\xaa" * (20000 - 4096)
    (tmp_path / "b").write_bytes(raw)
    with pytest.raises(BackupFailed, match="nothing was changed"):
        backup.load(database, tmp_path / "b", replace=True)
    assert len(content(database)) == 5
    database.close()


def test_the_file_is_for_its_owner_only_and_whole_or_not_there(database, tmp_path, monkeypatch):
    fill(database)
    backup.save(database, tmp_path / "b")
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    before = (tmp_path / "b").read_bytes()
    monkeypatch.setattr(backup, "_dump", lambda *_: (_ for _ in ()).throw(BackupFailed("disk full")))
    with pytest.raises(BackupFailed):
        backup.save(database, tmp_path / "b", portable=True)
    assert (tmp_path / "b").read_bytes() == before and [p.name for p in tmp_path.glob("*.part")] == []


def test_the_persons_consent_survives(database, tmp_path, portable):
    fill(database)
    backup.save(database, tmp_path / "b", portable)
    backup.load(database, tmp_path / "b", replace=True)
    with database.read() as session:
        talk = session.scalars(select(Conversation).order_by(Conversation.id)).first()
        assert people.consents(session, talk.citizen_id) == {"learning", "reminders"}
