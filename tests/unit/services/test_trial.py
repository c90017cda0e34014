"""One's own phone for trying lessons out: linked by a code typed to the bot, sent to once a minute, gone with the conversation."""

import pytest
from sqlalchemy import func, select

from bot.errors import Refusal
from bot.learning import preview
from bot.learning.asking import Say
from bot.learning.items.base import Picture
from bot.messages import Incoming
from bot.services import inbox, linking, outbox, people, retention, staff, trial
from bot.services.staff import Who
from bot.store import tables
from bot.store.tables import Button, Conversation, Inbound, Outbound, PhoneCode, Staff
from bot.wording import say
from tests.factories import KEY, TUESDAY_TEN, FrozenClock, talk_of
from tests.small_course import small

PAGES = (Say("Thẻ một"), Say("Câu hỏi một"))
COUNTED = (tables.Enrolment, tables.Attempt, tables.Review, tables.ReviewCard, tables.MessageSent, tables.ActiveDay, tables.Asked, tables.Reminder)


class House:
    """A database with one author, and chats in which things are typed."""

    def __init__(self, database):
        self.database, self.clock, self.ids = database, FrozenClock(), 0
        self.who = self.add("lan")

    def add(self, login: str) -> Who:
        with self.database.write() as session:
            row = staff.add(session, login, "Lan", "con trâu đi trước cái cày", "author", (), self.clock())
            return Who(row.id, row.login, row.name, row.role, (), "", "", False)

    def code(self, who: Who | None = None) -> str:
        with self.database.write() as session:
            return trial.begin(session, KEY, who or self.who, self.clock())

    def type(self, text: str, address: str = "7", channel: str = "telegram") -> inbox.Stored:
        self.ids += 1
        with self.database.write() as session:
            return inbox.store(session, KEY, Incoming(channel, str(self.ids), address, text), self.clock())

    def linked(self, who: Who | None = None) -> str | None:
        with self.database.read() as session:
            return session.get_one(Staff, (who or self.who).id).conversation_id

    def link(self, channel: str = "telegram", address: str = "7") -> str:
        return self.type(self.code(), address, channel).conversation_id

    def talk(self, ident: str) -> Conversation | None:
        with self.database.read() as session:
            return session.get(Conversation, ident)

    def send(self, pages=PAGES, title: str = "Ai đang gọi", url: str = "") -> int:
        with self.database.write() as session:
            return trial.send(session, self.who, title, pages, url, self.clock())

    def queued(self, kind: str = trial.KIND, state: str = "due") -> list[Outbound]:
        with self.database.read() as session:
            return list(session.scalars(select(Outbound).where(Outbound.kind == kind, Outbound.state == state).order_by(Outbound.id)))

    def count(self, table) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table))


@pytest.fixture
def house(database):
    return House(database)


class TestLinking:
    def test_the_code_typed_in_a_chat_makes_it_the_staff_members(self, house):
        stored = house.type(house.code())
        assert (house.linked(), stored.new) == (stored.conversation_id, False)
        assert [row.body["text"] for row in house.queued("notice")] == [say("trial_linked")]
        assert house.talk(stored.conversation_id).address == "7"

    @pytest.mark.parametrize("way", ["{}", " {}. ", "mã: {}", "Ma {}"])
    @pytest.mark.parametrize("form", [str, str.lower, lambda c: c.replace("-", ""), lambda c: c.replace("-", " ")])
    def test_it_may_be_typed_as_people_do(self, house, way, form):
        house.type(way.format(form(house.code())))
        assert house.linked() is not None

    def test_nothing_of_it_is_written_down(self, house):
        code = house.code()
        with house.database.read() as session:
            (row,) = session.scalars(select(PhoneCode))
            assert row.code_hash == trial.hashed(KEY, code.replace("-", "")) and len(row.code_hash) == 64
        house.type(code)
        with house.database.read() as session:
            (row,) = session.scalars(select(Inbound))
            assert (row.state, row.text, row.payload) == ("done", None, None)
            assert session.scalars(select(PhoneCode)).all() == []

    def test_a_second_delivery_of_the_same_message_does_nothing_more(self, house):
        code = house.code()
        first = house.type(code)
        house.ids -= 1
        again = house.type(code)
        assert (again.inbox_id, again.new) == (first.inbox_id, False)
        with house.database.read() as session:
            assert [row.text for row in session.scalars(select(Inbound))] == [None]
        assert len(house.queued("notice")) == 1

    @pytest.mark.parametrize("text", ["BCDF-2345", "xin chào", "BCDF-234", "BCDF-23456", "mã của tôi là BCDF-2345 nhé"])
    def test_what_is_no_code_of_anybody_is_a_message_like_any_other(self, house, text):
        house.code()
        stored = house.type(text)
        assert stored.new and house.linked() is None and house.queued("notice") == []

    def test_after_ten_minutes_it_is_one(self, house):
        code = house.code()
        house.clock.forward(minutes=10)
        assert house.type(code).new and house.linked() is None

    def test_it_is_good_once_and_a_newer_one_makes_it_void(self, house):
        old, new = house.code(), house.code()
        assert house.type(old, "8").new
        house.type(new, "9")
        assert house.type(new, "10").new
        with house.database.read() as session:
            assert house.linked() == people.conversation(session, KEY, "telegram", "9", house.clock()).id

    def test_who_may_not_come_in_any_more_links_nothing(self, house):
        code = house.code()
        with house.database.write() as session:
            session.get_one(Staff, house.who.id).active = False
        assert house.type(code).new and house.linked() is None

    def test_a_question_that_is_open_stays_open(self, house):
        with house.database.write() as session:
            talk = talk_of(session, "7", "telegram", house.clock(), consent=("learning",))
            talk.offered, talk.awaiting = [{"title": "Có", "payload": "/affirm"}], "learner"
        ident = house.link()
        talk = house.talk(ident)
        assert (talk.awaiting, talk.offered) == ("learner", [{"title": "Có", "payload": "/affirm"}])

    def test_codes_for_joining_channels_are_others(self, house):
        assert linking.code_in(house.code()) is None and trial.code_in(linking.new_code()) is None

    def test_codes_that_nobody_typed_go(self, house):
        house.code()
        with house.database.write() as session:
            assert trial.clean(session, house.clock()) == 0
            assert retention.link_codes(session, house.clock.forward(minutes=11)) == 1
        assert house.count(PhoneCode) == 0


class TestUnlinking:
    def unlink(self, house) -> None:
        with house.database.write() as session:
            trial.unlink(session, house.who)

    def test_by_its_own_button_the_address_goes_too(self, house):
        ident = house.link()
        self.unlink(house)
        assert (house.linked(), house.talk(ident).address) == (None, None)

    def test_a_citizens_address_stays_with_their_consent(self, house):
        with house.database.write() as session:
            talk_of(session, "7", "telegram", house.clock(), consent=("learning",))
        ident = house.link()
        self.unlink(house)
        assert (house.linked(), house.talk(ident).address) == (None, "7")

    def test_two_of_the_staff_may_share_a_phone(self, house):
        other = house.add("hoa")
        ident = house.link()
        house.type(house.code(other))
        self.unlink(house)
        assert (house.linked(), house.linked(other), house.talk(ident).address) == (None, ident, "7")

    def test_another_phone_takes_its_place(self, house):
        old = house.link()
        new = house.link("zalo_oa", "8")
        assert old != new == house.linked() and house.talk(old).address is None

    def test_erasing_the_conversation_unlinks_it(self, house):
        ident = house.link()
        with house.database.write() as session:
            people.forget(session, ident)
        assert (house.linked(), house.talk(ident)) == (None, None)

    def test_erasing_a_person_unlinks_their_other_channels(self, house):
        with house.database.write() as session:
            talk = talk_of(session, "7", "telegram", house.clock(), consent=("learning",))
            web = talk_of(session, channel="web", now=house.clock())
            web.citizen_id = talk.citizen_id
        house.link()
        with house.database.write() as session:
            people.erase(session, talk_of(session, channel="web", now=house.clock()), house.clock())
        assert house.linked() is None

    def test_blocking_the_bot_unlinks_it(self, house):
        ident = house.link()
        with house.database.write() as session:
            assert people.close(session, session.get_one(Conversation, ident), house.clock.forward(minutes=1), house.clock())
        assert house.linked() is None

    def test_a_chat_that_gets_a_new_address_stays_linked(self, house):
        ident = house.link()
        with house.database.write() as session:
            new = people.move(session, KEY, session.get_one(Conversation, ident), "77", house.clock()).id
        assert new != ident and house.linked() == new and house.talk(new).address == "77"

    def test_a_linked_chat_without_consent_is_not_cleaned_away(self, house):
        ident = house.link()
        other = house.type("xin chào", "9").conversation_id
        house.clock.forward(days=3)
        with house.database.write() as session:
            retention.idle(session, house.clock())
        assert house.talk(ident) is not None and house.talk(other) is None
        self.unlink(house)
        with house.database.write() as session:
            retention.idle(session, house.clock())
        assert house.talk(ident) is None

    def test_who_asks_what_is_stored_about_them_hears_of_it(self, house):
        ident = house.link()
        with house.database.read() as session:
            assert people.known_about(session, session.get_one(Conversation, ident))["trial"] == 1
        self.unlink(house)
        with house.database.read() as session:
            assert people.known_about(session, session.get_one(Conversation, ident))["trial"] == 0


class TestSending:
    def test_a_head_and_then_every_page_in_order_to_that_phone(self, house):
        ident = house.link()
        assert house.send() == 3
        rows = house.queued()
        assert [row.body["text"] for row in rows] == [say("trial_head", title="Ai đang gọi"), "Thẻ một", "Câu hỏi một"]
        assert {(row.conversation_id, row.channel, row.address, row.priority) for row in rows} == {(ident, "telegram", "7", 0)}
        assert all(row.body["buttons"] == [] for row in rows) and "không ghi điểm" in rows[0].body["text"]

    def test_it_counts_nowhere_and_leaves_no_button(self, house):
        house.link()
        before = [house.count(table) for table in COUNTED]
        house.send(preview.pages(preview.playable(small()).course, 0))
        with house.database.write() as session:
            rows = outbox.claim(session, ["telegram"], house.clock())
            assert [row.kind for row in rows].count(trial.KIND) == 5
            for row in rows:
                outbox.sent(session, row.id, "m", house.clock())
        assert [house.count(table) for table in COUNTED] == before
        assert house.count(Button) == 0

    def test_typed_choices_still_mean_what_stood_there_before(self, house):
        ident = house.link()
        with house.database.write() as session:
            session.get_one(Conversation, ident).offered = [{"title": "Học", "payload": "/list_courses", "numbered": True}]
        house.send()
        assert house.talk(ident).offered == [{"title": "Học", "payload": "/list_courses", "numbered": True}]

    def test_once_a_minute(self, house):
        house.link()
        house.send()
        house.clock.forward(seconds=59)
        with pytest.raises(Refusal, match="Mỗi phút"):
            house.send()
        house.clock.forward(seconds=1)
        assert house.send() == 3

    def test_what_still_waits_of_the_time_before_is_not_sent(self, house):
        house.link()
        house.send((Say("cũ"),))
        house.clock.forward(minutes=2)
        house.send((Say("mới"),))
        assert [row.body["text"] for row in house.queued()][1:] == ["mới"]
        assert [(row.body["text"], row.error) for row in house.queued(state="dead")][1:] == [("cũ", "superseded")]

    def test_what_zalo_holds_back_comes_whole_once_the_person_writes(self, house):
        ident = house.link("zalo_oa", "8")
        house.send()
        with house.database.write() as session:
            for row in session.scalars(select(Outbound).where(Outbound.kind == trial.KIND)):
                outbox.hold(session, row)
        house.clock.forward(minutes=5)
        with house.database.write() as session:
            outbox.release(session, session.get_one(Conversation, ident), house.clock())
        assert len(house.queued()) == 3 and house.queued()[1].body["text"].endswith("Thẻ một")

    def test_at_night_too_for_somebody_has_just_pressed(self, house):
        house.clock.at = TUESDAY_TEN.replace(hour=23)
        house.link()
        house.link("web", "sender-one-0123456")
        house.send()
        with house.database.read() as session:
            ident = house.linked()
            assert [row.kind for row in outbox.for_stream(session, [ident], house.clock())].count(trial.KIND) == 3

    def test_the_web_chat_gets_it_on_its_stream(self, house):
        ident = house.link("web", "sender-one-0123456")
        house.send()
        with house.database.read() as session:
            assert [row.body["text"] for row in outbox.for_stream(session, [ident], house.clock()) if row.kind == trial.KIND][1] == "Thẻ một"

    @pytest.mark.parametrize("why, words", [("nobody", "Chưa gắn máy nào"), ("no address", "gắn lại"), ("nothing", "chưa có thẻ")])
    def test_refusals(self, house, why, words):
        if why != "nobody":
            ident = house.link()
        if why == "no address":
            with house.database.write() as session:
                session.get_one(Conversation, ident).address = None
        with pytest.raises(Refusal, match=words):
            house.send(() if why == "nothing" else PAGES)
        assert house.queued() == []

    def test_a_picture_goes_along_once_it_is_uploaded(self, house):
        house.link()
        picture = Picture(file="mot-hinh", alt="Một màn hình có nút đỏ.", sha="a" * 64)
        with house.database.write() as session:
            session.add(tables.PublishedPicture(sha256="a" * 64, media_type="image/png", data=b"png", created_at=house.clock()))
        house.send((Say("Có hình", (), picture), Say("Chưa có", (), picture.model_copy(update={"sha": ""}))), url="https://x.example/")
        assert [(row.body["image"], row.body["alt"]) for row in house.queued()] == [
            (None, None), (f"https://x.example/pictures/{'a' * 64}.png", picture.alt), (None, picture.alt)]

    def test_nobody_else_gets_it(self, house):
        other = house.add("hoa")
        house.type(house.code(other), "9")
        with pytest.raises(Refusal):
            house.send()
        assert house.queued() == []
