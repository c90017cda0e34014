"""What waits for whom, and the one message an hour about it: who gets it, when, how often, and how it is stopped."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services import inbox, outbox, people, tasks
from bot.services.staff import Who
from bot.services.tickets import desk, told
from bot.store.tables import CorrectiveAction, MessageSent, Outbound, Staff, Ticket
from tests.factories import KEY, incoming, talk_of
from tests.factories import TUESDAY_TEN as NOW

HOA_LU, VU_DUONG = "Phường Hoa Lư", "Xã Vũ Dương"
URL = "https://congdanso.example/"
LATER = NOW + timedelta(minutes=1)


class House:
    """Staff and what waits."""

    def __init__(self, database):
        self.database, self.number = database, 0

    def person(self, login, role="officer", communes=(), phone=True, **more) -> Who:
        with self.database.write() as session:
            talk = talk_of(session, f"phone-of-{login}-0123456", channel="telegram") if phone else None
            if talk is not None:
                talk.address = f"phone-of-{login}"
            row = Staff(login=login, name=login.title(), password_hash="x", role=role, communes=list(communes), created_at=NOW,
                        conversation_id=talk.id if talk else None, **more)
            session.add(row)
            session.flush()
            return Who(row.id, login, row.name, role, tuple(communes), "", "")

    def ticket(self, commune=HOA_LU, at=NOW, due=timedelta(days=5), text="Ổ gà sâu trước cổng trường", **more) -> int:
        self.number += 1
        with self.database.write() as session:
            row = Ticket(number=f"PA-{self.number}", category="roads", text=text, commune=commune, channel="web", created_at=at, due_at=at + due,
                         **{"state": "new", **more})
            session.add(row)
            session.flush()
            told.happened(session, row, "sent", "", None, at)
            return row.id

    def action(self, about, owner=None, at=NOW, state="open") -> None:
        with self.database.write() as session:
            session.add(CorrectiveAction(kind="low", about=about, subject="x", unclosed=f"rating:{about}", state=state, before={},
                                         owner_id=owner.id if owner else None, due_on=at.date(), opened_at=at))

    def waiting(self, who, now=LATER) -> tasks.Waiting:
        with self.database.read() as session:
            return tasks.waiting(session, who, now)

    def tell(self, now=LATER) -> int:
        with self.database.write() as session:
            return tasks.tell(session, URL, now)

    def queued(self) -> list[tuple[str, str]]:
        with self.database.read() as session:
            rows = session.execute(select(Staff.login, Outbound.body).join(Staff, Staff.conversation_id == Outbound.conversation_id)
                                   .where(Outbound.kind == tasks.MESSAGE).order_by(Outbound.id))
            return [(login, body["text"]) for login, body in rows]


@pytest.fixture
def house(database):
    return House(database)


class TestWaiting:
    def test_reports_of_their_communes_each_once(self, house):
        one, other = house.person("can.bo", communes=(HOA_LU,)), house.person("khac", communes=(VU_DUONG,))
        everywhere, author = house.person("ca.tinh"), house.person("soan", role="author")
        house.ticket()
        house.ticket(assigned_to=one.id, state="assigned")
        house.ticket(assigned_to=one.id, state="assigned", due=-timedelta(hours=1))
        house.ticket(assigned_to=one.id, state="asked_back")
        house.ticket(assigned_to=everywhere.id, state="assigned")
        house.ticket(VU_DUONG, state="answered")
        house.ticket(None)
        assert house.waiting(one) == tasks.Waiting(new=1, mine=2, late=1, tickets=3)
        assert house.waiting(other) == tasks.Waiting()
        assert house.waiting(everywhere) == tasks.Waiting(new=2, mine=1, late=1, tickets=4)
        assert house.waiting(author) == tasks.Waiting()

    def test_actions_wait_for_their_owner_else_for_whoever_can_see_to_them(self, house):
        author, officer = house.person("soan", role="author"), house.person("can.bo", communes=(HOA_LU,))
        chief, viewer = house.person("quan.tri", role="administrator"), house.person("xem", role="viewer")
        house.action("procedure:1")
        house.action("course:a", owner=author)
        house.action("course:b", owner=officer)
        house.action("course:c", state="done")
        house.action(f"tickets:{HOA_LU}")
        house.action(f"tickets:{VU_DUONG}")
        assert [house.waiting(who).actions for who in (author, officer, chief, viewer)] == [2, 2, 3, 0]


class TestMessages:
    def test_one_message_with_counts_and_no_citizens_words(self, house):
        house.person("can.bo", communes=(HOA_LU,))
        house.person("khac", communes=(VU_DUONG,))
        house.ticket()
        house.ticket(due=-timedelta(hours=1))
        assert (house.tell(), house.tell()) == (1, 0)
        [(login, text)] = house.queued()
        assert login == "can.bo" and "2 phản ánh chưa ai nhận" in text and "1 phản ánh quá hạn" in text and "giao cho bạn" not in text
        assert "Ổ gà" not in text and "PA-" not in text and "https://congdanso.example/admin/phan-anh" in text and "ngừng báo việc" in text

    def test_at_most_one_an_hour_and_only_for_something_new(self, house):
        house.person("can.bo")
        house.ticket()
        assert house.tell() == 1
        house.ticket(at=NOW + timedelta(minutes=20))
        minutes = (21, 40, 60, 62, 63, 90, 130, 200)
        assert [house.tell(NOW + timedelta(minutes=n)) for n in minutes] == [0, 0, 0, 1, 0, 0, 0, 0]
        house.ticket(at=NOW + timedelta(minutes=300))
        assert house.tell(NOW + timedelta(minutes=301)) == 1

    def test_many_workers_send_one(self, house):
        house.person("can.bo")
        house.ticket()
        with house.database.write() as session:
            assert tasks.tell(session, URL, LATER) == 1
        with house.database.write() as session:  # one who looked before the other had committed
            session.execute(Staff.__table__.update().values(tasks_told_to=None))
            assert tasks.tell(session, URL, LATER) == 0
        assert len(house.queued()) == 1

    def test_workers_at_the_same_moment_send_one_to_each(self, house):
        for login in ("can.bo", "khac"):
            house.person(login)
        house.ticket()
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(lambda _: house.tell(), range(4))) == 2
        assert sorted(login for login, _ in house.queued()) == ["can.bo", "khac"]

    def test_what_just_came_is_told_at_the_next_tick(self, house):
        house.person("can.bo")
        house.ticket()
        assert [house.tell(NOW + timedelta(seconds=n)) for n in (5, 15)] == [0, 1]

    def test_becoming_overdue_being_assigned_and_the_citizens_answer_are_new(self, house):
        one, chief = house.person("can.bo", communes=(HOA_LU,)), house.person("quan.tri", role="administrator", phone=False)
        ident = house.ticket(due=timedelta(hours=9))
        assert house.tell() == 1
        with house.database.write() as session:
            desk.assign(session, one, ident, one.id, NOW + timedelta(hours=2))
        assert house.tell(NOW + timedelta(hours=3)) == 0  # they took it themselves
        with house.database.write() as session:
            desk.assign(session, chief, ident, one.id, NOW + timedelta(hours=4))
        assert house.tell(NOW + timedelta(hours=5)) == 1
        assert house.tell(NOW + timedelta(hours=8)) == 0
        assert house.tell(NOW + timedelta(hours=9, minutes=5)) == 1
        assert "1 phản ánh giao cho bạn\n• 1 phản ánh quá hạn" in house.queued()[-1][1]
        assert house.tell(NOW + timedelta(hours=10, minutes=30)) == 0

    def test_an_action_is_told_to_its_owner_with_its_page(self, house):
        one = house.person("soan", role="author")
        house.person("khac", role="author")
        house.action("procedure:1", owner=one)
        assert house.tell() == 1
        [(login, text)] = house.queued()
        assert login == "soan" and "1 việc khắc phục" in text and "/admin/chat-luong/khac-phuc" in text

    def test_nothing_at_night_and_all_of_it_in_the_morning(self, house):
        house.person("can.bo")
        night = NOW.replace(hour=23)
        house.ticket(at=night)
        assert [house.tell(night + timedelta(hours=n)) for n in (0.1, 3, 7.9, 8.1)] == [0, 0, 0, 1]

    def test_a_message_that_waits_is_not_sent_at_night(self, house):
        house.person("can.bo")
        house.ticket()
        house.tell()
        with house.database.write() as session:
            assert outbox.claim(session, ["telegram"], NOW.replace(hour=22)) == []
            [row] = outbox.claim(session, ["telegram"], NOW + timedelta(hours=1))
            outbox.sent(session, row.id, "9", NOW + timedelta(hours=1))
            assert session.query(MessageSent).count() == 0  # no figure is about it

    @pytest.mark.parametrize("changed", [{"active": False}, {"tasks_wanted": False}, {"phone": False}])
    def test_nobody_is_told_who_left_does_not_want_it_or_has_no_phone(self, house, changed):
        house.person("can.bo", **changed)
        house.ticket()
        assert house.tell() == 0

    def test_a_phone_that_closed_or_was_erased_gets_nothing(self, house):
        who = house.person("can.bo")
        house.ticket()
        with house.database.write() as session:
            people.forget(session, session.get_one(Staff, who.id).conversation_id)
        assert house.tell() == 0


class TestStopping:
    @pytest.mark.parametrize(("text", "stops"), [
        ("ngừng báo việc", True), ("Ngung bao viec!", True), ("dừng báo việc đi", True), ("tôi muốn thôi nhận báo việc", True), ("dừng", False),
        ("ngừng việc", False), ("báo việc", False), ("ngừng báo việc này là thế nào", False), ("ngừng báo việc " * 20, False)])
    def test_the_words(self, text, stops):
        assert tasks.stop_in(text) is stops

    def test_the_words_stop_it_on_that_phone_and_a_setting_brings_it_back(self, house):
        who, other = house.person("can.bo"), house.person("khac")
        house.ticket()
        with house.database.write() as session:
            stored = inbox.store(session, KEY, incoming("s1", "ngừng báo việc", "phone-of-can.bo-0123456", "telegram"), NOW)
            assert not stored.new and "Đã ngừng báo việc" in session.scalars(select(Outbound.body).where(Outbound.kind == "notice")).one()["text"]
        assert house.tell() == 1 and house.queued()[0][0] == "khac"
        with house.database.write() as session:
            assert (tasks.wanted(session, who), tasks.wanted(session, other)) == (False, True)
            tasks.choose(session, who, True, NOW + timedelta(hours=2))
        assert house.tell(NOW + timedelta(hours=3)) == 0  # what is old is not news
        house.ticket(at=NOW + timedelta(hours=4))
        assert house.tell(NOW + timedelta(hours=5)) == 2

    def test_a_citizens_same_words_are_a_message_like_any_other(self, house):
        with house.database.write() as session:
            assert inbox.store(session, KEY, incoming("c1", "ngừng báo việc"), NOW).new
