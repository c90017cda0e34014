"""What a learner sees in the chat: courses, progress, certificates, who is learning, the hour for revision.

The actions are called as Rasa would, on a database, with the turn built by hand.
"""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from actions import account, certificates, learning, progress, talk
from actions._turn import Turn
from bot.app import App
from bot.config import Settings
from bot.messages import Reply
from bot.services import certificates as certifying
from bot.services import learn, learners, people, revise
from bot.services.certificates import Office
from bot.store.db import Database
from bot.store.tables import Certificate, Enrolment, Learner
from tests.databases import sqlite_at
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of
from tests.small_course import RIGHT, answer, finish, publish, small


class Chat:
    """Somebody's chat: `do` runs an action and remembers its slots and buttons; `tap` presses one of the newest buttons."""

    def __init__(self, app: App, session, talk_):
        self.app, self.session, self.talk, self.slots = app, session, talk_, {}
        self.last: list[Reply] = []
        self.clock = app.clock

    def do(self, act, text: str = "", value: str = "") -> str:
        """The texts of the replies."""
        awaiting, self.talk.awaiting = self.talk.awaiting or "", None
        turn = Turn(self.app, self.session, self.talk, text, "", value, self.slots, self.clock(), "address", awaiting)
        found = act(turn)
        self.last = [found] if isinstance(found, Reply) else list(found)
        self.session.flush()
        self.session.expire_all()
        return "\n".join(r.text for r in self.last)

    @property
    def titles(self) -> list[str]:
        return [title for reply in self.last for title, _ in reply.buttons]

    def payload(self, title: str) -> str:
        return next(p for reply in self.last for t, p in reply.buttons if t.startswith(title))

    def tap(self, act, title: str) -> str:
        """Presses the button; act: what its intent does."""
        value = self.payload(title).partition('{"value": "')[2].removesuffix('"}')
        return self.do(act, value=value)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A database with seven courses for citizens and two for staff; the second one is better taken after the first."""
    folder = tmp_path_factory.mktemp("published")
    database = sqlite_at(folder / "bot.db")
    with database.write() as session:
        publish(session, folder / "courses", *(
            small(f"khoa-{n}", title=f"Chuyện số {n}", rank=n, aliases=[f"chuyện thứ {n}"], requires=["khoa-1"] if n == 2 else []) for n in range(1, 8)),
            *(small(f"can-bo-{n}", title=f"Việc công sở {n}", group="staff", rank=n) for n in (1, 2)))
    database.close()
    return folder / "bot.db"


@pytest.fixture
def seven(published, tmp_path):
    """A chat with consent to learning, over those courses. What the services do on PostgreSQL is tested with them."""
    shutil.copy(published, tmp_path / "bot.db")
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/bot.db", public_url="https://tro-ly.example")
    database = Database(settings.database_url)
    with database.write() as session:
        yield Chat(App(settings, database, FrozenClock()), session, talk_of(session, consent=("learning",)))
    database.close()


def complete(chat: Chat, slug: str) -> Enrolment:
    enrolment, _, _ = learn.enrol(chat.session, chat.talk.learner_id, slug, chat.clock())
    return finish(chat.session, enrolment, chat.clock())


class TestList:
    def test_five_at_a_time_and_the_rest_a_button_away(self, seven):
        seven.do(learning.list_courses, "có khóa nào")
        assert seven.titles == [*(f"Học “Chuyện số {n}”" for n in range(1, 6)), "Xem thêm 2 khóa"]
        text = seven.tap(learning.list_courses, "Xem thêm")
        assert seven.titles == ["Học “Chuyện số 6”", "Học “Chuyện số 7”", "Khóa cho cán bộ"]
        assert "Chuyện số 1 " not in text

    def test_courses_for_staff_stand_behind_their_button(self, seven):
        assert "công sở" not in seven.do(learning.list_courses, "có khóa nào")
        seven.do(learning.list_courses, value="citizens:5")
        text = seven.tap(learning.list_courses, "Khóa cho cán bộ")
        assert seven.titles == ["Học “Việc công sở 1”", "Học “Việc công sở 2”"]
        assert "Chuyện số" not in text and "cán bộ" in text

    def test_completed_ones_come_last_and_are_marked(self, seven):
        complete(seven, "khoa-1")
        first = seven.do(learning.list_courses, "có khóa nào")
        assert "✅" not in first and seven.titles[0] == "Học “Chuyện số 2”"
        second = seven.tap(learning.list_courses, "Xem thêm")
        assert second.splitlines()[-1] == "• ✅ Chuyện số 1: đã hoàn thành"

    @pytest.mark.parametrize("said, staff", [
        ("khóa cho công chức", True), ("có lớp nào cho cán bộ xã không", True), ("cho vien chuc thi hoc gi", True), ("lớp cho ubnd xã", True),
        ("có khóa nào", False), ("có khóa nào về cổng dịch vụ công không", False), ("có lớp nào về công an giả không", False)])
    def test_who_works_for_the_state_is_shown_courses_of_their_own(self, seven, said, staff):
        text = seven.do(learning.list_courses, said)
        assert ("Các khóa cho cán bộ" in text, "Việc công sở" in text) == (staff, staff)

    def test_a_subject_in_the_question_leads_to_its_course(self, seven):
        assert "Khóa “Chuyện số 3”" in seven.do(learning.list_courses, "cho tôi học chuyện thứ 3")


class TestStarting:
    def test_consent_comes_first_and_the_course_right_after(self, seven):
        people.withdraw(seven.session, seven.talk, ["learning"], TUESDAY_TEN)
        seven.do(learning.start_course, value="khoa-1")
        assert seven.titles[0] and learn.open_enrolment(seven.session, seven.talk.learner_id) is None
        assert "Khóa “Chuyện số 1”" in seven.do(account.consent_give, value="learning|start:khoa-1")
        assert learn.active_enrolment(seven.session, seven.talk.learner_id).slug == "khoa-1"

    def test_what_is_better_taken_before_is_advised_and_not_forced(self, seven):
        assert "dễ hơn nếu bạn học “Chuyện số 1” trước" in seven.do(learning.start_course, value="khoa-2")
        assert seven.titles == ["Học “Chuyện số 1”", "Vẫn học khóa này"]
        assert "Khóa “Chuyện số 2”" in seven.tap(learning.start_course, "Vẫn học")

    def test_who_has_taken_it_is_not_advised(self, seven):
        complete(seven, "khoa-1")
        assert "Khóa “Chuyện số 2”" in seven.do(learning.start_course, value="khoa-2")

    def test_who_is_in_the_course_already_goes_on_where_they_were(self, seven):
        seven.do(learning.start_course, value="khoa-2|anyway")
        answer(seven.session, learn.open_enrolment(seven.session, seven.talk.learner_id))
        text = seven.do(learning.start_course, value="khoa-2")
        assert "học tiếp “Chuyện số 2”" in text and "l1q2" in text

    def test_a_completed_course_is_taken_again_only_when_they_say_so(self, seven):
        complete(seven, "khoa-1")
        assert "đã hoàn thành khóa “Chuyện số 1”" in seven.do(learning.start_course, value="khoa-1")
        assert "Khóa “Chuyện số 1”: 2 bài" in seven.do(talk.affirm, "có")
        assert [e.round for e in seven.session.scalars(select(Enrolment).order_by(Enrolment.id))] == [1, 2]


class TestLeaving:
    def test_it_asks_once(self, seven):
        seven.do(learning.start_course, value="khoa-1")
        assert "thôi hẳn khóa “Chuyện số 1”" in seven.do(learning.leave_course, "bỏ khóa này")
        assert learn.open_enrolment(seven.session, seven.talk.learner_id) is not None
        assert "Đã thôi khóa này" in seven.tap(learning.leave_course, "Thôi hẳn")
        assert learn.open_enrolment(seven.session, seven.talk.learner_id) is None

    def test_staying_keeps_everything(self, seven):
        seven.do(learning.start_course, value="khoa-1")
        seven.do(learning.leave_course, "bỏ khóa này")
        assert "giữ nguyên" in seven.tap(learning.leave_course, "Học tiếp khóa này")
        assert learn.open_enrolment(seven.session, seven.talk.learner_id).slug == "khoa-1"

    def test_pausing_keeps_the_place(self, seven):
        seven.do(learning.start_course, value="khoa-1")
        seven.do(learning.leave_course, "bỏ khóa này")
        assert seven.payload("Chỉ tạm dừng") == "/stop_lesson"
        assert "nhớ chỗ" in seven.do(learning.stop_lesson)
        assert learn.open_enrolment(seven.session, seven.talk.learner_id).slug == "khoa-1"

    def test_an_old_button_leaves_nothing_twice(self, seven):
        seven.do(learning.start_course, value="khoa-1")
        seven.do(learning.leave_course, value="khoa-1")
        assert "không đang học khóa nào" in seven.do(learning.leave_course, value="khoa-1")


class TestProgress:
    def test_nothing_yet_offers_courses(self, seven):
        assert "chưa có kết quả" in seven.do(progress.my_progress)
        assert seven.titles[0] == "Học “Chuyện số 1”"

    def test_a_bar_for_each_course_with_the_numbers_of_the_database(self, seven):
        complete(seven, "khoa-1")
        going, _, _ = learn.enrol(seven.session, seven.talk.learner_id, "khoa-3", seven.clock.forward(hours=1))
        for right in (True, False, True):
            answer(seven.session, going, right, seven.clock())
        lines = seven.do(progress.my_progress).splitlines()
        assert lines[1] == "▰▰▰▰▰▱▱▱▱▱ Chuyện số 3: xong 1/2 bài, đúng 2/4 câu (50 %). Đang học."
        assert lines[2] == "▰▰▰▰▰▰▰▰▰▰ Chuyện số 1: xong 2/2 bài, đúng 4/4 câu (100 %). Đã hoàn thành khóa ngày 24/11/2026."
        assert seven.titles == ["Học tiếp", "Chứng nhận của tôi"]

    @pytest.mark.parametrize("done, total, bar", [(0, 7, "▱" * 10), (1, 7, "▰" + "▱" * 9), (6, 7, "▰" * 8 + "▱" * 2), (7, 7, "▰" * 10), (0, 0, "▱" * 10)])
    def test_the_bar_is_full_only_at_the_end(self, done, total, bar):
        assert progress.bar(done, total) == bar

    def test_a_streak_is_told_from_two_days_on_and_a_broken_one_never(self, seven):
        going, _, _ = learn.enrol(seven.session, seven.talk.learner_id, "khoa-1", seven.clock())
        answer(seven.session, going, now=seven.clock())
        assert "ngày liền" not in seven.do(progress.my_progress)
        answer(seven.session, going, now=seven.clock.forward(days=1))
        assert "Bạn đã học 2 ngày liền." in seven.do(progress.my_progress)
        seven.clock.forward(days=2)
        told = seven.do(progress.my_progress)
        assert "ngày liền" not in told and "0 ngày" not in told

    def test_what_is_due_is_told_with_a_button_else_the_day(self, seven):
        going, _, _ = learn.enrol(seven.session, seven.talk.learner_id, "khoa-1", seven.clock())
        answer(seven.session, going, now=seven.clock())
        assert "Lần ôn tới: ngày " in seven.do(progress.my_progress) and "Ôn tập" not in seven.titles
        seven.clock.forward(days=30)
        assert "Có 1 câu đến hạn ôn" in seven.do(progress.my_progress) and "Ôn tập" in seven.titles

    def test_a_course_given_up_is_told_as_such_and_not_gone_on_with(self, seven):
        seven.do(learning.start_course, value="khoa-1")
        seven.do(learning.leave_course, value="khoa-1")
        assert seven.do(progress.my_progress).endswith("Đã thôi.") and "Học tiếp" not in seven.titles


class TestRevision:
    def test_nothing_met_yet_offers_courses(self, seven):
        assert "học một bài trước" in seven.do(progress.review_now, "ôn tập")

    def test_early_and_due_revision_are_told_apart(self, seven):
        answer(seven.session, learn.enrol(seven.session, seven.talk.learner_id, "khoa-1", seven.clock())[0])
        assert "Mình ôn sớm 1 câu" in seven.do(progress.review_now, "ôn tập")
        assert "🔁 Ôn xong" in seven.do(learning.lesson_answer, RIGHT)
        seven.clock.forward(days=60)
        assert seven.do(progress.review_now, "ôn tập").startswith("Mình ôn 1 câu nhé")


class TestNudgeHour:
    def first_lesson(self, chat: Chat) -> str:
        chat.do(learning.start_course, value="khoa-1")
        going = learn.open_enrolment(chat.session, chat.talk.learner_id)
        answer(chat.session, going)
        return chat.do(learning.lesson_answer, "OTP")

    def test_it_is_asked_once_after_the_first_lesson_and_before_the_way_on(self, seven):
        people.give_consent(seven.session, seven.talk, None, ["reminders"], TUESDAY_TEN)
        text = self.first_lesson(seven)
        assert "nhắc lúc mấy giờ" in text and "nhắc lúc mấy giờ" not in seven.last[-1].text
        assert [t for t in seven.titles if "giờ" in t] == ["7 giờ", "12 giờ", "19 giờ"]
        assert "lúc 19 giờ" in seven.tap(progress.choose_nudge, "19 giờ")
        assert seven.session.get_one(Learner, seven.talk.learner_id).nudge_hour == 19
        answer(seven.session, learn.open_enrolment(seven.session, seven.talk.learner_id))
        assert "nhắc lúc mấy giờ" not in seven.do(learning.lesson_answer, "OTP")

    def test_without_consent_to_reminders_it_is_never_asked(self, seven):
        assert "nhắc lúc mấy giờ" not in self.first_lesson(seven)

    def test_never_is_never_and_is_not_asked_again(self, seven):
        people.give_consent(seven.session, seven.talk, None, ["reminders"], TUESDAY_TEN)
        self.first_lesson(seven)
        assert "không nhắc ôn tập" in seven.tap(progress.choose_nudge, "Đừng nhắc")
        answer(seven.session, learn.open_enrolment(seven.session, seven.talk.learner_id))
        assert "nhắc lúc mấy giờ" not in seven.do(learning.lesson_answer, "OTP")

    @pytest.mark.parametrize("value", ["3", "21", "99", "x", ""])
    def test_only_the_offered_hours_are_taken(self, seven, value):
        seven.do(progress.choose_nudge, value=value)
        assert seven.session.get_one(Learner, seven.talk.learner_id).nudge_hour is None

    def test_why_says_why_and_lets_one_change_it(self, seven):
        revise.choose_hour(seven.session, seven.talk.learner_id, 12)
        assert "chọn 12 giờ" in seven.do(progress.choose_nudge, value=f"why|{seven.talk.learner_id}")
        assert seven.titles == ["7 giờ", "12 giờ", "19 giờ", "Đừng nhắc"]
        assert seven.session.get_one(Learner, seven.talk.learner_id).nudge_hour == 12

    def test_a_nudge_about_one_learner_is_stopped_for_that_one(self, seven):
        mother = seven.talk.learner_id
        lan, _ = learners.switch(seven.session, seven.talk, "Lan", TUESDAY_TEN)
        for one in (mother, lan.id):
            revise.choose_hour(seven.session, one, 7)
        seven.do(progress.choose_nudge, value=f"none|{mother}")
        hours = [seven.session.get_one(Learner, one).nudge_hour for one in (mother, lan.id)]
        assert hours == [None, 7] and seven.talk.learner_id == lan.id

    def test_another_phone_s_learner_cannot_be_touched(self, seven):
        other = talk_of(seven.session, address="sender-two-0123456", consent=("learning",)).learner_id
        revise.choose_hour(seven.session, other, 7)
        seven.do(progress.choose_nudge, value=f"none|{other}")
        seven.do(progress.review_now, value=str(other))
        seven.do(progress.switch_learner, value=str(other))
        assert seven.session.get_one(Learner, other).nudge_hour == 7 and seven.talk.learner_id != other


class TestCertificate:
    def test_nothing_completed_offers_courses(self, seven):
        assert "hoàn thành một khóa" in seven.do(certificates.get_certificate, "cấp chứng nhận cho tôi")

    @pytest.mark.parametrize("typed, name", [
        ("Trần Văn Tám", "Trần Văn Tám"), ("dạ ghi tên Trần Văn Tám ạ", "Trần Văn Tám"), ("tran van tam", "Tran Van Tam"), ("tôi là Lan nhé.", "Lan")])
    def test_a_typed_name_is_printed_as_given(self, seven, typed, name):
        complete(seven, "khoa-1")
        assert "ghi tên gì" in seven.do(certificates.get_certificate, "cho xin chứng nhận")
        told = seven.do(certificates.give_name, typed)
        row = seven.session.scalars(select(Certificate)).one()
        assert row.payload["name"] == name and f"Tên: {name}\n" in told
        assert f"https://tro-ly.example/chung-nhan/{row.number}.pdf" in told

    def test_the_learner_s_own_name_is_a_button(self, seven):
        learners.rename(seven.session, seven.talk.learner_id, "Bác Tám")
        complete(seven, "khoa-1")
        seven.do(certificates.get_certificate, "chứng nhận")
        assert seven.titles == ["Ghi “Bác Tám”", "Không ghi tên"]
        assert "Tên: Bác Tám" in seven.tap(certificates.name_certificate, "Ghi “Bác Tám”")

    def test_no_name_is_a_certificate_too(self, seven):
        complete(seven, "khoa-1")
        seven.do(certificates.get_certificate, "chứng nhận")
        assert seven.titles == ["Không ghi tên"]
        assert "Tên: không ghi tên" in seven.tap(certificates.name_certificate, "Không ghi tên")
        assert seven.session.scalars(select(Certificate)).one().payload["name"] == ""

    def test_a_second_question_gives_the_same_and_another_name_takes_its_place(self, seven):
        complete(seven, "khoa-1")
        seven.do(certificates.get_certificate, "chứng nhận")
        first = seven.do(certificates.give_name, "Lan")
        assert seven.do(certificates.get_certificate, "chứng nhận") == first
        seven.tap(certificates.name_certificate, "Ghi tên khác")
        seven.do(certificates.give_name, "Hoa")
        rows = seven.session.scalars(select(Certificate).order_by(Certificate.revoked_at.is_(None))).all()
        assert [(r.payload["name"], r.revoked_at is not None) for r in rows] == [("Lan", True), ("Hoa", False)]

    def test_with_several_courses_one_is_chosen(self, seven):
        complete(seven, "khoa-1")
        complete(seven, "khoa-3")
        assert "khóa nào" in seven.do(certificates.get_certificate, "chứng nhận")
        seven.tap(certificates.name_certificate, "“Chuyện số 3”")
        assert "“Chuyện số 3”" in seven.do(certificates.give_name, "Lan")

    def test_another_learner_s_course_is_not_certified(self, seven):
        mine = complete(seven, "khoa-1").id
        learners.switch(seven.session, seven.talk, "Lan", TUESDAY_TEN)
        assert "hoàn thành một khóa" in seven.do(certificates.name_certificate, value=f"{mine}|none")
        assert seven.session.scalars(select(Certificate)).all() == []

    @pytest.mark.parametrize("spell", ["kiểm tra chứng nhận {}", "{} có thật không", "cn {plain}", "xem giúp {lower}"])
    def test_a_number_in_the_text_is_checked_for_anybody(self, seven, spell):
        enrolment = complete(seven, "khoa-1")
        number = certifying.issue(seven.session, Office.of(seven.app.settings), enrolment.learner_id, enrolment.id, "Lan", TUESDAY_TEN).number
        stranger = Chat(seven.app, seven.session, talk_of(seven.session, address="sender-two-0123456"))
        said = spell.format(number, plain=number.removeprefix("CN-").replace("-", " "), lower=number.lower())
        assert f"✅ Chứng nhận {number} có thật" in stranger.do(certificates.get_certificate, said)
        certifying.revoke(seven.session, number, "x", TUESDAY_TEN)
        told = stranger.do(certificates.get_certificate, said)
        assert "đã bị thu hồi" in told and "Lan" not in told

    def test_an_unknown_number_and_none_at_all(self, seven):
        assert "Không có chứng nhận nào" in seven.do(certificates.get_certificate, "kiểm tra CN-2222-3333-4444")
        assert "https://tro-ly.example/chung-nhan" in seven.do(certificates.get_certificate, "kiểm tra chứng nhận này có thật không")


class TestLearners:
    def test_a_name_in_the_text_switches_or_begins(self, seven):
        assert "Chào Lan" in seven.do(progress.switch_learner, "giờ cháu Lan học")
        assert seven.do(progress.switch_learner, "bây giờ em Bảo An học nhé") and len(learners.of_citizen(seven.session, seven.talk.citizen_id)) == 3
        assert "Giờ là Lan học" in seven.do(progress.switch_learner, "người học là Lan")

    def test_without_a_name_it_asks_with_the_others_as_buttons(self, seven):
        mother = seven.talk.learner_id
        seven.do(progress.switch_learner, "cháu Lan học")
        assert "Ai đang học" in seven.do(progress.switch_learner, "đổi người học")
        assert seven.titles == ["Người học đầu tiên"] and seven.talk.awaiting == "learner"
        seven.tap(progress.switch_learner, "Người học đầu tiên")
        assert seven.talk.learner_id == mother

    def test_a_typed_name_answers_the_question(self, seven):
        seven.do(progress.switch_learner, "đổi người học")
        assert "Chào Minh" in seven.do(certificates.give_name, "dạ cháu Minh ạ")

    @pytest.mark.parametrize("said, name", [
        ("giờ cháu Lan học", "Lan"), ("Cháu Lan học", "Lan"), ("cho Nguyễn Thị Lan học", "Nguyễn Thị Lan"), ("người học là Ánh", "Ánh"), ("tên Đức nhé", "Đức"),
        ("cháu đang học", ""), ("cho ông học", ""), ("cho út học", ""), ("đổi người học", ""), ("mẹ tôi học", ""), ("Cho Ông học", ""),
        ("cho bé Bông, con chị Hà học", "Bông"), ("để bà Út học", "Út"), ("cháu Lan Anh.", "Lan Anh")])
    def test_a_name_is_what_is_written_as_one(self, said, name):
        assert progress.name_in(said) == name

    def test_results_are_told_by_name_and_apart(self, seven):
        seven.do(progress.switch_learner, "cháu Lan học")
        answer(seven.session, learn.enrol(seven.session, seven.talk.learner_id, "khoa-1", TUESDAY_TEN)[0])
        assert seven.do(progress.my_progress).startswith("Kết quả của Lan:") and "Đổi người học" in seven.titles
        seven.do(progress.switch_learner, "đổi người học")
        seven.tap(progress.switch_learner, "Người học đầu tiên")
        assert "chưa có kết quả" in seven.do(progress.my_progress)

    def test_a_full_phone_says_so(self, seven):
        for name in "ABCDEFG":
            learners.switch(seven.session, seven.talk, name, TUESDAY_TEN)
        assert "đã có 8 người học" in seven.do(progress.switch_learner, "cháu Lan học")

    @pytest.mark.parametrize("way", ["button", "yes"])
    def test_consent_comes_first_and_the_question_right_after(self, seven, way):
        people.withdraw(seven.session, seven.talk, ["learning"], TUESDAY_TEN)
        seven.do(progress.switch_learner, "đổi người học")
        told = seven.tap(account.consent_give, "Đồng ý") if way == "button" else seven.do(talk.affirm, "có")
        assert "Ai đang học" in told and people.consents(seven.session, seven.talk.citizen_id) == {"learning"}
