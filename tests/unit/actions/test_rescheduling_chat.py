"""Reminders in the chat: another time for one, hours that are not sure, lunar days, on again after a stop, all of them away."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from actions import account, news, progress, reminders, talk
from bot.language import times
from bot.services import inbox, outbox, people, remind
from bot.store.tables import Outbound, Reminder
from tests.factories import KEY, TUESDAY_TEN, incoming, talk_of
from tests.unit.actions.test_learning_view import Chat


class ReminderChat(Chat):
    """Keeps the newest buttons in the conversation as the gateway does."""

    def do(self, act, text: str = "", value: str = "") -> str:
        said = super().do(act, text, value)
        self.talk.offered = [{"title": t, "payload": p} for r in self.last for t, p in r.buttons]
        self.session.flush()
        return said

    def set(self, said: str, about: str = "") -> str:
        self.slots |= {"reminder_when": said, "reminder_about": about}
        return self.do(reminders.set_reminder)

    def change(self, text: str) -> str:
        return self.do(reminders.snooze_reminder, text)

    @property
    def all(self) -> list[str]:
        """The reminders that are on, "uống thuốc 25/11 06:00"."""
        found = self.session.scalars(select(Reminder).where(Reminder.state == "on").order_by(Reminder.id))
        return [f"{r.about} {r.next_due_at.astimezone(times.ZONE):%d/%m %H:%M}" + (f" {times.say_rule(r.rule)}" if r.rule else "") for r in found]


@pytest.fixture
def chat(app):
    with app.database.write() as session:
        yield ReminderChat(app, session, talk_of(session, consent=("learning", "reminders")))


@pytest.fixture
def stranger(app, chat):
    """Somebody who has consented to nothing."""
    return ReminderChat(app, chat.session, talk_of(chat.session, "somebody-new-01234"))


@pytest.mark.parametrize(("said", "change", "after"), [
    ("thứ hai hàng tuần 7h", "đổi thành thứ ba", ["họp tổ 01/12 07:00 7 giờ mỗi thứ ba"]),
    ("thứ hai hàng tuần 7h", "doi sang thu ba", ["họp tổ 01/12 07:00 7 giờ mỗi thứ ba"]),
    ("mỗi tối 8 giờ", "thôi đổi thành 7 rưỡi tối", ["họp tổ 24/11 19:30 19 giờ 30 tối mỗi ngày"]),
    ("thứ sáu 8h", "đổi giờ nhắc họp sang 9 giờ", ["họp tổ 27/11 09:00"]),
    ("sáng mai 6h", "doi thanh 5 gio", ["họp tổ 25/11 05:00"]), ("tối nay 8h", "dời sang mai", ["họp tổ 25/11 20:00"]),
    ("thứ sáu 8h", "lùi 1 tiếng", ["họp tổ 27/11 09:00"]),
])
def test_the_one_just_set_is_changed_and_no_second_one_made(chat, said, change, after):
    chat.set(said, "họp tổ")
    number = chat.session.scalars(select(Reminder.id)).one()
    text = chat.change(change)
    assert "Đã đổi" in text and "họp tổ" in text and chat.all == after
    assert chat.session.scalars(select(Reminder.id)).all() == [number] and chat.titles == ["Hủy lời nhắc này"]


def test_with_several_the_newest_on_the_screen_or_the_one_named_is_meant(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    chat.set("thứ sáu 8h", "đi họp tổ")
    chat.change("đổi sang 9 giờ")
    assert chat.all == ["uống thuốc 25/11 06:00", "đi họp tổ 27/11 09:00"]
    chat.change("đổi giờ nhắc uống thuốc sang 7 giờ sáng")
    assert chat.all == ["uống thuốc 25/11 07:00", "đi họp tổ 27/11 09:00"]
    chat.talk.offered = []
    chat.change("đổi nhắc từ thứ sáu sang thứ bảy")
    assert chat.all == ["uống thuốc 25/11 07:00", "đi họp tổ 28/11 09:00"]


def test_it_asks_which_where_that_is_open(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    chat.set("thứ sáu 8h", "đi họp tổ")
    chat.talk.offered = []
    assert "Bạn muốn đổi lời nhắc nào?" in chat.change("đổi sang 9 giờ")
    assert chat.titles == ["1. uống thuốc", "2. đi họp tổ"]
    assert "9 giờ sáng thứ sáu 27/11/2026, nhắc “đi họp tổ”" in chat.tap(reminders.snooze_reminder, "2.")
    assert chat.all == ["uống thuốc 25/11 06:00", "đi họp tổ 27/11 09:00"]
    assert "lời nhắc nào" in chat.change("đổi giờ nhắc tưới cây sang 9 giờ") and chat.all == ["uống thuốc 25/11 06:00", "đi họp tổ 27/11 09:00"]


def test_without_a_time_it_asks_for_one(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    assert "Bạn muốn đổi sang lúc nào?" in chat.change("đổi giờ nhắc") and chat.all == ["uống thuốc 25/11 06:00"]


@pytest.mark.parametrize("text", ["đổi sang thứ ba", "doi gio nhac hop sang 9 gio", "đổi giờ nhắc"])
def test_without_a_reminder_it_says_so(chat, stranger, text):
    for one in (chat, stranger):
        assert "chưa có lời nhắc nào để đổi" in one.change(text)


def test_a_time_that_is_over_changes_nothing(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    assert "đã qua rồi" in chat.change("đổi sang 1/1/2020") and chat.all == ["uống thuốc 25/11 06:00"]


def test_a_lunar_day_is_refused_with_the_reason(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    assert "âm lịch" in chat.change("đổi giờ nhắc sang rằm tháng giêng") and chat.all == ["uống thuốc 25/11 06:00"]
    assert "âm lịch" in chat.change("đổi sang mùng 1 tết")
    assert "âm lịch" in chat.set("mồng 5 tháng chạp") and chat.all == ["uống thuốc 25/11 06:00"]
    assert "âm lịch" in chat.do(reminders.ask_reminder_when, "nhắc tôi mồng 5 tháng chạp đi giỗ cụ")
    assert "âm lịch" not in chat.do(reminders.ask_reminder_when, "nhắc tôi đi giỗ cụ")


def test_what_waits_for_consent_is_asked_again_with_the_new_time(stranger):
    assert "7 giờ mỗi thứ hai" in stranger.set("thứ hai hàng tuần 7h", "đi họp tổ")
    assert "Tôi hiểu là: 7 giờ mỗi thứ ba" in stranger.change("đổi thành thứ ba") and stranger.titles == ["Đồng ý", "Không"]
    stranger.tap(account.consent_give, "Đồng ý")
    assert stranger.all == ["đi họp tổ 01/12 07:00 7 giờ mỗi thứ ba"]


def queued(chat) -> list[str]:
    return list(chat.session.scalars(select(Outbound.body["text"].as_string()).where(Outbound.state == "due").order_by(Outbound.id)))


def test_what_is_queued_for_the_old_time_is_taken_back_and_the_new_one_told_once(chat):
    chat.set("mỗi ngày lúc 20h", "uống thuốc")
    chat.clock.at = TUESDAY_TEN.replace(hour=20)
    remind.plan(chat.session, chat.clock())
    assert len(queued(chat)) == 1
    assert "Đã đổi" in chat.change("đổi thành 21 giờ") and queued(chat) == []
    for hour in (20, 21, 22):
        chat.clock.at = TUESDAY_TEN.replace(hour=hour, minute=1)
        remind.plan(chat.session, chat.clock())
    assert len(queued(chat)) == 1 and chat.all == ["uống thuốc 25/11 21:00 21 giờ tối mỗi ngày"]


@pytest.mark.parametrize(("text", "told"), [("đổi lời nhắc sang chủ nhật tuần này", ["29/11", "07/12"]), ("đổi lời nhắc sang 2/12", ["02/12", "07/12"])])
def test_of_a_recurrence_one_time_may_move_and_is_told_once(chat, text, told):
    chat.set("thứ hai hàng tuần 7h", "họp tổ")
    assert "Các lần sau vẫn 7 giờ mỗi thứ hai" in chat.change(text)
    days = []
    for day in range(1, 14):
        chat.clock.at = TUESDAY_TEN + timedelta(days=day)
        if remind.plan(chat.session, chat.clock()):
            days.append(f"{chat.clock.at:%d/%m}")
    assert days == told


def test_one_that_has_just_come_is_put_off_as_before(chat):
    chat.set("mỗi ngày lúc 20h", "uống thuốc")
    chat.clock.at = TUESDAY_TEN.replace(hour=20)
    remind.plan(chat.session, chat.clock())
    assert "tôi nhắc lại lúc 20 giờ 10" in chat.change("hoãn 10 phút")
    assert chat.all == ["uống thuốc 25/11 20:00 20 giờ tối mỗi ngày", "uống thuốc 24/11 20:10"]


def test_one_that_came_once_is_put_off_with_words_of_change_too(chat):
    chat.set("20h tối nay", "uống thuốc")
    chat.clock.at = TUESDAY_TEN.replace(hour=20)
    remind.plan(chat.session, chat.clock())
    assert "tôi nhắc lại lúc 21 giờ" in chat.change("đổi sang 9 giờ tối") and chat.all == ["uống thuốc 24/11 21:00"]


def test_of_one_that_has_just_come_and_one_to_come_it_asks_which(chat):
    chat.set("thứ sáu 8h", "đi họp tổ")
    chat.set("20h tối nay", "uống thuốc")
    chat.clock.at = TUESDAY_TEN.replace(hour=20)
    remind.plan(chat.session, chat.clock())
    chat.talk.offered = []
    assert "1. vừa nhắc: uống thuốc" in chat.change("đổi sang 9 giờ tối") and chat.titles == ["1. uống thuốc", "2. đi họp tổ"]
    chat.tap(reminders.snooze_reminder, "1.")
    assert chat.all == ["đi họp tổ 27/11 08:00", "uống thuốc 24/11 21:00"]


def test_a_strangers_button_changes_nothing(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    number = chat.session.scalars(select(Reminder.id)).one()
    chat.talk = talk_of(chat.session, "somebody-else-0123", consent=("reminders",))
    assert "chưa có lời nhắc nào" in chat.do(reminders.snooze_reminder, value=f"change:{number}|9 giờ|new")
    assert chat.all == ["uống thuốc 25/11 06:00"]


def test_an_hour_that_is_not_sure_is_said_to_be_and_the_other_is_one_button_away(chat):
    text = chat.set("mai 7h toi di hop", "di hop")
    assert "19 giờ tối mai" in text and "chưa rõ sáng hay tối" in text and "Tôi tự chọn giờ vì bạn chưa nói giờ" not in text
    assert chat.titles == ["Hủy lời nhắc này", "Đổi sang 7 giờ sáng"]
    assert "7 giờ sáng mai" in chat.tap(reminders.snooze_reminder, "Đổi sang") and chat.all == ["di hop 25/11 07:00"]
    assert "chưa rõ" not in chat.set("sang mai 6h toi uong thuoc", "uong thuoc")


def test_reminders_are_switched_on_again_after_a_stop(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    assert "Đã dừng" in chat.do(news.unsubscribe, "đừng nhắn cho tôi nữa")
    assert "Bạn đồng ý không" in chat.change("bật lại nhắc") and chat.titles == ["Đồng ý", "Không"]
    assert "reminders" not in people.consents(chat.session, chat.talk.citizen_id)
    assert "Tôi nhắc bạn được rồi" in chat.tap(account.consent_give, "Đồng ý")
    assert "reminders" in people.consents(chat.session, chat.talk.citizen_id)
    assert "Đã đặt" in chat.set("sáng mai 6h", "uống thuốc")
    assert "vẫn nhắc" in chat.change("nhắc lại cho tôi như trước") and "uống thuốc" in "\n".join(r.text for r in chat.last)


def test_a_yes_or_no_in_words_answers_that_question(chat):
    chat.do(news.unsubscribe, "đừng nhắn cho tôi nữa")
    chat.change("bật lại lời nhắc")
    chat.do(talk.deny, "không")
    assert "reminders" not in people.consents(chat.session, chat.talk.citizen_id)
    chat.change("bật lại lời nhắc")
    assert "Tôi nhắc bạn được rồi" in chat.do(talk.affirm, "đồng ý")
    assert "reminders" in people.consents(chat.session, chat.talk.citizen_id)


def test_why_we_wrote_is_answered_in_words(chat):
    assert "không tự nhắn gì" in chat.do(progress.choose_nudge, "sao máy lại nhắn cho tôi")
    chat.set("mỗi ngày lúc 20h", "uống thuốc")
    chat.clock.at = TUESDAY_TEN.replace(hour=20)
    remind.plan(chat.session, chat.clock())
    assert "bạn đã nhờ tôi nhắc “uống thuốc”" in chat.do(progress.choose_nudge, "sao máy lại nhắn cho tôi")
    body = {"text": "Tin xã", "buttons": [], "image": None, "quick": False}
    outbox.enqueue(chat.session, chat.talk, "nudge:x", "news", body, chat.clock())
    assert "bạn đã đồng ý nhận tin" in chat.do(progress.choose_nudge, "vì sao tôi nhận tin này")
    chat.clock.forward(days=8)
    assert "không tự nhắn gì" in chat.do(progress.choose_nudge, "vì sao tôi nhận tin này")


def typed(chat, text: str) -> str | None:
    return inbox.read(KEY, chat.talk, text)[1]


@pytest.mark.parametrize("text", ["xóa hết", "huy het di"])
def test_all_away_below_the_list_means_the_reminders(chat, text):
    chat.set("sáng mai 6h", "uống thuốc")
    chat.set("thứ sáu 8h", "đi họp tổ")
    chat.do(reminders.list_reminders)
    assert chat.titles == ["Hủy bớt lời nhắc"]
    assert typed(chat, text) == '/cancel_reminder{"value": "clear"}'
    assert "hủy hết 2 lời nhắc" in chat.do(reminders.cancel_reminder, value="clear") and chat.titles == ["Hủy tất cả", "Giữ lại", "Xóa dữ liệu của tôi"]
    assert typed(chat, text) == '/cancel_reminder{"value": "all"}'
    assert "giữ nguyên" in chat.do(reminders.cancel_reminder, value="keep") and len(chat.all) == 2
    assert typed(chat, text) is None
    assert "Đã hủy 2 lời nhắc" in chat.do(reminders.cancel_reminder, value="all") and chat.all == []


def test_what_names_the_data_is_not_taken_for_reminders(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    chat.do(reminders.list_reminders)
    assert typed(chat, "xóa hết dữ liệu của tôi") is None


@pytest.mark.parametrize(("text", "left"), [
    ("à thôi bà không họp nữa, bỏ cái nhắc họp đi", ["uống thuốc 25/11 06:00"]), ("huy loi nhac uong thuoc", ["đi họp tổ 27/11 08:00"]),
    ("hủy cái vừa đặt", ["uống thuốc 25/11 06:00"]), ("hủy lời nhắc", ["uống thuốc 25/11 06:00", "đi họp tổ 27/11 08:00"]),
    ("bỏ nhắc uống thuốc với nhắc họp", ["uống thuốc 25/11 06:00", "đi họp tổ 27/11 08:00"]), ("hủy hết", []),
])
def test_the_one_that_is_named_is_cancelled(chat, text, left):
    chat.set("sáng mai 6h", "uống thuốc")
    chat.clock.forward(minutes=1)
    chat.set("thứ sáu 8h", "đi họp tổ")
    chat.do(reminders.cancel_reminder, text)
    assert chat.all == left


@pytest.mark.parametrize(("text", "left"), [("bỏ cái nhắc 6 giờ sáng", ["đi họp tổ 27/11 08:00"]), ("xoa nhac thu sau", ["uống thuốc 25/11 06:00"]),
                                            ("bỏ nhắc 5 giờ chiều", ["uống thuốc 25/11 06:00", "đi họp tổ 27/11 08:00"])])
def test_a_time_names_one_too(chat, text, left):
    chat.set("sáng mai 6h", "uống thuốc")
    chat.set("thứ sáu 8h", "đi họp tổ")
    chat.do(reminders.cancel_reminder, text)
    assert chat.all == left


def test_a_reminder_named_by_its_subject_alone_is_changed_wherever_the_words_arrive(chat):
    chat.set("thứ sáu 8h", "đi họp tổ")
    chat.set("sáng mai 6h", "uống thuốc")
    assert "Đã đổi" in chat.set("dời họp tổ sang thứ năm", "dời họp tổ sang")
    assert "Đã đổi" in chat.change("chuyển uống thuốc sang 7 giờ sáng")
    assert chat.all == ["đi họp tổ 26/11 08:00", "uống thuốc 25/11 07:00"]
    assert "Đã đặt" in chat.set("chiều mai 3h chuyển gạo sang nhà bà", "chuyển gạo sang nhà bà") and len(chat.all) == 3


def test_the_message_of_the_gateway_is_read_against_the_list(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    chat.do(reminders.list_reminders)
    stored = inbox.store(chat.session, KEY, incoming(text="xóa hết"), chat.clock())
    assert stored.new


class Tracker:
    """A tracker as Rasa sends it to the form."""

    def __init__(self, text: str, intent: str, **slots: str):
        self.latest_message, self.slots = {"text": text, "intent": {"name": intent}}, slots
        self.said: list[str] = []

    def get_slot(self, name: str) -> str | None:
        return self.slots.get(name)

    def utter_message(self, text: str) -> None:
        self.said.append(text)


def slots_after(tracker: Tracker) -> dict:
    events = asyncio.run(reminders.ValidateReminderForm().run(tracker, tracker, {}))
    return {e["name"]: e["value"] for e in events if e["event"] == "slot"} if all(e["event"] == "slot" for e in events) else {}


@pytest.mark.parametrize("intent", ["set_reminder", "out_of_scope", "ask_procedure", "nlu_fallback"])
def test_a_lunar_day_in_the_middle_of_the_form_keeps_it_open_and_what_it_is_about(monkeypatch, app, intent):
    monkeypatch.setattr(reminders, "app", lambda: app)
    tracker = Tracker("mồng 5 tháng chạp", intent, requested_slot="reminder_when", reminder_about="đi giỗ cụ")
    after = slots_after(tracker)
    assert after["requested_slot"] == "reminder_when" and after.get("reminder_about", "đi giỗ cụ") == "đi giỗ cụ" and tracker.said == []


def test_the_day_that_follows_keeps_what_it_is_about(monkeypatch, app):
    monkeypatch.setattr(reminders, "app", lambda: app)
    after = slots_after(Tracker("12/1/2027 7h sáng", "set_reminder", requested_slot="reminder_when", reminder_about="đi giỗ cụ"))
    assert after == {"reminder_when": "12/1/2027 7h sáng", "reminder_about": "đi giỗ cụ", "requested_slot": None}
    assert slots_after(Tracker("nhắc tôi sau 2 phút", "set_reminder", reminder_about="chuyện cũ"))["reminder_about"] == ""


@pytest.mark.parametrize("text", ["trợ cấp tết cần giấy tờ gì", "thủ tục hỗ trợ tết cho hộ nghèo?"])
def test_a_question_beside_it_leaves_the_form(monkeypatch, app, text):
    monkeypatch.setattr(reminders, "app", lambda: app)
    assert slots_after(Tracker(text, "ask_procedure", requested_slot="reminder_when")) == {}


def test_settings_that_name_a_reminder_change_it(chat):
    chat.set("sáng mai 6h", "uống thuốc")
    assert "Đã đổi" in chat.do(account.change_settings, "chuyển uống thuốc sang 8 giờ sáng") and chat.all == ["uống thuốc 25/11 08:00"]
    assert "Chữ to" in chat.do(account.change_settings, "đổi sang tiếng Anh")
