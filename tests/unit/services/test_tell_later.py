"""Whoever agreed to it is told once, by day, when their question can be answered; then it is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.reminders import policy
from bot.services import catalogue as catalogues
from bot.services import outbox, people, retention, switches, tell_later
from bot.services.catalogue import Catalogue
from bot.store.tables import Consent, Conversation, Outbound, Switch, WaitingQuestion
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of
from tests.unit.procedure_desk import BIRTH, fill, record

QUESTION = "xin giấy phép nuôi cá sấu nước ngọt"
CODE = "9.000007"


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def desk(database, clock):
    fill(database, TUESDAY_TEN - timedelta(days=1))
    found = Catalogue(database)
    found.refresh()
    return found


def wait(database, clock, question=QUESTION, address="a-waiting-citizen-1"):
    with database.write() as session:
        talk = talk_of(session, address, channel="telegram", now=clock())
        offer = tell_later.offer(session, talk, question, False, clock())
        assert tell_later.agree(session, talk, address, offer, clock()) is not None
        return talk.id


def answer_comes(database, clock, code=CODE, name="Cấp giấy phép nuôi cá sấu nước ngọt"):
    with database.write() as session:
        row = catalogues.ImportedProcedure.model_validate(record(code, name))
        catalogues.put(session, "imported", {code: row.model_dump(mode="json")}, clock.forward(hours=1))


def look(database, desk, clock):
    return tell_later.look(database, desk, clock)


def sent(database) -> list[Outbound]:
    with database.read() as session:
        return list(session.scalars(select(Outbound).where(Outbound.kind == "answer_ready").order_by(Outbound.id)))


def waiting(database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(WaitingQuestion))


def test_who_waits_is_told_with_the_button_of_the_procedure_and_once(database, desk, clock):
    wait(database, clock)
    assert look(database, desk, clock) == 0 and sent(database) == []
    answer_comes(database, clock)
    assert look(database, desk, clock) == 1
    [message] = sent(database)
    assert QUESTION in message.body["text"] and "24/11" in message.body["text"] and "cá sấu" in message.body["text"]
    assert [b["title"] for b in message.body["buttons"]] == ["Xem câu trả lời"]
    assert (message.priority, message.address) == (outbox.BULK, "a-waiting-citizen-1")
    clock.forward(days=1)
    assert look(database, desk, clock) == 0 and len(sent(database)) == 1 and waiting(database) == 0
    with database.read() as session:  # the consent has served its purpose, and so has the address
        talk = session.scalars(select(Conversation).where(Conversation.channel == "telegram")).one()
        assert people.consents(session, talk.citizen_id) == set() and talk.address is None
        assert [c.given for c in session.scalars(select(Consent).where(Consent.purpose == "answers").order_by(Consent.id))] == [True, False]


def test_two_workers_tell_once(database, desk, clock):
    wait(database, clock)
    answer_comes(database, clock)
    assert look(database, desk, clock) + look(database, Catalogue(database), clock) == 1
    assert len(sent(database)) == 1


def test_it_comes_by_day_and_not_in_the_middle_of_a_talk(database, desk, clock):
    wait(database, clock)
    answer_comes(database, clock)
    clock.at = clock.at.replace(hour=22)
    assert look(database, desk, clock) == 0
    clock.at = clock.at.replace(hour=7) + timedelta(days=1)
    with database.write() as session:
        session.scalars(select(Conversation)).one().seen_at = clock()
    assert look(database, desk, clock) == 0
    clock.forward(minutes=14)
    assert look(database, desk, clock) == 0
    clock.forward(minutes=1)
    assert look(database, desk, clock) == 1


def test_it_is_the_one_message_of_its_day(database, desk, clock):
    ident = wait(database, clock)
    answer_comes(database, clock)
    body = {"text": "Ôn nhé", "buttons": []}
    with database.write() as session:
        talk = session.get_one(Conversation, ident)
        assert outbox.enqueue(session, talk, policy.day_cause(talk.citizen_id, clock()), "nudge", body, clock()) is not None
    assert look(database, desk, clock) == 0 and waiting(database) == 1
    clock.at = clock.at.replace(hour=23)
    assert look(database, desk, clock) == 0
    clock.at = clock.at.replace(hour=7) + timedelta(days=1)
    assert look(database, desk, clock) == 1
    with database.write() as session:
        talk = session.get_one(Conversation, ident)
        assert outbox.enqueue(session, talk, policy.day_cause(talk.citizen_id, clock()), "nudge", body, clock()) is None


def test_several_answers_come_in_one_message(database, desk, clock):
    for question in (QUESTION, QUESTION, "đăng ký bến đò ngang chở khách"):
        wait(database, clock, question)
    answer_comes(database, clock)
    answer_comes(database, clock, "9.000008", "Đăng ký bến đò ngang chở khách")
    assert look(database, desk, clock) == 1
    assert len(sent(database)[0].body["buttons"]) == 2 and waiting(database) == 0


def test_what_is_found_by_name_only_is_no_answer(database, desk, clock):
    wait(database, clock)
    with database.write() as session:
        doc = {"code": CODE, "name": "Giấy phép nuôi cá sấu nước ngọt", "ways": [QUESTION, "a b", "c d"], "field": "", "level": "Cấp xã", "known": "name_only"}
        catalogues.put(session, "ways", {CODE: doc}, clock.forward(hours=1))
    desk.refresh()
    assert desk.index.search(QUESTION).decision == "answer"
    assert look(database, desk, clock) == 0 and waiting(database) == 1


def test_nothing_is_sent_while_it_is_switched_off(database, desk, clock):
    wait(database, clock)
    answer_comes(database, clock)
    with database.write() as session:
        session.merge(Switch(name="questions", off=True, why="cập nhật", until=None, changed_at=clock(), staff_id=None))
    assert "questions" in switches.NAMES and look(database, desk, clock) == 0
    with database.write() as session:
        session.get_one(Switch, "questions").off = False
    assert look(database, desk, clock) == 1


# agreeing, and taking it back

def test_an_offer_lasts_a_day_and_belongs_to_its_chat(database, desk, clock):
    with database.write() as session:
        talk, other = talk_of(session, "one-citizen-000001"), talk_of(session, "two-citizen-000002")
        offer = tell_later.offer(session, talk, QUESTION, False, clock())
        assert tell_later.agree(session, other, "x", offer, clock()) is None
        assert tell_later.agree(session, other, "x", None, clock()) is None and other.citizen_id is None
        clock.forward(days=1, seconds=1)
        assert tell_later.agree(session, talk, "x", offer, clock()) is None
        assert tell_later.clean(session, clock()) == 1


def test_said_in_words_the_newest_offer_is_meant_and_twice_is_once(database, desk, clock):
    with database.write() as session:
        talk = talk_of(session)
        first, second = (tell_later.offer(session, talk, q, False, clock()) for q in ("một", "hai"))
        assert tell_later.agree(session, talk, "x", None, clock()).id == second
        assert tell_later.agree(session, talk, "x", second, clock()).id == second
        assert tell_later.agree(session, talk, "x", first, clock()).id == first
        assert tell_later.count(session, talk) == people.known_about(session, talk)["waiting"] == 2
        assert people.consents(session, talk.citizen_id) == {"answers"}


def test_no_more_than_ten_wait(database, desk, clock):
    with database.write() as session:
        talk = talk_of(session)
        offers = [tell_later.offer(session, talk, str(n), False, clock()) for n in range(11)]
        agreed = [tell_later.agree(session, talk, "x", o, clock()) is not None for o in offers]
        assert agreed == [True] * 10 + [False]


def test_after_half_a_year_it_is_forgotten(database, desk, clock):
    wait(database, clock)
    clock.forward(days=180)
    retention.run(database, clock())
    assert waiting(database) == 1
    clock.forward(seconds=1)
    retention.run(database, clock())
    assert waiting(database) == 0


@pytest.mark.parametrize("how", ["unsubscribe", "erase"])
def test_who_wants_nothing_more_is_told_nothing_more(database, desk, clock, how):
    ident = wait(database, clock)
    answer_comes(database, clock)
    with database.write() as session:
        talk = session.get_one(Conversation, ident)
        if how == "unsubscribe":
            people.withdraw(session, talk, ["reminders"], clock())
        else:
            people.erase(session, talk, clock())
            people.forget(session, ident)
    assert waiting(database) == 0 and look(database, desk, clock) == 0


def test_a_message_that_waits_in_the_outbox_is_taken_back(database, desk, clock):
    ident = wait(database, clock)
    answer_comes(database, clock)
    look(database, desk, clock)
    with database.write() as session:
        talk = session.get_one(Conversation, ident)
        people.give_consent(session, talk, "x", ["answers"], clock())
        people.withdraw(session, talk, ["reminders"], clock())
    assert sent(database) == []


def test_a_chat_that_moves_takes_its_questions_along(database, desk, clock):
    ident = wait(database, clock)
    with database.write() as session:
        new = people.move(session, b"a key for tests", session.get_one(Conversation, ident), "another-address-0001", clock())
        assert session.scalars(select(WaitingQuestion.conversation_id)).one() == new.id != ident


def test_an_answer_held_by_the_platform_is_not_dropped_for_a_later_nudge(database, desk, clock):
    ident = wait(database, clock)
    answer_comes(database, clock)
    look(database, desk, clock)
    with database.write() as session:
        talk = session.get_one(Conversation, ident)
        outbox.enqueue(session, talk, policy.day_cause(talk.citizen_id, clock.forward(days=1)), "nudge", {"text": "Ôn", "buttons": []}, clock())
        for one in session.scalars(select(Outbound)).all():
            one.state = "sending"  # a worker has it, and the platform takes nothing
            session.flush()
            outbox.hold(session, one)
        assert outbox.release(session, talk, clock()) == 2


def test_a_text_taken_out_again_leaves_the_question_waiting(database, desk, clock):
    wait(database, clock)
    with database.write() as session:
        session.scalars(select(WaitingQuestion)).one().code = "9.999999"
    clock.forward(hours=1)
    assert look(database, desk, clock) == 0 and waiting(database) == 1
    with database.read() as session:
        assert session.scalars(select(WaitingQuestion.code)).one() is None
    assert desk.facts(BIRTH) is not None
