"""A citizen types the name of a unit that staff added yesterday: understood, while Rasa has never seen it; nothing else is taken for one."""

import pytest
from sqlalchemy import event

from actions import account
from bot import places
from bot.app import App
from bot.config import Settings
from bot.gateway import Gateway
from bot.places import home
from bot.services import communes, inbox
from bot.services.communes import Form
from bot.store.tables import Citizen
from tests.databases import sqlite_at
from tests.factories import KEY, TUESDAY_TEN, FrozenClock, incoming, talk_of
from tests.unit.actions.test_learning_view import Chat
from tests.unit.services.test_communes import WHO


@pytest.fixture(autouse=True)
def as_shipped():
    yield
    places.know(places.shipped())


@pytest.fixture
def app(tmp_path):
    database = sqlite_at(tmp_path / "bot.db")
    with database.write() as session:
        communes.add(session, WHO, "99001", Form("Xã Bến Mới", formerly="Xã Thượng Kiệm Tây\nThị trấn Chợ Bến"), TUESDAY_TEN)
    communes.refresh(database)
    yield App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    database.close()


HOME = ["tôi ở xã Bến Mới", "toi o xa ben moi", "xã Bến Mới", "Bến Mới", "ben moi", "bác ở Bến Mới", "dạ em ở bến mới ạ",
        "nhà cháu ở xã Bến Mới, tỉnh Ninh Bình", "quê tôi ở Bến Mới",
        "tôi vừa chuyển về Bến Mới rồi nhé", "Chợ Bến", "tôi ở thị trấn Chợ Bến cũ", "tôi là dân xã thượng kiệm tây"]
OTHER = ["tôi ở phường Hoa Lư", "Hoa Lư", "tôi ở bến mới được không?", "ubnd xã Bến Mới ở đâu", "đăng ký khai sinh ở xã Bến Mới", "tin của xã Bến Mới",
         "tôi ở đâu", "bến xe mới", "", "tôi ở xã Bến Mới vừa bị lừa chuyển tiền", "Bến Mới " * 20]


@pytest.mark.parametrize("text", HOME)
def test_living_there_is_understood(app, text):
    assert home.is_said(text) and places.find(text).communes == ("Xã Bến Mới",)


@pytest.mark.parametrize("text", OTHER)
def test_everything_else_is_left_to_rasa(app, text):
    assert not home.is_said(text)


@pytest.mark.parametrize("text", HOME)
def test_nothing_changes_while_staff_have_added_nothing(text):
    assert not home.is_said(text)


def claimed(app, text: str) -> tuple[str | None, int]:
    """(what Rasa gets beside the words, statements it took)."""
    with app.database.write() as session:
        stored = inbox.store(session, KEY, incoming(text, text), TUESDAY_TEN)
    statements = []
    listen = lambda *given: statements.append(given[2])
    event.listen(app.database.engine, "before_cursor_execute", listen)
    payload = Gateway(app, None)._claim(stored.conversation_id)[2]
    event.remove(app.database.engine, "before_cursor_execute", listen)
    with app.database.write() as session:
        session.query(inbox.Inbound).delete()
    return payload, len(statements)


def test_rasa_gets_the_intent_and_the_database_no_statement_more(app):
    payload, spent = claimed(app, "bác ở Bến Mới")
    assert payload == '/set_commune{"value": "said:bác ở Bến Mới"}'
    assert claimed(app, "bác ở Hoa Lư") == (None, spent)


def test_what_answers_a_question_stays_its_answer(app):
    with app.database.write() as session:
        talk = talk_of(session)
        talk.awaiting = "words:give_feedback"
    assert claimed(app, "Bến Mới")[0] is None


@pytest.mark.parametrize(("consent", "known"), [(("learning",), "Xã Bến Mới"), ((), None)])
def test_it_is_kept_only_with_consent(app, consent, known):
    with app.database.write() as session:
        talk = talk_of(session, consent=consent)
        said = Chat(app, session, talk).do(account.set_commune, value="said:bác ở Bến Mới")
        assert "Xã Bến Mới" in said
        assert (session.get_one(Citizen, talk.citizen_id).commune if talk.citizen_id else None) == known


def test_an_old_name_leads_to_the_new_unit(app):
    with app.database.write() as session:
        said = Chat(app, session, talk_of(session, consent=("learning",))).do(account.set_commune, value="said:tôi ở thị trấn Chợ Bến cũ")
    assert "Thị trấn Chợ Bến nay thuộc Xã Bến Mới." in said
