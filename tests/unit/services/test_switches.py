"""Parts switched off: nothing goes out, nothing is lost, and what is back comes once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.errors import Refusal
from bot.language import times
from bot.services import audit, health, outbox, planning, remind, revise, staff, switches
from bot.services.staff import Who
from bot.store.tables import DrillRun, Learner, Outbound, ReviewCard
from tests.factories import TUESDAY_TEN, talk_of
from tests.small_course import finish, publish

WHY = "nâng cấp máy chủ"


@pytest.fixture
def admin(database) -> Who:
    with database.write() as session:
        row = staff.add(session, "quan.tri", "Người quản trị", "con trâu đi trước cái cày", "administrator", (), TUESDAY_TEN)
        return Who(row.id, row.login, row.name, row.role, (), "", "")


def turned_off(database, admin, name, until=None, now=TUESDAY_TEN):
    with database.write() as session:
        switches.turn_off(session, admin, name, WHY, until, now)


def turned_on(database, admin, name, now=TUESDAY_TEN):
    with database.write() as session:
        return switches.turn_on(session, admin, name, now)


def texts(session) -> list[str]:
    return [row.body["text"] for row in session.scalars(select(Outbound).order_by(Outbound.id))]


class TestSwitch:
    def test_it_is_off_until_somebody_switches_it_on_and_both_are_written_down(self, database, admin):
        turned_off(database, admin, "questions")
        with database.read() as session:
            assert list(switches.off(session, TUESDAY_TEN + timedelta(days=400))) == ["questions"]
        assert turned_on(database, admin, "questions") is True
        assert turned_on(database, admin, "questions") is False
        with database.read() as session:
            assert switches.off(session, TUESDAY_TEN) == {}
            assert [(r.action, r.about, r.detail["on"], r.reason) for r in audit.listed(session)] == [
                ("switched", "Hỏi đáp thủ tục", True, None), ("switched", "Hỏi đáp thủ tục", False, WHY)]

    def test_with_a_time_it_comes_back_by_itself_and_citizens_are_told_when(self, database, admin):
        until = TUESDAY_TEN + timedelta(hours=3)
        turned_off(database, admin, "courses", until)
        with database.read() as session:
            one = switches.off(session, until - timedelta(seconds=1))["courses"]
            said = switches.sentence(one, TUESDAY_TEN)
            assert "đang tạm nghỉ để nâng cấp máy chủ, dự kiến trở lại" in said and "13 giờ chiều nay" in said
            assert switches.off(session, until) == {}

    def test_without_a_time_none_is_promised(self, database, admin):
        turned_off(database, admin, "courses")
        with database.read() as session:
            assert "dự kiến" not in switches.sentence(switches.off(session, TUESDAY_TEN)["courses"], TUESDAY_TEN)

    @pytest.mark.parametrize(("name", "why", "until", "field"), [
        ("emergency", WHY, None, ""), ("data", WHY, None, ""), ("questions", "x", None, "why"), ("questions", "y" * 200, None, "why"),
        ("questions", "bận, gọi 0912 345 678", None, "why"), ("questions", WHY, TUESDAY_TEN, "until")])
    def test_what_cannot_be_is_refused(self, database, admin, name, why, until, field):
        with database.write() as session, pytest.raises(Refusal) as refused:
            switches.turn_off(session, admin, name, why, until, TUESDAY_TEN)
        assert refused.value.field == field


class TestReminders:
    def test_those_due_meanwhile_come_once_and_say_that_they_are_late(self, database, admin):
        with database.write() as session:
            talk = talk_of(session, consent=("reminders",))
            remind.add(session, talk, times.parse("11 giờ hôm nay", TUESDAY_TEN), "nộp hồ sơ", TUESDAY_TEN)
            remind.add(session, talk, times.parse("mỗi ngày lúc 12 giờ", TUESDAY_TEN), "uống thuốc", TUESDAY_TEN)
        turned_off(database, admin, "reminders")
        later = TUESDAY_TEN
        for _ in range(3):  # three days off
            later += timedelta(days=1)
            with database.write() as session:
                assert planning.due(session, later) == 0
                assert texts(session) == []
        turned_on(database, admin, "reminders", later)
        with database.write() as session:
            assert planning.due(session, later) == 2
            assert planning.due(session, later) == 0
            found = texts(session)
        assert len(found) == 2 and "nộp hồ sơ" in found[0] and "uống thuốc" in found[1]
        assert all("nhắc muộn" in one for one in found), found

    def test_one_that_is_queued_already_waits_and_replies_do_not(self, database, admin):
        with database.write() as session:
            talk = talk_of(session, channel="telegram", consent=("reminders",))
            outbox.enqueue(session, talk, "reminder:1:x", "reminder", {"text": "nhắc"}, TUESDAY_TEN)
            outbox.enqueue(session, talk, "inbox:1:0", "reply", {"text": "trả lời"}, TUESDAY_TEN)
        turned_off(database, admin, "reminders")
        later = TUESDAY_TEN + timedelta(hours=1)
        with database.write() as session:
            assert [r.kind for r in outbox.claim(session, ["telegram"], later)] == ["reply"]
            # waiting on purpose is no backlog
            assert health.picture(session, later).depth == {("telegram", 0): 1}
        turned_on(database, admin, "reminders", later)
        with database.write() as session:
            assert [r.kind for r in outbox.claim(session, ["telegram"], later)] == ["reminder"]

    def test_an_open_web_chat_waits_too(self, database, admin):
        with database.write() as session:
            talk = talk_of(session, consent=("reminders",))
            outbox.enqueue(session, talk, "reminder:1:x", "reminder", {"text": "nhắc"}, TUESDAY_TEN)
            ident = talk.id
        turned_off(database, admin, "reminders")
        with database.read() as session:
            assert outbox.for_stream(session, [ident], TUESDAY_TEN) == []
        turned_on(database, admin, "reminders")
        with database.read() as session:
            assert len(outbox.for_stream(session, [ident], TUESDAY_TEN)) == 1


@pytest.mark.parametrize("part", ["reminders", "courses"])
def test_nobody_is_asked_to_learn_while_learning_or_reminding_is_off(database, admin, part, tmp_path):
    with database.write() as session:
        talk = talk_of(session, consent=("reminders", "learning"), now=TUESDAY_TEN - timedelta(days=9))
        publish(session, tmp_path / "courses")
        from bot.services import learn
        finish(session, learn.enrol(session, talk.learner_id, "khoa-nho", TUESDAY_TEN)[0])
        revise.choose_hour(session, talk.learner_id, 8)
        session.get_one(Learner, talk.learner_id).nudged_at = None
        assert session.scalars(select(ReviewCard)).first() is not None
    when = TUESDAY_TEN + timedelta(days=20)
    turned_off(database, admin, part)
    with database.write() as session:
        assert planning.due(session, when) == 0
    turned_on(database, admin, part)
    with database.write() as session:
        assert planning.due(session, when) == 1
        assert [r.kind for r in session.scalars(select(Outbound))] == ["nudge"]


def test_no_drill_begins_while_drills_are_off_but_one_that_is_out_explains_itself(database, admin, tmp_path):
    from bot.config import ROOT
    from bot.services import drills

    with database.write() as session:
        waiting = talk_of(session, "the-one-who-waits", consent=("drills",), now=TUESDAY_TEN - timedelta(days=2))
        out = talk_of(session, "the-one-in-it-now", consent=("drills",), now=TUESDAY_TEN - timedelta(days=2))
        for talk in (waiting, out):
            drills.agree(session, talk, ROOT / "courses", 7, TUESDAY_TEN).next_due_at = TUESDAY_TEN
        first = session.scalars(select(DrillRun).where(DrillRun.conversation_id == waiting.id)).one()
        first.next_due_at = TUESDAY_TEN + timedelta(hours=1)
        assert planning.due(session, TUESDAY_TEN) == 1
        # it has arrived: a fake message that never left would be taken back instead
        outbox.sent(session, session.scalars(select(Outbound.id)).one(), "p1", TUESDAY_TEN)
    turned_off(database, admin, "drills")
    later = TUESDAY_TEN + timedelta(hours=25)
    with database.write() as session:
        assert planning.due(session, later) == 1
        assert {r.conversation_id: r.state for r in session.scalars(select(DrillRun))} == {waiting.id: "waiting", out.id: "done"}
    turned_on(database, admin, "drills", later)
    with database.write() as session:
        assert planning.due(session, later) == 1
