"""Craft villages, offices and links of posters through the whole bot; an office's contacts become known while it runs."""

from datetime import datetime, timedelta, timezone

import pytest

from bot import places
from bot.clock import local
from bot.services import communes
from bot.services.staff import Who
from bot.store.db import Database
from tests.served import Served, wait_for

pytestmark = pytest.mark.served
NAME = "Phường Hoa Lư"
CODE = places.code_of(NAME)
WHO = Who(None, "quantri", "Quản trị", "administrator", (), "", "")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    found = Served(tmp_path_factory.mktemp("places")).start()
    yield found
    found.stop()


def test_open_data_in_words_and_by_button(bot):
    citizen = bot.citizen()
    for asked, said in (("làng La Xuyên làm nghề gì", "chạm khắc gỗ"), ("lang nghe theu o dau", "Phú Nhai")):
        citizen.say(asked)
        assert said in citizen.read() and "Đối chiếu ngày 29/11/2026" in citizen.read()
    citizen.say("các làng nghề ở Ý Yên")
    assert "Khớp với câu hỏi" in citizen.read()
    citizen.tap("Tống Xá")
    assert "đúc đồng" in citizen.read()
    citizen.say("làm giấy khai sinh cần giấy tờ gì")
    assert "khai sinh" in citizen.read().lower() and "làng" not in citizen.read().lower()


def test_contacts_and_a_new_name_without_a_restart(bot):
    citizen = bot.citizen()
    citizen.say("địa chỉ ubnd phường Hoa Lư ở đâu")
    assert "chưa có địa chỉ" in citizen.read()
    database = Database(bot.environment["DATABASE_URL"])
    now = datetime.now(timezone.utc)
    form = communes.Form("Phường Cố Đô Mới", address="Số 1 đường Một", source="Trang của phường",
                         checked_on=(local(now) - timedelta(days=1)).date().isoformat())
    with database.write() as session:
        communes.save(session, WHO, CODE, form, now)
    database.close()

    def known() -> bool:
        citizen.say("địa chỉ ubnd phường Cố Đô Mới ở đâu")
        return "Số 1 đường Một" in citizen.read()

    wait_for(known, bot.logs)
    citizen.say("địa chỉ ubnd phường Hoa Lư ở đâu")
    assert "Phường Hoa Lư nay thuộc Phường Cố Đô Mới" in citizen.read() and "Nguồn: Trang của phường" in citizen.read()


def test_an_opened_link_is_counted_by_day_and_channel(bot):
    other = places.code_of("Xã Vũ Dương")
    for _ in range(2):
        bot.citizen()._send(start=f"x-{other}")
    bot.citizen()._send(start="c-gia-danh-cong-an")
    bot.citizen()._send(start="c-khong-co")
    assert bot.query("SELECT start, channel, count FROM link_opened ORDER BY start") == [("c-gia-danh-cong-an", "web", 1), (f"x-{other}", "web", 2)]
