"""Not covered: the button to be told later, what it stores, and what else the chat says about it."""

import pytest
from sqlalchemy import select

from actions import account, procedures, waiting
from bot.app import App
from bot.config import Settings
from bot.services import tell_later
from bot.store.tables import Asked, WaitingQuestion
from tests.databases import sqlite_at
from tests.factories import FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat
from tests.unit.procedure_desk import fill

QUESTION = "phóng tên lửa lên mặt trăng thì xin ai"


@pytest.fixture
def chat(tmp_path):
    """A chat of somebody who has agreed to nothing."""
    database = sqlite_at(tmp_path / "bot.db")
    fill(database)
    app = App(Settings(_env_file=None, database_url=database.url, var=tmp_path), database, FrozenClock())
    app.catalogue.refresh()
    with database.write() as session:
        yield Chat(app, session, talk_of(session))
    database.close()


def buttons(chat) -> dict[str, str]:
    return dict(chat.last[-1].buttons)


def value_of(payload: str) -> str:
    return payload.split('"value": "')[1].partition('"')[0]


def test_pressing_the_button_is_the_consent_and_the_sentence_says_so(chat):
    said = chat.do(procedures.answer_procedure, QUESTION)
    assert "Tôi chưa có thủ tục này" in said and "là bạn đồng ý" in said and "180 ngày" in said
    assert tell_later.count(chat.session, chat.talk) == 0 and chat.talk.citizen_id is None
    offer = value_of(buttons(chat)["Báo tôi khi có câu trả lời"])
    assert "tôi nhắn bạn một lần" in chat.do(waiting.tell_me_later, value=offer)
    row = chat.session.scalars(select(WaitingQuestion)).one()
    assert (row.question, row.logged, row.agreed_at, chat.talk.address) == (QUESTION, False, chat.clock(), "address")
    assert chat.session.scalars(select(Asked.text)).one() is None  # that consent is another one
    assert "Câu hỏi chờ báo lại: 1" in chat.do(account.my_data)


def test_the_same_in_words_means_the_question_just_asked(chat):
    assert "gõ lại câu hỏi" in chat.do(waiting.tell_me_later, "báo tôi khi có câu trả lời")
    chat.do(procedures.answer_procedure, QUESTION)
    assert "tôi nhắn bạn một lần" in chat.do(waiting.tell_me_later, "báo tôi khi có câu trả lời")
    assert chat.session.scalars(select(WaitingQuestion.agreed_at)).one() == chat.clock()


def test_what_can_be_answered_or_is_only_looked_up_offers_nothing(chat):
    chat.do(procedures.answer_procedure, "làm khai sinh")
    assert "Báo tôi khi có câu trả lời" not in buttons(chat)
    assert chat.session.scalars(select(WaitingQuestion)).all() == []


def test_whoever_waits_for_ten_is_told_so(chat):
    for n in range(tell_later.MOST):
        tell_later.agree(chat.session, chat.talk, "address", tell_later.offer(chat.session, chat.talk, str(n), False, chat.clock()), chat.clock())
    chat.do(procedures.answer_procedure, QUESTION)
    assert "mức nhiều nhất" in chat.do(waiting.tell_me_later, value=value_of(buttons(chat)["Báo tôi khi có câu trả lời"]))
