"""Open tables in the database: shipped ones at the start, staff's by two people, what the chat reads afterwards."""

from datetime import timedelta

import pytest

from bot.errors import Refusal
from bot.opendata.model import BadTable
from bot.services import opendata
from bot.services.opendata import SHIPPED, OpenTables
from bot.services.staff import Who
from bot.store.tables import Staff
from tests.factories import TUESDAY_TEN as NOW

SLUG = "lang-nghe"
CSV, YML = (SHIPPED / f"{SLUG}.csv").read_text(), (SHIPPED / f"{SLUG}.yml").read_text()


def files(folder, checked="2026-11-29", heading="Làng"):
    folder.mkdir(exist_ok=True)
    (folder / f"{SLUG}.csv").write_text(CSV)
    (folder / f"{SLUG}.yml").write_text(YML.replace("2026-11-29", checked).replace("heading: Làng}", f"heading: {heading}}}"))
    return folder


def person(session, login, role="approver") -> Who:
    row = Staff(login=login, name=login, password_hash="x", role=role, communes=[], active=True, created_at=NOW, failures=0)
    session.add(row)
    session.flush()
    return Who(row.id, login, login, role, (), "", "")


def states(database):
    with database.read() as session:
        return [(v.number, v.origin, v.state) for v in reversed(opendata.listed(session))]


def upload(session, who, csv=CSV, yml=YML, at=NOW):
    return opendata.upload(session, who, yml.encode(), csv.encode(), at)


def less(csv=CSV):
    """The table without its last row."""
    return csv.rstrip("\n").rpartition("\n")[0] + "\n"


def test_shipped_tables_are_published_once_and_a_newer_release_takes_over(database, tmp_path):
    for _ in range(2):
        with database.write() as session:
            opendata.publish_shipped(session, SHIPPED, NOW)
    assert states(database) == [(1, "files", "live")]
    with database.write() as session:
        assert opendata.publish_shipped(session, files(tmp_path / "new", heading="Tên làng"), NOW) == 1
    assert states(database) == [(1, "files", "past"), (2, "files", "live")]


@pytest.mark.parametrize(("checked", "taken"), [("2026-11-20", False), ("2026-11-24", False), ("2027-01-15", True)])
def test_what_staff_published_stays_unless_the_file_was_checked_later(database, tmp_path, checked, taken):
    with database.write() as session:
        author, approver = person(session, "a.soan", "author"), person(session, "b.duyet")
        row = upload(session, author, less(), YML.replace("2026-11-29", "2026-11-10"))
        opendata.publish(session, approver, row.id, NOW)
    with database.write() as session:
        assert opendata.publish_shipped(session, files(tmp_path / "f", checked), NOW + timedelta(days=1)) == int(taken)


def test_what_staff_took_out_stays_out(database):
    with database.write() as session:
        opendata.publish_shipped(session, SHIPPED, NOW)
        opendata.end(session, person(session, "b.duyet"), opendata.listed(session)[0].id, NOW)
    with database.write() as session:
        assert opendata.publish_shipped(session, SHIPPED, NOW) == 0
    assert states(database) == [(1, "files", "withdrawn")]


def test_nobody_publishes_what_they_uploaded_and_older_versions_come_back(database):
    with database.write() as session:
        opendata.publish_shipped(session, SHIPPED, NOW)
        one, other = person(session, "a.duyet"), person(session, "b.duyet")
        row = upload(session, one, less())
        with pytest.raises(Refusal, match="người khác duyệt"):
            opendata.publish(session, one, row.id, NOW)
        opendata.publish(session, other, row.id, NOW)
        with pytest.raises(Refusal, match="đang được dùng"):
            opendata.publish(session, other, row.id, NOW)
    assert states(database) == [(1, "files", "past"), (2, "staff", "live")]
    with database.write() as session:
        opendata.publish(session, other, opendata.listed(session)[1].id, NOW)
    assert states(database) == [(1, "files", "live"), (2, "staff", "past")]


def test_the_same_table_twice_a_bad_one_and_an_unknown_one_are_refused(database):
    with database.write() as session:
        who = person(session, "a.soan", "author")
        row = upload(session, who)
        with pytest.raises(Refusal, match="giống hệt"):
            upload(session, who)
        with pytest.raises(BadTable, match="dòng 10"):
            upload(session, who, CSV + "một ô\n")
        with pytest.raises(Refusal, match="lớn quá"):
            upload(session, who, CSV + "x" * opendata.MOST_BYTES)
        with pytest.raises(Refusal, match="Không có bản"):
            opendata.end(session, who, row.id + 9, NOW)
        opendata.end(session, who, row.id, NOW)
        with pytest.raises(Refusal, match="không chờ duyệt"):
            opendata.end(session, who, row.id, NOW)
    assert states(database) == [(1, "staff", "refused")]


def test_the_chat_reads_what_is_in_use_now(database):
    tables = OpenTables(database)
    assert tables.tables() == () and tables.table(SLUG) is None
    with database.write() as session:
        opendata.publish_shipped(session, SHIPPED, NOW)
        other = person(session, "b.duyet")
        row = upload(session, person(session, "a.soan", "author"), less())
    assert len(tables.table(SLUG).rows) == 8 and tables.tables() is tables.tables()
    with database.write() as session:
        opendata.publish(session, other, row.id, NOW + timedelta(hours=1))
    assert len(tables.table(SLUG).rows) == 7
    with database.write() as session:
        opendata.end(session, other, row.id, NOW + timedelta(hours=2))
    assert tables.tables() == ()
