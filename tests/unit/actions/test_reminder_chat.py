"""Reminders in the chat: counted back from a deadline, put off, explained, stopped."""

import pytest
from sqlalchemy import select

from actions import progress, reminders
from bot.app import App
from bot.config import Settings
from bot.language import times
from bot.services import inbox, remind, revise
from bot.store.tables import Learner, Outbound, Reminder
from tests.databases import sqlite_at
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat


@pytest.fixture
def chat(tmp_path):
    """A chat with consent to learning and reminders."""
    database = sqlite_at(tmp_path / "bot.db")
    app = App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    with database.write() as session:
        yield Chat(app, session, talk_of(session, consent=("learning", "reminders")))
    database.close()


def arranged(chat, said: str, about: str = "") -> str:
    chat.slots = {"reminder_when": said, "reminder_about": about}
    return chat.do(reminders.set_reminder)


def only(chat) -> Reminder:
    return chat.session.scalars(select(Reminder)).one()


@pytest.mark.parametrize(("said", "about", "at", "kept"), [
    ("hạn nộp thuế là 15/12, nhắc tôi trước hạn 3 ngày", "hạn nộp thuế", "08:00 12/12/2026", "hạn nộp thuế (hạn 15/12/2026)"),
    ("20/12, trước hạn 3 ngày", "nộp thuế trước hạn 3 ngày", "08:00 17/12/2026", "nộp thuế (hạn 20/12/2026)"),
    ("20/12, trước 1 tuần", "", "08:00 13/12/2026", "việc bạn dặn (hạn 20/12/2026)"),
])
def test_a_deadline_is_reminded_of_so_long_before(chat, said, about, at, kept):
    text = arranged(chat, said, about)
    assert "Đã đặt" in text and kept in text
    assert f"{times.ZONE.fromutc(only(chat).next_due_at.replace(tzinfo=times.ZONE)):%H:%M %d/%m/%Y}" == at
    assert only(chat).about == kept


def test_a_deadline_too_near_is_said_and_nothing_is_set(chat):
    assert "đã qua rồi, hạn là" in arranged(chat, "mai hết hạn, nhắc trước 3 ngày")
    assert chat.session.scalars(select(Reminder)).all() == []


def test_without_a_date_it_asks_for_the_deadline(chat):
    chat.slots = {"reminder_about": "nộp thuế trước hạn 3 ngày"}
    assert "Hạn là ngày nào" in chat.do(reminders.ask_reminder_when)
    assert reminders.counted_back("15/12", "nộp thuế trước hạn 3 ngày") == "15/12, trước hạn 3 ngày"
    assert reminders.counted_back("15/12", "nộp thuế") == "15/12"
    chat.slots = {"reminder_about": "nộp thuế"}
    assert "Hạn là" not in chat.do(reminders.ask_reminder_when)


def delivered(chat, said: str, about: str = "uống thuốc") -> Outbound:
    """Sets a reminder and moves on to its time; the message it became."""
    arranged(chat, said, about)
    chat.clock.at = only(chat).next_due_at
    assert remind.plan(chat.session, chat.clock()) == 1
    return chat.session.scalars(select(Outbound)).one()


def test_a_reminder_has_its_buttons_and_each_does_what_it_says(chat):
    row = delivered(chat, "mỗi ngày lúc 20h")
    assert [b["title"] for b in row.body["buttons"]] == ["Nhắc lại sau 10 phút", "Sau 1 tiếng", "Giờ này ngày mai", "Đừng nhắc nữa", "Vì sao tôi nhận tin này?"]
    pressed = {b["title"]: inbox.offered_payload(chat.talk.offered, b["title"]).partition('{"value": "')[2].removesuffix('"}') for b in row.body["buttons"]}
    for title, minutes in [("Nhắc lại sau 10 phút", 10), ("Sau 1 tiếng", 60), ("Giờ này ngày mai", 24 * 60)]:
        assert "tôi nhắc lại lúc" in chat.do(reminders.snooze_reminder, value=pressed[title])
        again = chat.session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
        assert round((again.next_due_at - chat.clock()).total_seconds() / 60) == minutes and again.rule is None
    why = chat.do(progress.choose_nudge, value=pressed["Vì sao tôi nhận tin này?"])
    assert "bạn đã nhờ tôi nhắc “uống thuốc” (20 giờ tối mỗi ngày), đặt lúc 10:00 24/11/2026" in why
    assert "Đã hủy" in chat.do(reminders.cancel_reminder, value=pressed["Đừng nhắc nữa"])
    assert inbox.offered_payload(chat.talk.offered, "dừng") is not None


def test_a_single_reminder_explains_itself_and_has_nothing_to_stop(chat):
    row = delivered(chat, "sau 2 phút")
    assert "Đừng nhắc nữa" not in [b["title"] for b in row.body["buttons"]]
    payload = inbox.offered_payload(chat.talk.offered, "vì sao tôi nhận tin này")
    assert "chỉ đến một lần" in chat.do(progress.choose_nudge, value=payload.partition('{"value": "')[2].removesuffix('"}'))


@pytest.mark.parametrize(("words", "minutes"), [("nhắc lại sau 1 tiếng", 60), ("nhac lai sau 15 phut", 15), ("lát nữa nhắc lại", 10), ("mai nhắc lại", None)])
def test_it_is_put_off_in_words(chat, words, minutes):
    delivered(chat, "sau 2 phút")
    chat.do(reminders.snooze_reminder, words)
    again = chat.session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
    if minutes is None:
        assert f"{again.next_due_at.astimezone(times.ZONE):%d/%m %H:%M}" == "25/11 08:00"
    else:
        assert round((again.next_due_at - chat.clock()).total_seconds() / 60) == minutes


def test_why_a_stranger_gets_nothing(chat):
    delivered(chat, "sau 2 phút")
    number = only(chat).id
    chat.talk = talk_of(chat.session, "somebody-else-0123", consent=("reminders",))
    assert chat.do(progress.choose_nudge, value=f"why-reminder|{number}") == "Bạn chưa có lời nhắc nào."


def test_nudges_explain_themselves_by_kind(chat):
    learner = chat.session.scalars(select(Learner)).first()
    revise.choose_hour(chat.session, learner.id, 12)
    assert "câu đến hạn ôn" in chat.do(progress.choose_nudge, value=f"why|{learner.id}")
    assert "3 ngày chưa mở lại" in chat.do(progress.choose_nudge, value=f"why-course|{learner.id}")
    assert "không nhắc ôn tập" in chat.do(progress.choose_nudge, value=f"none|{learner.id}")
    assert learner.nudge_hour is None


def test_a_late_one_waits_for_the_morning_and_says_so(chat):
    arranged(chat, "tối nay 20 giờ", "uống thuốc")
    chat.clock.at = TUESDAY_TEN.replace(hour=23)
    remind.plan(chat.session, chat.clock())
    row = chat.session.scalars(select(Outbound)).one()
    assert "Tôi nhắc muộn, đúng ra là 20 giờ" in row.body["text"]
    assert f"{row.next_try_at.astimezone(times.ZONE):%d/%m %H:%M}" == "25/11 07:00"


@pytest.mark.parametrize(("text", "hour", "about"), [
    ("nhac sang mai 6h toi uong thuoc nhe", 6, "uong thuoc"), ("nhắc tôi chiều mai 3 giờ đi họp", 15, "đi họp")])
def test_a_new_one_taken_for_a_putting_off_is_set_when_there_is_none_to_put_off(chat, text, hour, about):
    assert "Đã đặt" in chat.do(reminders.snooze_reminder, text=text)
    assert (times.ZONE.fromutc(only(chat).next_due_at.replace(tzinfo=times.ZONE)).hour, only(chat).about) == (hour, about)


def test_a_mere_putting_off_sets_nothing(chat):
    for text in ("nhắc lại sau 10 phút", "lát nữa nhắc lại", "để tối"):
        assert "Không có lời nhắc nào vừa rồi" in chat.do(reminders.snooze_reminder, text=text)
    assert chat.session.scalars(select(Reminder)).all() == []
