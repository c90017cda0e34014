"""News in the chat: asked for with a consent of its own, by topic and commune, and left by one word."""

import pytest

from actions import account, learning, news, talk
from bot.app import App
from bot.config import Settings
from bot.services import news as wanting
from bot.services import outbox, people
from bot.store.tables import Citizen, NewsTopic
from tests.databases import sqlite_at
from tests.factories import FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat


@pytest.fixture
def chat(tmp_path):
    """A chat of somebody who has agreed to nothing."""
    database = sqlite_at(tmp_path / "bot.db")
    app = App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    with database.write() as session:
        yield Chat(app, session, talk_of(session))
    database.close()


def consents(chat) -> set[str]:
    return people.consents(chat.session, chat.talk.citizen_id)


def topics(chat) -> list[str]:
    return wanting.topics_of(chat.session, chat.talk.citizen_id)


def test_asking_keeps_nothing_and_says_what_will_be_kept(chat):
    said = chat.do(news.subscribe_news, "cho tôi nhận tin của phường Hoa Lư")
    assert "nhiều nhất một tin một ngày" in said and "nơi ở là Phường Hoa Lư" in said and "DỪNG" in said
    assert chat.talk.citizen_id is None and chat.titles[0] == "Nhận mọi tin" and chat.titles[-1] == "Không"


def test_the_button_is_the_consent_to_news_alone(chat):
    chat.do(news.subscribe_news, "đăng ký nhận tin phường Hoa Lư")
    assert "Đã đăng ký: Cảnh báo lừa đảo" in chat.tap(account.consent_give, "Cảnh báo lừa đảo")
    assert consents(chat) == {"news"} and topics(chat) == ["scam"] and chat.talk.address == "address"
    assert chat.session.get_one(Citizen, chat.talk.citizen_id).commune == "Phường Hoa Lư"
    assert "Đăng ký nhận tin: Cảnh báo lừa đảo" in chat.do(account.my_data)


def test_a_bare_yes_means_all_topics_and_the_commune_is_asked_for(chat):
    chat.do(news.subscribe_news, "cho tôi nhận tin")
    assert "tôi ở phường Hoa Lư" in chat.do(talk.affirm, "có")
    assert topics(chat) == list(wanting.TOPICS)
    chat.do(account.set_commune, "tôi ở phường Hoa Lư")
    assert chat.session.get_one(Citizen, chat.talk.citizen_id).commune == "Phường Hoa Lư"


def test_a_bare_no_keeps_nothing(chat):
    chat.do(news.subscribe_news, "cho tôi nhận tin")
    chat.do(talk.deny, "không")
    assert chat.talk.citizen_id is None


def test_whoever_has_it_may_change_the_topics(chat):
    chat.do(news.subscribe_news, "cho tôi nhận tin")
    chat.tap(account.consent_give, "Nhận mọi tin")
    assert "Bạn đang nhận:" in chat.do(news.subscribe_news, "cho tôi nhận tin")
    chat.tap(account.consent_give, "Khóa học mới")
    assert topics(chat) == ["course"]


def joined(chat, *more: str) -> None:
    people.give_consent(chat.session, chat.talk, "address", ["news", *more], chat.clock())
    wanting.choose(chat.session, chat.talk.citizen_id, [])


@pytest.mark.parametrize("words", ["dừng nhận tin", "Thôi nhận tin.", "huy nhan tin"])
def test_words_about_the_news_end_the_news_alone(chat, words):
    joined(chat, "reminders")
    assert "Đã dừng nhận tin" in chat.do(news.unsubscribe, words)
    assert consents(chat) == {"reminders"} and chat.session.query(NewsTopic).all() == []


def test_the_button_below_a_piece_of_news_ends_it(chat):
    joined(chat, "reminders")
    chat.do(news.unsubscribe, value="news")
    assert consents(chat) == {"reminders"}


def news_came(chat) -> None:
    ident = outbox.enqueue(chat.session, chat.talk, "n1", "news", {"text": "Tin"}, chat.clock())
    outbox.sent(chat.session, ident, "p", chat.clock())


@pytest.mark.parametrize("act", [news.unsubscribe, learning.stop_lesson])
def test_a_bare_stop_after_news_ends_it_however_it_is_understood(chat, act):
    joined(chat, "reminders")
    news_came(chat)
    assert "Đã dừng nhận tin" in chat.do(act, "DỪNG") and consents(chat) == {"reminders"}


def test_a_bare_stop_in_a_lesson_or_without_news_ends_no_news(chat):
    joined(chat)
    chat.do(learning.stop_lesson, "dừng")
    assert consents(chat) == {"news"}
    news_came(chat)
    chat.talk.lesson_on_screen = True
    chat.do(learning.stop_lesson, "dừng")
    assert consents(chat) == {"news"}


def test_no_more_messages_at_all_ends_everything(chat):
    joined(chat, "reminders")
    assert "không tự nhắn cho bạn nữa" in chat.do(news.unsubscribe, "đừng nhắn gì cho tôi nữa")
    assert consents(chat) == set()
