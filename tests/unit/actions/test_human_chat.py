"""Asking for a person in the chat: the hours and the queue are said as they are, and there is always another way."""

import pytest
from sqlalchemy import select

from actions import human
from bot import places
from bot.app import App
from bot.clock import local
from bot.config import Settings
from bot.store.tables import CommuneSheet, HumanTalk, StaffSession
from tests.announcing import member
from tests.databases import sqlite_at
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat


@pytest.fixture
def chat(tmp_path):
    database = sqlite_at(tmp_path / "bot.db")
    app = App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    with database.write() as session:
        yield Chat(app, session, talk_of(session))
    database.close()


def officer(chat) -> None:
    one = member(chat.session, "can-bo", "officer")
    chat.session.add(StaffSession(token_hash="x" * 64, staff_id=one.id, csrf="x", created_at=chat.clock(), seen_at=chat.clock()))
    chat.session.flush()


def test_outside_the_hours_they_are_said_with_where_to_go(chat):
    officer(chat)
    chat.clock.at = TUESDAY_TEN.replace(hour=20)
    said = chat.do(human.request_human, "cho tôi gặp cán bộ")
    assert "thứ Hai đến thứ Sáu, 07:30–11:30 và 13:30–17:00" in said and "Trung tâm Phục vụ hành chính công" in said and chat.titles == ["Gửi phản ánh"]
    assert chat.session.scalars(select(HumanTalk)).all() == []


def test_with_nobody_there_nobody_is_made_to_wait(chat):
    said = chat.do(human.request_human, "cho tôi gặp cán bộ")
    assert "không có cán bộ nào đang mở máy" in said and chat.titles == ["Gửi phản ánh"]


def test_contacts_of_the_commune_are_said_when_they_are_known(chat):
    chat.session.add(CommuneSheet(code=places.code_of("Phường Hoa Lư"), name="Phường Hoa Lư", formerly=[], site="hoalu.ninhbinh.gov.vn",
                                  source="Trang của phường", checked_on=local(chat.clock()).date(), updated_by="x", updated_at=chat.clock()))
    chat.session.flush()
    assert "hoalu.ninhbinh.gov.vn" in chat.do(human.request_human, "cho tôi gặp cán bộ phường Hoa Lư")
    assert "hoalu.ninhbinh.gov.vn" not in chat.do(human.request_human, "cho tôi gặp cán bộ")


def test_waiting_sharing_and_giving_up(chat):
    officer(chat)
    said = chat.do(human.request_human, "cho tôi gặp cán bộ phường Hoa Lư")
    assert "đứng thứ 1" in said and "Quá 5 phút" in said
    row = chat.session.scalars(select(HumanTalk)).one()
    assert (row.state, row.commune, chat.talk.address) == ("waiting", "Phường Hoa Lư", "address")
    payloads = dict(chat.last[-1].buttons)
    assert "Đã kèm" in chat.do(human.request_human, value="share") and '"end"' in payloads["Thôi, không chờ nữa"]
    assert "lại trả lời bạn" in chat.do(human.request_human, value="end")
    assert chat.session.get_one(HumanTalk, row.id).why == "citizen"
    for value in ("end", "share"):
        assert "không chờ cán bộ nào" in chat.do(human.request_human, value=value)
