"""The command line knows the communes that staff added, renamed or merged a moment ago, and the courses of the studio."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from bot import app as application
from bot import cli, places
from bot.app import App
from bot.config import Settings
from bot.errors import BotError, Refusal
from bot.services import communes
from bot.services.communes import Form
from bot.store.tables import CourseVersion, Staff
from tests.factories import TUESDAY_TEN, FrozenClock
from tests.unit.services.test_communes import CODE, FULL, NAME, WHO

NEW = "Xã Bến Mới"


@pytest.fixture(autouse=True)
def as_shipped():
    yield
    places.know(places.shipped())


@pytest.fixture
def run(database, monkeypatch):
    """`bot …` on a database where another process has just added, renamed and merged units; (exit code, what it printed, the error)."""
    with database.write() as session:
        communes.add(session, WHO, "99001", Form(NEW), TUESDAY_TEN)
        communes.save(session, WHO, CODE, replace(FULL, name="Phường Cố Đô"), TUESDAY_TEN)
        communes.merge(session, WHO, places.code_of("Xã Vũ Dương"), "99001", TUESDAY_TEN)
    app = App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    monkeypatch.setattr(application, "app", lambda: app)

    def go(*arguments, typed=""):
        done = CliRunner().invoke(cli.cli, list(arguments), input=typed)
        return done.exit_code, done.output, done.exception

    return go


def test_a_code_is_drawn_for_a_new_unit_and_none_for_one_that_is_gone(run, tmp_path):
    code, said, _ = run("qr", "--commune", "99001", "--channel", "web", "--out", str(tmp_path / "q.png"))
    assert code == 0 and said.endswith("/?xa=99001\n") and len(said.splitlines()) == 1
    gone = next(u["code"] for u in places.shipped() if u["name"] == "Xã Vũ Dương")
    code, _, error = run("qr", "--commune", gone, "--channel", "web")
    assert code == 1 and isinstance(error, BotError) and gone in str(error)


def test_a_code_is_drawn_for_a_course_that_was_published_in_the_studio(run, database, tmp_path):
    with database.write() as session:
        session.add(CourseVersion(slug="ao-ca-mua-ret", sha256="x", document={}, origin="studio", published_at=TUESDAY_TEN, live=True))
    code, said, _ = run("qr", "--course", "ao-ca-mua-ret", "--channel", "web", "--out", str(tmp_path / "q.png"))
    assert code == 0 and said.endswith("/?khoa=ao-ca-mua-ret\n")
    code, _, error = run("qr", "--course", "ao-ca", "--channel", "web")
    assert code == 1 and "there is no course ao-ca" in str(error)


def test_staff_are_bound_to_units_by_the_names_of_this_moment(run, database):
    code, _, error = run("staff", "add", "canbo", "--name", "Cán bộ Xã", "--role", "officer", "--commune", NEW, "--commune", "Phường Cố Đô",
                         typed="một mật khẩu thật dài 2026\n")
    assert (code, error) == (0, None)
    with database.read() as session:
        assert session.query(Staff).one().communes == [NEW, "Phường Cố Đô"]
    for gone in (NAME, "Xã Vũ Dương", "Xã Không Có"):
        code, _, error = run("staff", "add", "khac", "--name", "Người khác", "--role", "officer", "--commune", gone, typed="một mật khẩu thật dài 2026\n")
        assert code == 1 and isinstance(error, BotError) and gone in str(error)
    with database.read() as session:
        assert session.query(Staff).count() == 1


def test_two_processes_cannot_give_one_name_to_two_units(run, database):
    assert NEW not in places.listed()  # this process has not read the list since
    with database.write() as session, pytest.raises(Refusal):
        communes.add(session, WHO, "99002", Form(NEW), TUESDAY_TEN)
