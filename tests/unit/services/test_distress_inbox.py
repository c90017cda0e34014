"""Who speaks of wanting to die is answered as the message is stored; of the words nothing is kept, and nothing is worked out of them."""

import pytest
from sqlalchemy import inspect, select, text

from bot.reminders import staffed
from bot.services import handover, inbox
from bot.store.tables import HumanLine, HumanTalk, Inbound, Outbound, StaffSession
from tests.announcing import member
from tests.factories import KEY, TUESDAY_TEN, incoming, talk_of

WORDS = "buồn lắm, tôi muốn chết cho xong"
HOURS = staffed.read("1-5 07:30-11:30 13:30-17:00")


@pytest.fixture
def session(database):
    with database.write() as found:
        yield found


def hear(session, words: str, number: str = "1", **more):
    return inbox.store(session, KEY, incoming(number, words, **more), TUESDAY_TEN)


def said(session) -> list[str]:
    return [row.body["text"] for row in session.scalars(select(Outbound).order_by(Outbound.id))]


@pytest.mark.parametrize("channel", ["web", "telegram", "zalo_oa"])
def test_one_humane_answer_without_buttons_and_nothing_for_rasa(session, channel):
    stored = hear(session, WORDS, channel=channel)
    row = session.get_one(Inbound, stored.inbox_id)
    assert not stored.new and (row.state, row.text, row.payload, row.address) == ("done", None, None, None)
    (answer,) = session.scalars(select(Outbound))
    for words in ("Đừng ở một mình", "trạm y tế", "cấp cứu", "công an xã, phường", "lo cho người khác"):
        assert words in answer.body["text"]
    assert not answer.body["buttons"] and "khai tử" not in answer.body["text"] and "khóa" not in answer.body["text"]
    assert inbox.claim(session, TUESDAY_TEN) is None


def test_the_words_stand_in_no_table(session):
    hear(session, f"quanhque7, {WORDS}")
    session.flush()
    tables = inspect(session.connection()).get_table_names()
    assert len(tables) > 30
    for table in tables:
        assert "quanhque7" not in str(session.execute(text(f'SELECT * FROM "{table}"')).all())


def test_it_comes_once_and_again_when_it_is_said_again(session):
    hear(session, WORDS)
    hear(session, WORDS)
    assert len(said(session)) == 1
    hear(session, "toi muon chet", "2")
    assert len(said(session)) == 2


def test_who_was_robbed_as_well_reads_a_word_about_that(session):
    hear(session, "bị lừa mất hết tiền rồi, em muốn chết quá")
    assert "không phải lỗi của bạn" in said(session)[0] and "số in sau thẻ" in said(session)[0]


def test_an_open_question_and_lesson_stay_open(session):
    talk = talk_of(session, "sender-one-0123456")
    talk.awaiting, talk.lesson_on_screen = "learner", True
    hear(session, WORDS, address="sender-one-0123456")
    assert (talk.awaiting, talk.lesson_on_screen) == ("learner", True) and len(said(session)) == 1


def test_figures_of_speech_are_taken_as_ever(session):
    assert hear(session, "mệt muốn chết").new and said(session) == []


@pytest.mark.parametrize("state", ["waiting", "on"])
def test_an_officer_who_is_asked_for_or_there_reads_it_and_the_answer_comes_all_the_same(session, state):
    officer = member(session, "can-bo", "officer")
    session.add(StaffSession(token_hash="s".ljust(64, "0"), staff_id=officer.id, csrf="x", created_at=TUESDAY_TEN, seen_at=TUESDAY_TEN))
    talk = talk_of(session, "sender-one-0123456")
    assert handover.request(session, talk, "address-1", None, HOURS, TUESDAY_TEN).kind == "waiting"
    if state == "on":
        handover.take(session, officer, session.scalars(select(HumanTalk)).one().id, TUESDAY_TEN)
    hear(session, WORDS, address="sender-one-0123456")
    hear(session, WORDS, address="sender-one-0123456")
    assert [line.text for line in session.scalars(select(HumanLine)) if line.by == "citizen"] == [WORDS]
    assert sum("Đừng ở một mình" in words for words in said(session)) == 1
