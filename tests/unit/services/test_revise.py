"""Items met in lessons come back when they are due; the nudge keeps its promises."""

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select, text

from bot.learning import review
from bot.services import learn, learners, nudge, outbox, people, revise, study
from bot.store.tables import Attempt, Conversation, Enrolment, Learner, Outbound, Review, ReviewCard, Revision
from tests.factories import HANOI, TUESDAY_TEN, talk_of
from tests.small_course import answer, finish, publish, small

DAY = timedelta(days=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A day of December 2026, local time."""
    return datetime(2026, 12, day, hour, minute, tzinfo=HANOI)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "courses"


@pytest.fixture
def started(database, folder):
    """Publishes the small course and enrols somebody: (session) -> (conversation, enrolment)."""

    def start(session, *consent: str, **course):
        publish(session, folder, small(**course))
        talk = talk_of(session, consent=consent or ("learning",))
        return talk, learn.enrol(session, talk.learner_id, "khoa-nho", TUESDAY_TEN)[0]

    return start


def cards(session, learner_id: int) -> dict[str, ReviewCard]:
    return {c.item_id: c for c in session.scalars(select(ReviewCard).where(ReviewCard.learner_id == learner_id).order_by(ReviewCard.id))}


def reply(session, learner_id: int, right: bool = True, now: datetime = TUESDAY_TEN):
    """Answers the question of the open sitting."""
    _, sitting, questions = revise.open_sitting(session, learner_id)
    item = questions[sitting.queue[0]]
    wrong = "chịu thua" if item.type == "fill" else item.options[1].text if hasattr(item, "options") else ""
    given = item.best()[1] or item.solution()
    return study.typed(session, learner_id, given if right else wrong, now)


class TestCards:
    def test_an_item_becomes_a_card_when_it_is_answered_for_the_first_time(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            assert cards(session, talk.learner_id) == {}
            answer(session, enrolment)
            answer(session, enrolment, right=False)
            made = cards(session, talk.learner_id)
            assert list(made) == ["l1q1", "l1q2"]
            assert made["l1q1"].due_at > made["l1q2"].due_at > TUESDAY_TEN
            assert all(c.reviewed_at == TUESDAY_TEN for c in made.values())

    def test_the_second_answer_in_a_lesson_changes_no_card(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            answer(session, enrolment, right=False)
            answer(session, enrolment)
            before = cards(session, talk.learner_id)["l1q1"].state
            answer(session, enrolment, now=TUESDAY_TEN + DAY)
            assert session.scalar(select(func.max(Attempt.nth)).where(Attempt.item_id == "l1q1")) == 2
            assert cards(session, talk.learner_id)["l1q1"].state == before

    def test_neither_the_test_nor_an_easier_question_becomes_a_card(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            learn.show(session, enrolment, TUESDAY_TEN)
            study.test_first(session, talk.learner_id, TUESDAY_TEN)
            answer(session, enrolment)
            assert cards(session, talk.learner_id) == {}
            for _ in range(6):
                answer(session, enrolment, right=False)
            asked = set(session.scalars(select(Attempt.item_id)))
            assert {"t1", "l1e"} <= asked
            assert set(cards(session, talk.learner_id)) == {"l1q1", "l1q2"}

    def test_a_scam_course_is_never_due_later_than_four_weeks(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session, scams=True)
            finish(session, enrolment)
            now = TUESDAY_TEN
            for _ in range(8):
                now = max(c.due_at for c in cards(session, talk.learner_id).values())
                revise.begin(session, talk.learner_id, now)
                while revise.open_sitting(session, talk.learner_id):
                    reply(session, talk.learner_id, now=now)
                waits = [c.due_at - c.reviewed_at for c in cards(session, talk.learner_id).values()]
                assert max(waits) <= 28 * DAY
            assert max(waits) == 28 * DAY


class TestSittings:
    def test_nothing_met_is_nothing_to_revise(self, database, started):
        with database.write() as session:
            talk, _ = started(session)
            assert revise.begin(session, talk.learner_id, TUESDAY_TEN) is None
            assert revise.next_due(session, talk.learner_id) is None

    def test_what_is_due_longest_comes_first_and_what_is_not_due_stays_out(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            for _ in range(4):
                answer(session, enrolment)
            days = dict(zip(("l1q1", "l1q2", "l2q1", "l2q2"), (3, 1, 2, 9), strict=True))
            for item, card in cards(session, talk.learner_id).items():
                card.due_at = TUESDAY_TEN + days[item] * DAY
            session.flush()
            now = TUESDAY_TEN + 4 * DAY
            assert revise.due_count(session, talk.learner_id, now) == 3
            begun = revise.begin(session, talk.learner_id, now)
            assert begun.early is False
            assert begun.outcome.sitting.queue == ("khoa-nho/l1q2", "khoa-nho/l2q1", "khoa-nho/l1q1")

    def test_a_sitting_holds_eight_items_at_most(self, database, folder):
        with database.write() as session:
            publish(session, folder, small(), small("khoa-hai"), small("khoa-ba"))
            talk = talk_of(session, consent=("learning",))
            for slug in ("khoa-nho", "khoa-hai", "khoa-ba"):
                finish(session, learn.enrol(session, talk.learner_id, slug, TUESDAY_TEN)[0])
            begun = revise.begin(session, talk.learner_id, TUESDAY_TEN + 60 * DAY)
            assert len(begun.outcome.sitting.queue) == review.AT_ONCE
            assert session.scalar(select(func.count()).select_from(ReviewCard)) == 12

    def test_with_nothing_due_the_next_in_line_are_asked_early(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            answer(session, enrolment)
            answer(session, enrolment, right=False)
            begun = revise.begin(session, talk.learner_id, TUESDAY_TEN + timedelta(minutes=1))
            assert begun.early is True
            assert begun.outcome.sitting.queue == ("khoa-nho/l1q2", "khoa-nho/l1q1")

    def test_a_wrong_item_returns_once_and_only_its_first_answer_is_a_review(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            answer(session, enrolment)
            answer(session, enrolment)
            now = TUESDAY_TEN + 30 * DAY
            revise.begin(session, talk.learner_id, now)
            reply(session, talk.learner_id, right=False, now=now)
            reply(session, talk.learner_id, now=now)
            last = reply(session, talk.learner_id, right=False, now=now)
            assert last.ended is True and "nhớ 1/2 câu" in last.says[-1].text
            assert session.get(Revision, talk.learner_id) is None
            reviews = session.scalars(select(Review).order_by(Review.id)).all()
            assert [(r.item_id, r.correct, r.rating) for r in reviews] == [("l1q1", False, 1), ("l1q2", True, 3)]
            made = cards(session, talk.learner_id)
            assert made["l1q1"].due_at < made["l1q2"].due_at and made["l1q1"].due_at > now

    def test_a_sitting_goes_on_where_it_was_after_a_restart(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            answer(session, enrolment)
            answer(session, enrolment)
            learner, now = talk.learner_id, TUESDAY_TEN + 30 * DAY
            revise.begin(session, learner, now)
            reply(session, learner, now=now)
        with database.read() as session:
            _, sitting, questions = revise.open_sitting(session, learner)
            on_screen = review.show(questions, sitting).says[0]
        with database.write() as session:
            begun = revise.begin(session, learner, now + timedelta(hours=5))
            assert begun.outcome.says[0] == on_screen
            assert begun.outcome.sitting == sitting
            assert session.get(Revision, learner).started_at == now

    def test_a_sitting_left_for_more_than_a_week_begins_anew(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            answer(session, enrolment)
            answer(session, enrolment)
            revise.begin(session, talk.learner_id, TUESDAY_TEN + DAY)
            reply(session, talk.learner_id, now=TUESDAY_TEN + DAY)
            later = TUESDAY_TEN + 40 * DAY
            begun = revise.begin(session, talk.learner_id, later)
            assert len(begun.outcome.sitting.queue) == 2 and begun.outcome.sitting.asked == 0
            assert session.get(Revision, talk.learner_id).started_at == later

    def test_stopping_keeps_the_place(self, database, started):
        with database.write() as session:
            talk, enrolment = started(session)
            answer(session, enrolment)
            begun = revise.begin(session, talk.learner_id, TUESDAY_TEN)
            assert (revise.stop(session, talk.learner_id), revise.stop(session, talk.learner_id)) == (True, False)
            assert revise.open_sitting(session, talk.learner_id) is None
            assert revise.play(session, talk.learner_id, review.show, TUESDAY_TEN) is None
            assert revise.begin(session, talk.learner_id, TUESDAY_TEN).outcome == begun.outcome

    def test_a_new_version_does_not_change_what_was_met(self, database, folder, started):
        with database.write() as session:
            talk, enrolment = started(session)
            answer(session, enrolment)
            changed = small()
            changed["lessons"][0]["steps"][1]["question"]["prompt"] = "Câu hỏi đã viết lại, bác chọn gì?"
            publish(session, folder, changed)
            begun = revise.begin(session, talk.learner_id, TUESDAY_TEN)
            assert "Có người lạ gọi (l1q1)" in begun.outcome.says[0].text


def test_a_lesson_and_a_revision_are_never_both_open(database, started):
    dice = Random(7)
    with database.write() as session:
        talk, enrolment = started(session)
        answer(session, enrolment)
        learner, now = talk.learner_id, TUESDAY_TEN
        moves = {
            "revise": lambda: revise.begin(session, learner, now), "lesson": lambda: learn.show(session, enrolment, now),
            "stop": lambda: study.stop(session, learner), "type": lambda: study.typed(session, learner, dice.choice("abc"), now),
            "next": lambda: study.go_on(session, learner, now), "show": lambda: study.show(session, learner, now)}
        seen = set()
        for _ in range(120):
            now += timedelta(hours=3)
            moves[dice.choice(list(moves))]()
            lesson = session.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.active))
            sitting = session.scalar(select(func.count()).select_from(Revision).where(Revision.active))
            assert lesson + sitting <= 1
            seen.add((lesson, sitting))
        assert seen == {(0, 0), (0, 1), (1, 0)}


@pytest.fixture
def waiting(database, started):
    """Somebody with something due, who wants to be nudged at 12; gives their learner id. whole: the course is completed."""

    def make(consent=("learning", "reminders"), hour: int | None = 12, whole: bool = False) -> int:
        with database.write() as session:
            talk, enrolment = started(session, *consent)
            (finish if whole else answer)(session, enrolment)
            revise.choose_hour(session, talk.learner_id, hour)
            session.execute(text("UPDATE review_cards SET due_at = :due"), {"due": "2026-11-25 00:00:00"})
            session.execute(text("UPDATE enrolments SET nudged_at = :day"), {"day": "2027-01-01 00:00:00"})  # the course has been mentioned
            return talk.learner_id

    return make


def plan(database, now: datetime) -> int:
    with database.write() as session:
        return nudge.plan(session, now)


def nudges(database) -> list[Outbound]:
    with database.read() as session:
        return list(session.scalars(select(Outbound).where(Outbound.kind == "nudge").order_by(Outbound.id)))


class TestNudge:
    def test_it_comes_at_the_chosen_hour_and_says_how_much_is_due(self, database, waiting):
        waiting(whole=True)
        assert [plan(database, at(1, 7)), plan(database, at(1, 11, 59)), plan(database, at(1, 12))] == [0, 0, 1]
        (row,) = nudges(database)
        assert "4 câu đến hạn ôn" in row.body["text"]
        assert [b["title"] for b in row.body["buttons"]] == ["Ôn ngay", "Đừng nhắc nữa", "Vì sao tôi nhận tin này?"]

    def test_it_comes_once_a_day(self, database, waiting):
        waiting()
        assert sum(plan(database, at(1, hour)) for hour in range(24)) == 1
        assert sum(plan(database, at(2, hour)) for hour in range(24)) == 1

    @pytest.mark.parametrize("hour, may", [(6, False), (7, True), (20, True), (21, False), (23, False), (0, False)])
    def test_never_at_night_even_when_it_is_late(self, database, waiting, hour, may):
        waiting(hour=7 if hour >= 7 else 0)
        assert plan(database, at(1, hour, 59)) == int(may)

    def test_nobody_is_nudged_without_consent_an_hour_or_something_due(self, database, waiting):
        learner = waiting(consent=("learning",), whole=True)
        assert plan(database, at(1, 12)) == 0
        with database.write() as session:
            people.give_consent(session, session.scalars(select(Conversation)).one(), None, ["reminders"], TUESDAY_TEN)
            revise.choose_hour(session, learner, None)
        assert plan(database, at(2, 12)) == 0
        with database.write() as session:
            revise.choose_hour(session, learner, 12)
            for card in session.scalars(select(ReviewCard)):
                card.due_at = at(20, 12)
        assert [plan(database, at(3, 12)), plan(database, at(20, 12))] == [0, 1]

    def test_after_three_that_nobody_answered_it_falls_silent(self, database, waiting):
        waiting()
        assert [plan(database, at(day, 12)) for day in range(1, 8)] == [1, 1, 1, 0, 0, 0, 0]

    @pytest.mark.parametrize("what", ["a first answer", "a second try", "the test", "a revision", "a new hour"])
    def test_whatever_the_learner_does_counts_as_an_answer(self, database, waiting, what):
        learner = waiting()
        with database.write() as session:
            enrolment = session.scalars(select(Enrolment)).one()
            if what == "the test":
                session.get_one(Enrolment, enrolment.id).progress = {"seed": 1}
            if what == "a second try":
                answer(session, enrolment, right=False)
            session.execute(text("UPDATE review_cards SET due_at = :due"), {"due": "2026-11-25 00:00:00"})
        assert [plan(database, at(day, 12)) for day in range(1, 5)] == [1, 1, 1, 0]
        with database.write() as session:
            enrolment = session.scalars(select(Enrolment)).one()
            if what == "a revision":
                revise.begin(session, learner, at(5, 9))
                reply(session, learner, now=at(5, 9))
            elif what == "a new hour":
                revise.choose_hour(session, learner, 12)
            else:
                if what == "the test":
                    learn.show(session, enrolment, at(5, 9))
                    study.test_first(session, learner, at(5, 9))
                answer(session, enrolment, now=at(5, 9))
            assert session.get_one(Learner, learner).nudges_unanswered == 0
            session.execute(text("UPDATE review_cards SET due_at = :due"), {"due": "2026-11-25 00:00:00"})
        assert plan(database, at(5, 12)) == 1

    def test_two_workers_that_plan_at_once_give_one_message(self, database, waiting):
        learner = waiting()
        if database.engine.dialect.name == "postgresql":
            with database.write() as one, database.write() as other:
                first, second = nudge.plan(one, at(1, 12)), nudge.plan(other, at(1, 12))
                one.commit()
            assert [first, second] == [1, 0]
        else:  # SQLite lets one writer in at a time
            assert [plan(database, at(1, 12)), plan(database, at(1, 12))] == [1, 0]
        assert len(nudges(database)) == 1
        with database.read() as session:
            assert session.get_one(Learner, learner).nudges_unanswered == 1

    def test_a_message_that_is_there_already_is_not_counted_as_one_more(self, database, waiting):
        learner = waiting()
        with database.write() as session:
            talk = session.scalars(select(Conversation)).one()
            outbox.enqueue(session, talk, f"nudge:{talk.citizen_id}:2026-12-01", "nudge", {"text": "x", "buttons": []}, at(1, 12))
        assert plan(database, at(1, 12)) == 0
        with database.read() as session:
            assert session.get_one(Learner, learner).nudges_unanswered == 0

    def test_after_days_without_a_worker_one_message_comes(self, database, waiting):
        waiting()
        assert [plan(database, at(9, 15)), plan(database, at(9, 16))] == [1, 0]
        assert len(nudges(database)) == 1

    def test_a_phone_gets_one_a_day_and_its_learners_take_turns(self, database, waiting):
        first = waiting()
        with database.write() as session:
            talk = session.scalars(select(Conversation)).one()
            lan, _ = learners.switch(session, talk, "Lan", TUESDAY_TEN)
            answer(session, learn.enrol(session, lan.id, "khoa-nho", TUESDAY_TEN)[0])
            revise.choose_hour(session, lan.id, 12)
            session.execute(text("UPDATE review_cards SET due_at = :due"), {"due": "2026-11-25 00:00:00"})
        assert [sum(plan(database, at(day, hour)) for hour in (12, 13, 19)) for day in (1, 2, 3, 4)] == [1, 1, 1, 0]
        assert ["Lan" in row.body["text"] for row in nudges(database)] == [False, True, False]
        with database.read() as session:
            assert [session.get_one(Learner, one).nudges_unanswered for one in (first, lan.id)] == [2, 1]

    def test_a_nudge_stops_for_the_learner_it_was_about(self, database, waiting):
        learner = waiting(whole=True)
        plan(database, at(1, 12))
        with database.read() as session:
            payloads = [row[0] for row in session.execute(text("SELECT payload FROM buttons ORDER BY title"))]
        assert f'/choose_nudge{{"value": "none|{learner}"}}' in payloads and f'/review_now{{"value": "{learner}"}}' in payloads

    def test_withdrawing_consent_takes_back_what_is_queued(self, database, waiting):
        waiting()
        plan(database, at(1, 12))
        with database.write() as session:
            people.withdraw(session, session.scalars(select(Conversation)).one(), ["reminders"], at(1, 12))
        assert nudges(database) == []
        assert plan(database, at(2, 12)) == 0

    def test_it_goes_to_the_conversation_seen_last(self, database, waiting):
        waiting()
        with database.write() as session:
            old = session.scalars(select(Conversation)).one()
            new = talk_of(session, address="77", channel="telegram", now=at(1, 8))
            new.citizen_id = old.citizen_id
        plan(database, at(1, 12))
        assert [row.channel for row in nudges(database)] == ["telegram"]
