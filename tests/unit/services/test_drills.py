"""Drills: agreed to, sent once by day at a moment nobody knows, explained whatever happens, stopped by one tap."""

import json
import threading
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from bot.clock import local
from bot.learning import document, drill
from bot.learning.drill import ScamDrill
from bot.services import drills, outbox, people
from bot.store.tables import Consent, Conversation, DrillRun, Outbound
from tests.factories import ROOT, FrozenClock, talk_of

COURSES = ROOT / "courses"
SECRET = "mã otp của em là 482913, em tên Hạnh"


@pytest.fixture
def clock():
    return FrozenClock()


class House:
    """A database with one citizen who consented to drills, and a worker's tick."""

    def __init__(self, database, clock):
        self.database, self.clock = database, clock
        with database.write() as session:
            self.talk_id = talk_of(session, consent=("drills",), now=clock()).id

    def talk(self, session) -> Conversation:
        return session.get_one(Conversation, self.talk_id)

    def agree(self, days=7, seed=1) -> int:
        with self.database.write() as session:
            return drills.agree(session, self.talk(session), COURSES, days, self.clock(), Random(seed)).id

    def start(self, slug="ma-doc-mot-cua", quick=False) -> int:
        with self.database.write() as session:
            run, says = drills.start_incident(session, self.talk(session), COURSES, slug, quick, self.clock())
            assert len(says) == 2
            return run.id

    def plan(self) -> int:
        with self.database.write() as session:
            return drills.plan(session, self.clock(), Random(5))

    def send(self) -> int:
        """Agrees, waits for the moment, plans; the run's id."""
        number = self.agree()
        self.clock.at = self.run(number).next_due_at
        assert self.plan() == 1
        return number

    def deliver(self) -> None:
        with self.database.write() as session:
            outbox.hand_over(session, session.scalars(select(Outbound).where(Outbound.state == "due")).all(), self.clock())

    def run(self, number) -> DrillRun:
        with self.database.read() as session:
            return session.get_one(DrillRun, number)

    def tap(self, number, step, index):
        with self.database.write() as session:
            return drills.tapped(session, self.talk(session), number, step, index, self.clock())

    def type(self, number, text):
        with self.database.write() as session:
            return drills.typed(session, self.talk(session), f"drill:{number}", text, self.clock())

    def texts(self) -> list[str]:
        with self.database.read() as session:
            return [r.body["text"] for r in session.scalars(select(Outbound).where(Outbound.kind == "drill").order_by(Outbound.id))]


@pytest.fixture
def house(database, clock):
    return House(database, clock)


class TestAgreeing:
    @pytest.mark.parametrize("days", drills.PERIODS)
    def test_the_moment_is_kept_with_the_drill_as_it_was_then(self, house, days):
        run = house.run(house.agree(days))
        assert (run.state, run.kind, run.choices, run.started_at) == ("waiting", "scam", [], None)
        assert timedelta(hours=24) <= run.next_due_at - run.agreed_at < timedelta(days=days)
        assert 8 <= local(run.next_due_at).hour < 20
        assert drill.of(run.document) == document.load_drill(COURSES / "drills" / f"{run.slug}.yml")

    def test_agreeing_again_replaces_what_still_waits(self, house):
        first, second = house.agree(7), house.agree(30, seed=2)
        assert [house.run(n).state for n in (first, second)] == ["cancelled", "waiting"]

    def test_each_drill_comes_before_one_comes_again_and_then_the_oldest(self, house):
        slugs = []
        scams = [d for d in drills.shelf(COURSES).values() if isinstance(d, ScamDrill)]
        for _ in range(len(scams) + 1):
            number = house.send()
            house.tap(number, 0, 0)
            slugs.append(house.run(number).slug)
        assert sorted(slugs[:-1]) == sorted(d.slug for d in scams) and slugs[-1] == slugs[0]

    def test_one_that_never_came_is_not_counted_as_seen(self, house):
        for seed in range(25):
            house.agree(seed=seed)
        with house.database.read() as session:
            assert drills.next_scam(session, house.talk(session).learner_id, COURSES, Random(0)) is not None
            assert session.scalar(select(func.count()).select_from(DrillRun).where(DrillRun.state == "waiting")) == 1

    def test_without_files_there_is_nothing_to_agree_to(self, house, tmp_path):
        with house.database.write() as session:
            assert drills.agree(session, house.talk(session), tmp_path, 7, house.clock()) is None

    def test_a_broken_file_is_left_out_and_the_others_stay(self, tmp_path, caplog):
        (tmp_path / "drills").mkdir()
        for name in ("gia-shipper", "gia-tro-cap"):
            (tmp_path / "drills" / f"{name}.yml").write_text((COURSES / "drills" / f"{name}.yml").read_text())
        (tmp_path / "drills" / "hong.yml").write_text("kind: scam\n")
        assert set(drills.shelf(tmp_path)) == {"gia-shipper", "gia-tro-cap"}
        assert "hong.yml is left out" in caplog.text


class TestSending:
    def test_nothing_comes_before_the_moment_and_one_message_at_it(self, house):
        number = house.agree()
        house.clock.at = house.run(number).next_due_at - timedelta(seconds=1)
        assert house.plan() == 0
        house.clock.forward(seconds=1)
        assert [house.plan(), house.plan(), house.plan()] == [1, 0, 0]
        run = house.run(number)
        assert house.texts() == [drill.fake(drill.of(run.document), number).text]
        assert (run.state, run.next_due_at - run.started_at) == ("running", timedelta(hours=24))

    def test_it_is_then_what_is_on_the_screen(self, house):
        number = house.send()
        with house.database.read() as session:
            talk = house.talk(session)
            assert (talk.awaiting, talk.lesson_on_screen) == (f"drill:{number}", False)
            assert drills.expectation(session, talk) == {"kind": "drill"}
            assert {json.loads(b["payload"].removeprefix("/drill_choice"))["value"] for b in talk.offered} == {
                f"{number}:0:{n}" for n in range(len(talk.offered))}

    def test_many_workers_send_it_once(self, house):
        number = house.agree()
        house.clock.at = house.run(number).next_due_at
        failures = []

        def work():
            try:
                for _ in range(5):
                    house.plan()
            except Exception as error:
                failures.append(error)

        workers = [threading.Thread(target=work) for _ in range(6)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
        assert (failures, len(house.texts())) == ([], 1)

    @pytest.mark.parametrize("hour", [20, 23, 3, 7])
    def test_a_moment_missed_by_day_waits_for_another_day(self, house, hour):
        number = house.agree()
        house.clock.at = (house.run(number).next_due_at + timedelta(days=1)).astimezone(house.clock.at.tzinfo).replace(hour=hour, minute=30)
        assert house.plan() == 0
        again = house.run(number)
        assert again.state == "waiting" and again.next_due_at > house.clock() and drill.by_day(again.next_due_at)

    def test_nobody_is_sent_one_in_the_middle_of_a_conversation(self, house):
        number = house.agree()
        house.clock.at = house.run(number).next_due_at.astimezone(house.clock.at.tzinfo).replace(hour=12)
        with house.database.write() as session:
            session.get_one(DrillRun, number).next_due_at = house.clock()
            house.talk(session).seen_at = house.clock() - timedelta(minutes=14)
        assert house.plan() == 0
        house.clock.forward(minutes=15)
        assert house.plan() == 1

    def test_without_consent_it_is_cancelled_and_never_sent(self, house):
        number = house.agree()
        with house.database.write() as session:
            session.add(Consent(citizen_id=house.talk(session).citizen_id, purpose="drills", given=False, notice_version="x", channel="web",
                                at=house.clock()))
        house.clock.at = house.run(number).next_due_at
        assert (house.plan(), house.run(number).state, house.texts()) == (0, "cancelled", [])


class TestReacting:
    @pytest.mark.parametrize("index", [0, 1, 2, 3])
    def test_a_tap_explains_and_keeps_the_index_only(self, house, index):
        number = house.send()
        told = house.tap(number, 0, index)
        run = house.run(number)
        assert told.says[0].text.startswith("Đây là tin DIỄN TẬP") and told.ended
        assert (run.state, run.choices, run.next_due_at, run.ended_at) == ("done", [index], None, house.clock())

    def test_typed_words_are_answered_and_stored_nowhere(self, house):
        number = house.send()
        told = house.type(number, SECRET)
        assert told.says[0].text.startswith("Đây là tin DIỄN TẬP")
        assert house.run(number).choices == [None]
        with house.database.read() as session:
            rows = [*session.scalars(select(DrillRun)), *session.scalars(select(Outbound)), *session.scalars(select(Conversation))]
            everything = " ".join(str({k: v for k, v in vars(r).items() if k != "_sa_instance_state"}) for r in rows)
        assert "482913" not in everything and "Hạnh" not in everything

    def test_typed_words_of_an_option_count_as_it(self, house):
        number = house.send()
        one = drill.of(house.run(number).document)
        house.type(number, one.options[1].text.lower())
        assert house.run(number).choices == [1]

    @pytest.mark.parametrize("state", ["done", "cancelled"])
    def test_an_old_button_says_that_it_was_a_drill_and_changes_nothing(self, house, state):
        number = house.send()
        house.tap(number, 0, 0)
        with house.database.write() as session:
            session.get_one(DrillRun, number).state = state
        before = vars(house.run(number)) | {"_sa_instance_state": None}
        house.clock.forward(days=20)
        told = house.tap(number, 0, 1)
        assert told.says[0].text == drill.OVER and not told.ended
        assert vars(house.run(number)) | {"_sa_instance_state": None} == before
        assert house.type(number, "gì vậy") is None

    def test_a_button_of_a_drill_that_is_gone_or_another_persons(self, house):
        number = house.send()
        with house.database.write() as session:
            other = talk_of(session, address="sender-two-0123456", consent=("drills",), now=house.clock())
            assert drills.tapped(session, other, number, 0, 0, house.clock()).says[0].text == drill.OVER
            assert drills.tapped(session, house.talk(session), 9999, 0, 0, house.clock()).says[0].text == drill.OVER
        assert house.run(number).state == "running"

    def test_something_else_on_top_of_it_ends_it_with_a_sentence(self, house):
        number = house.send()
        with house.database.write() as session:
            said = drills.aside(session, house.talk(session), f"drill:{number}", house.clock())
        assert "tin DIỄN TẬP" in said and (house.run(number).state, house.run(number).choices) == ("done", [])

    @pytest.mark.parametrize("awaiting", ["", "learner", "certificate:1", "drill:", "drill:x", "drill:77"])
    def test_what_is_no_drill_is_left_alone(self, house, awaiting):
        with house.database.write() as session:
            talk = house.talk(session)
            talk.awaiting = awaiting
            assert drills.aside(session, talk, awaiting, house.clock()) is None
            assert drills.typed(session, talk, awaiting, "a", house.clock()) is None
            assert drills.expectation(session, talk) is None


class TestUnanswered:
    def test_after_24_hours_it_explains_itself_in_one_message(self, house):
        number = house.send()
        house.deliver()
        house.clock.forward(hours=23, minutes=59)
        assert house.plan() == 0
        house.clock.forward(minutes=1)
        assert [house.plan(), house.plan()] == [1, 0]
        run = house.run(number)
        assert house.texts()[1:] == [drill.reveal(drill.of(run.document)).text]
        assert (run.state, run.choices) == ("done", [])
        with house.database.read() as session:
            assert (house.talk(session).awaiting, house.talk(session).offered) == (None, [])

    def test_answered_in_time_nothing_more_comes(self, house):
        number = house.send()
        house.deliver()
        house.tap(number, 0, 2)
        house.clock.forward(days=3)
        assert (house.plan(), len(house.texts())) == (0, 1)

    def test_it_is_not_explained_at_night(self, house):
        number = house.send()
        house.deliver()
        house.clock.at = (house.clock.at + timedelta(days=1)).astimezone(local(house.clock.at).tzinfo).replace(hour=22)
        house.clock.at = max(house.clock.at, house.run(number).next_due_at)
        assert house.plan() == 0
        house.clock.at = house.run(number).next_due_at
        assert drill.by_day(house.clock()) and house.plan() == 1

    def test_one_that_never_left_is_taken_back_instead(self, house):
        number = house.send()
        house.clock.forward(hours=24)
        assert (house.plan(), house.texts(), house.run(number).state) == (0, [], "cancelled")


class TestTheIncident:
    def test_injects_come_by_their_minutes_and_the_debrief_at_the_end(self, house):
        number = house.start()
        one = drill.of(house.run(number).document)
        came = []
        for minute in range(1, one.minutes + 5):
            house.clock.forward(minutes=1)
            if count := house.plan():
                came.append((minute, count))
        assert [m for m, _ in came] == [i.minute for i in one.injects[1:]] + [one.minutes]
        run = house.run(number)
        assert (run.state, run.score, run.most, run.choices) == ("done", 0, one.most, [None] * len(one.injects))
        assert "Hết buổi DIỄN TẬP" in "\n".join(house.texts())

    def test_choices_are_scored_changed_in_time_and_missed_when_late(self, house):
        number = house.start()
        one = drill.of(house.run(number).document)
        best = [i.choices.index(i.best) for i in one.injects]
        wrong = [next(n for n, c in enumerate(i.choices) if c.points == 0) for i in one.injects]
        house.tap(number, 0, wrong[0])
        house.tap(number, 0, best[0])
        house.clock.forward(minutes=one.ends_at(0))
        house.plan()
        assert "đã qua" in house.tap(number, 0, wrong[0]).says[0].text
        house.tap(number, 1, wrong[1])
        for at in range(1, len(one.injects)):
            house.clock.forward(minutes=one.ends_at(at) - one.injects[at].minute)
            house.plan()
        run = house.run(number)
        assert run.choices == [best[0], wrong[1], *[None] * (len(one.injects) - 2)]
        assert (run.state, run.score) == ("done", one.injects[0].best.points)

    def test_many_workers_send_each_inject_once(self, house):
        number = house.start()
        one = drill.of(house.run(number).document)
        house.clock.forward(minutes=one.ends_at(0))
        workers = [threading.Thread(target=house.plan) for _ in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert (len(house.texts()), house.run(number).step) == (1, 1)

    def test_quick_goes_on_with_each_answer_and_ends_with_the_debrief(self, house):
        number = house.start(quick=True)
        one = drill.of(house.run(number).document)
        for step, inject in enumerate(one.injects):
            told = house.tap(number, step, inject.choices.index(inject.best))
        assert told.ended and f"Điểm: {one.most}/{one.most}" in told.says[0].text
        assert (house.run(number).score, house.run(number).state) == (one.most, "done")
        house.clock.forward(days=2)
        assert (house.plan(), house.texts()) == (0, [])

    def test_a_quick_one_left_lying_is_closed_without_a_word(self, house):
        number = house.start(quick=True)
        house.clock.forward(hours=25)
        assert (house.plan(), house.texts(), house.run(number).state) == (0, [], "cancelled")

    def test_an_inject_far_too_late_waits_for_the_day(self, house):
        number = house.start()
        house.clock.at = local(house.clock.at).replace(hour=23)
        assert (house.plan(), house.run(number).step) == (0, 0)
        house.clock.forward(hours=9)
        assert (house.plan(), house.run(number).step) == (1, 1)

    def test_typed_letters_answer_it_and_other_words_are_for_others(self, house):
        number = house.start()
        with house.database.read() as session:
            talk = house.talk(session)
            expect = drills.expectation(session, talk)
            assert talk.awaiting == f"drill:{number}" and len(expect["options"]) == 4
        one = drill.of(house.run(number).document)
        house.type(number, "b")
        (chosen,) = house.run(number).choices
        assert one.injects[0].choices[chosen].text == expect["options"][1]

    def test_a_button_of_an_incident_that_is_over(self, house):
        number = house.start(quick=True)
        with house.database.write() as session:
            drills.stop(session, house.talk(session), house.clock())
        assert house.tap(number, 0, 0).says[0].text.startswith("Đây là buổi DIỄN TẬP")
        assert house.run(number).choices == [None]

    def test_one_at_a_time_and_an_unknown_one_not_at_all(self, house):
        first, second = house.start(), house.start("mat-may-lo-danh-sach", quick=True)
        assert [house.run(n).state for n in (first, second)] == ["cancelled", "running"]
        with house.database.write() as session, pytest.raises(LookupError):
            drills.start_incident(session, house.talk(session), COURSES, "khong-co", True, house.clock())

    def test_it_is_shown_again_on_demand(self, house):
        number = house.start()
        with house.database.write() as session:
            told = drills.going(session, house.talk(session))
        assert told.run_id == number and "diễn biến 1/" in told.says[0].text
        house.start("mat-may-lo-danh-sach", quick=True)
        with house.database.write() as session:
            drills.stop(session, house.talk(session), house.clock())
            assert drills.going(session, house.talk(session)) is None


class TestStopping:
    def test_one_tap_ends_all_and_withdraws_the_consent(self, house):
        waiting, running = house.agree(), house.start()
        with house.database.write() as session:
            talk = house.talk(session)
            assert drills.stop(session, talk, house.clock()).count == 2
            assert "drills" not in people.consents(session, talk.citizen_id)
        assert [house.run(n).state for n in (waiting, running)] == ["cancelled", "cancelled"]
        house.clock.forward(days=30)
        assert (house.plan(), house.texts()) == (0, [])

    def test_a_fake_message_that_is_out_is_explained_and_one_in_the_queue_taken_back(self, house):
        house.send()
        with house.database.write() as session:
            stopped = drills.stop(session, house.talk(session), house.clock())
            assert "tin DIỄN TẬP" in stopped.fake and house.talk(session).awaiting is None
        assert house.texts() == []

    @pytest.mark.parametrize("purposes", [["drills"], ["reminders"], ["learning", "reminders"]])
    def test_withdrawing_consent_ends_them(self, house, purposes):
        number = house.agree()
        with house.database.write() as session:
            people.withdraw(session, house.talk(session), purposes, house.clock())
            assert "drills" not in people.consents(session, house.talk(session).citizen_id)
        assert house.run(number).state == "cancelled"

    def test_withdrawing_something_else_does_not(self, house):
        number = house.agree()
        with house.database.write() as session:
            people.withdraw(session, house.talk(session), ["learning"], house.clock())
        assert house.run(number).state == "waiting"

    def test_reminders_withdrawn_without_drills_write_nothing_about_drills(self, database, clock):
        with database.write() as session:
            talk = talk_of(session, consent=("reminders",), now=clock())
            people.withdraw(session, talk, ["reminders"], clock())
            assert set(session.scalars(select(Consent.purpose))) == {"reminders"}

    def test_erasure_leaves_no_drill(self, house):
        house.agree(), house.start()
        with house.database.write() as session:
            talk = house.talk(session)
            people.erase(session, talk, house.clock())
            people.forget(session, talk.id)
            assert session.scalar(select(func.count()).select_from(DrillRun)) == 0
        house.clock.forward(days=8)
        assert (house.plan(), house.texts()) == (0, [])
