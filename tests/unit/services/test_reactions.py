"""What people do with answers: noted once, by what was on their screen, tied to nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from bot.services import reactions
from bot.store.tables import Reaction
from tests.factories import TUESDAY_TEN, talk_of

A, B = "1.001193", "1.000656"


def button(code: str, aspect: str = "overview") -> dict:
    return {"title": "nút", "payload": f'/choose_procedure{{"value": "{code}|{aspect}"}}', "numbered": True}


NONE = {"title": "Không phải các mục này", "payload": "/bot_wrong"}
ANSWER = [button(A, "papers"), button(A, "place")]
CHOICES = [button(A), button(B), NONE]
COMPARED = [button(A), button(B)]


@pytest.fixture
def talk(database):
    with database.write() as session:
        yield session, talk_of(session)


def noted(session) -> list[tuple]:
    return [(r.kind, r.procedure_code, r.aspect, r.channel, r.commune) for r in session.scalars(select(Reaction).order_by(Reaction.id))]


@pytest.mark.parametrize(("offered", "code"), [
    (ANSWER, A), (CHOICES, None), (COMPARED, None), ([], None), ([{"title": "x", "payload": "/help_menu"}], None), ([button(A), NONE], None),
    ([*ANSWER, {"title": "Đồng ý", "payload": '/consent_give{"value": "learning"}'}], A)])
def test_whose_answer_is_on_the_screen(offered, code):
    class Talk:
        pass

    talk = Talk()
    talk.offered = offered
    assert reactions.answer_on_screen(talk) == code


@pytest.mark.parametrize(("offered", "code", "aspect", "kinds"), [
    (CHOICES, B, "fee", [("chosen", B, "fee")]), (ANSWER, A, "place", [("more", A, "place")]), (COMPARED, A, "overview", []),
    ([], A, "papers", [("more", A, "papers")]), ([NONE], A, "overview", [])])
def test_a_button_is_a_choice_or_asks_for_more(talk, offered, code, aspect, kinds):
    session, one = talk
    one.offered = offered
    reactions.pressed(session, one, "Phường Hoa Lư", code, aspect, TUESDAY_TEN)
    session.flush()
    assert noted(session) == [(*kind, "web", "Phường Hoa Lư") for kind in kinds]


def test_the_day_is_the_province_s(talk):
    session, one = talk
    reactions.note(session, one, None, "denied", A, "overview", TUESDAY_TEN.replace(hour=0, minute=1))
    session.flush()
    assert session.scalar(select(Reaction.day)) == TUESDAY_TEN.date()


def test_a_visit_begins_after_six_quiet_hours(talk):
    _, one = talk
    assert reactions.first_question(one, TUESDAY_TEN)
    assert not reactions.first_question(one, TUESDAY_TEN + timedelta(hours=6))
    assert not reactions.first_question(one, TUESDAY_TEN + timedelta(hours=11))
    assert reactions.first_question(one, TUESDAY_TEN + timedelta(hours=17, seconds=1))


def test_nothing_leads_to_a_person(database):
    columns = {c["name"] for c in inspect(database.engine).get_columns("reactions")}
    assert columns == {"id", "day", "kind", "procedure_code", "aspect", "channel", "commune"}
