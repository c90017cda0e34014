"""Links and QR codes lead where they say, on paper and in the terminal, and only to what there is."""

import io
from types import SimpleNamespace

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image

from bot import app as application
from bot import cli, config
from bot.channels.telegram_events import DEEP_LINK
from bot.config import Settings
from bot.services import invitations
from bot.services.inbox import start_payload
from bot.services.invitations import NoLink
from bot.store.db import Database
from tests.factories import ROOT

COURSES = ROOT / "courses"


def settings(**given):
    return Settings(_env_file=None, **given)


@pytest.mark.parametrize("slug", sorted(p.stem for p in COURSES.glob("*.yml") if p.stem != "unverified"))
def test_every_course_has_a_link_that_both_ends_understand(slug):
    start = invitations.start_of(COURSES, slug, None)
    assert len(start) <= 64 and DEEP_LINK.fullmatch(start) and start_payload(start)
    assert invitations.link(settings(telegram_name="@ninhbinh_bot"), start, "telegram") == f"https://t.me/ninhbinh_bot?start=c-{slug}"


@pytest.mark.parametrize(("course", "commune"), [("khong-co", None), ("../domain", None), (None, "1"), (None, "00001"), (None, "")])
def test_what_is_not_there_has_no_link(course, commune):
    with pytest.raises(NoLink):
        invitations.start_of(COURSES, course, commune)


def test_the_link_of_the_web_chat_is_the_public_address():
    assert invitations.link(settings(public_url="https://tro-ly.vn/"), "x-13285", "web") == "https://tro-ly.vn/?xa=13285"
    assert invitations.link(settings(public_url="https://tro-ly.vn"), "c-a-b", "web") == "https://tro-ly.vn/?khoa=a-b"


def test_telegram_needs_the_bot_s_name():
    with pytest.raises(NoLink, match="TELEGRAM_NAME"):
        invitations.link(settings(), "x-13285", "telegram")


def test_the_code_is_read_back_even_when_a_tenth_of_it_is_torn_off():
    address = "https://t.me/ninhbinh_bot?start=c-gia-danh-cong-an"
    picture = Image.open(io.BytesIO(invitations.png(address))).convert("L")
    assert [b.text for b in zxingcpp.read_barcodes(picture)] == [address]
    side = picture.width
    picture.paste(255, (int(side * 0.5), int(side * 0.5), int(side * 0.72), int(side * 0.72)))
    assert [b.text for b in zxingcpp.read_barcodes(picture)] == [address]


@pytest.fixture
def run(monkeypatch):
    """`bot …` with these settings; (exit code, what it printed)."""

    def go(*arguments, **given):
        monkeypatch.setattr(config, "settings", lambda: settings(**given))
        monkeypatch.setattr(application, "app", lambda: SimpleNamespace(database=Database("sqlite:////nowhere/at/all/bot.db")))
        result = CliRunner().invoke(cli.cli, list(arguments))
        return result.exit_code, result.output

    return go


def test_the_command_writes_a_file_and_names_the_address(run, tmp_path):
    code, said = run("qr", "--commune", "13285", "--out", str(tmp_path / "qr.png"), telegram_name="ninhbinh_bot")
    # there is no database yet, and the command says what that means
    note, address = said.splitlines()
    assert code == 0 and "only the courses and communes that came with the program" in note and address == "https://t.me/ninhbinh_bot?start=x-13285"
    assert zxingcpp.read_barcodes(Image.open(tmp_path / "qr.png"))[0].text == address


def test_the_command_draws_in_the_terminal(run):
    code, said = run("qr", "--course", "gia-danh-cong-an")
    assert code == 0 and "█" in said and said.endswith("/?khoa=gia-danh-cong-an\n")


def test_the_channel_can_be_chosen(run, tmp_path):
    assert run("qr", "--commune", "13285", "--channel", "web", "--out", str(tmp_path / "q.png"), telegram_name="a")[1].endswith("/?xa=13285\n")


@pytest.mark.parametrize("arguments", [["qr"], ["qr", "--course", "a", "--commune", "13285"], ["qr", "--commune", "13285", "--channel", "fax"]])
def test_wrong_usage_is_exit_code_two(run, arguments):
    assert run(*arguments)[0] == 2
